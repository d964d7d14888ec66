//! Closing an account: what is personal is erased, the books are kept.

use domain::declined::{ClosingRefusal, Declined};
use domain::{CustomerId, Email, WalletId};
use sqlx::PgConnection;
use time::Duration;

use crate::email::{self, Letter};
use crate::error::{Error, Fault};
use crate::{Ledger, books, card, refill};

/// Runs a statement about one person or one wallet.
macro_rules! erase {
    ($tx:expr, $whose:expr, $sql:literal) => {
        sqlx::query!($sql, $whose).execute(&mut *$tx).await?
    };
}

impl Ledger {
    /// Whether the account may be closed now but for what can still be refunded. Nothing is written.
    pub async fn require_closable(&self, wallet_id: WalletId) -> Result<(), Error> {
        let mut tx = self.web().begin().await?;
        Ok(require_quiet(&mut tx, wallet_id).await?)
    }

    /// Closes the account; again is *not found*, for nobody is signed in to it any more.
    ///
    /// What can be refunded is refunded before ([`Ledger::refund_everything`]), each by an act of its own, and
    /// stands in `held` until Stripe has answered: so an account with anything on hold is not closed yet. Entries, calls and
    /// messages stay with their amounts; who, to whom and what was said go.
    pub async fn close_account(
        &self,
        customer_id: CustomerId,
        wallet_id: WalletId,
    ) -> Result<(), Error> {
        self.act(move |ledger| async move {
            let now = ledger.clock().now();
            let mut tx = ledger.web().begin().await?;
            require_quiet(&mut tx, wallet_id).await?;
            let address = sqlx::query_scalar!(
                r#"select email as "email: Email" from customer
                   where customer_id = $1 and wallet_id = $2 and closed_at is null for update"#,
                customer_id as CustomerId,
                wallet_id as WalletId
            )
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(Fault::NotFound)?;
            erase_person(&mut tx, customer_id, &address).await?;
            erase_traffic(&mut tx, wallet_id).await?;
            refill::turn_off(&mut tx, wallet_id, now).await?;
            card::let_all_go(&mut tx, wallet_id, now).await?;
            let letter = Letter {
                recipient: &address,
                subject: "Your Talkala Wallet is closed",
                text: "Your Talkala Wallet is closed, as you asked.\n\n\
                       Your address, your numbers and your messages are erased. The amounts stay in the books \
                       without your name, as the law asks.\n",
                html: "<p>Your Talkala Wallet is closed, as you asked.</p>\
                       <p>Your address, your numbers and your messages are erased. The amounts stay in the books \
                       without your name, as the law asks.</p>",
                give_up_at: now + Duration::days(3),
                unsubscribe_url: None,
                notice_id: None,
            };
            email::write(&mut tx, &letter, now).await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

/// Nothing may be under way: the wallet stays locked, so that nothing begins either.
async fn require_quiet(tx: &mut PgConnection, wallet_id: WalletId) -> Result<(), Fault> {
    let wallet = books::lock(tx, wallet_id).await?;
    let refusal = |refusal| Fault::from(Declined::Closing(refusal));
    if !wallet.held.is_zero() {
        return Err(refusal(ClosingRefusal::OnHold));
    }
    if !wallet.debt.is_zero() {
        return Err(refusal(ClosingRefusal::Owes));
    }
    let open = sqlx::query!(
        r#"select exists (select from top_up where wallet_id = $1 and state = 'pending') as "pending!",
                  exists (select from call where wallet_id = $1 and state in ('authorized', 'answered')) as "running!""#,
        wallet_id as WalletId
    )
    .fetch_one(tx)
    .await?;
    if open.running {
        return Err(refusal(ClosingRefusal::OnHold));
    }
    if open.pending {
        return Err(refusal(ClosingRefusal::PaymentPending));
    }
    Ok(())
}

async fn erase_person(
    tx: &mut PgConnection,
    customer_id: CustomerId,
    address: &Email,
) -> Result<(), Fault> {
    // The row stays, for the wallet's sake; the address becomes one that nobody can have.
    sqlx::query!(
        "update customer set email = customer_id::text || '@closed.invalid', time_zone = null, language = null,
             talk_prefix = null, closed_at = now()
         where customer_id = $1",
        customer_id as CustomerId
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "with device as (delete from push_subscription where customer_id = $1 returning endpoint)
         delete from push_message where endpoint in (select endpoint from device)",
        customer_id as CustomerId
    )
    .execute(&mut *tx)
    .await?;
    erase!(
        tx,
        customer_id as CustomerId,
        "delete from session where customer_id = $1"
    );
    erase!(
        tx,
        customer_id as CustomerId,
        "delete from passkey where customer_id = $1"
    );
    erase!(
        tx,
        customer_id as CustomerId,
        "delete from known_device where customer_id = $1"
    );
    erase!(
        tx,
        customer_id as CustomerId,
        "delete from passkey_ceremony where customer_id = $1"
    );
    erase!(
        tx,
        address.as_str(),
        "delete from sign_in_code where email = $1"
    );
    Ok(())
}

/// What was said and to whom, what was set up and told. Amounts stay.
async fn erase_traffic(tx: &mut PgConnection, wallet_id: WalletId) -> Result<(), Fault> {
    erase!(
        tx,
        wallet_id as WalletId,
        "update call set caller = null, callee = null where wallet_id = $1"
    );
    erase!(
        tx,
        wallet_id as WalletId,
        "update message set sender = null, recipient = null, body = null where wallet_id = $1"
    );
    erase!(
        tx,
        wallet_id as WalletId,
        "update top_up set card_brand = null, card_last4 = null where wallet_id = $1"
    );
    erase!(
        tx,
        wallet_id as WalletId,
        "delete from phone_number where wallet_id = $1"
    );
    erase!(
        tx,
        wallet_id as WalletId,
        "delete from dialed_call where wallet_id = $1"
    );
    erase!(
        tx,
        wallet_id as WalletId,
        "delete from favorite_number where wallet_id = $1"
    );
    erase!(
        tx,
        wallet_id as WalletId,
        "delete from blocked_sender where wallet_id = $1"
    );
    erase!(
        tx,
        wallet_id as WalletId,
        "delete from notice where wallet_id = $1"
    );
    erase!(
        tx,
        wallet_id as WalletId,
        "delete from notice_setting where wallet_id = $1"
    );
    erase!(
        tx,
        wallet_id as WalletId,
        "delete from referral_code where wallet_id = $1"
    );
    Ok(())
}
