//! Asking for a refund: the calculation, the refusals in the order they are explained, and the hold.

use domain::history::{RefundItem, TopUpItem};
use domain::refund::{Purchased, Refund, RefundRefusal, RefundState, SELF_SERVICE};
use domain::top_up::TopUpState;
use domain::{Declined, Money, TopUpId, WalletId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{books, purchased};
use crate::error::{Error, Fault};
use crate::parts::Thing;
use crate::{Ledger, books as wallets};

/// Who asks. Support may later than the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundBy {
    Customer,
    Support,
}

/// A click on *Refund*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskRefund {
    pub top_up_id: TopUpId,
    /// Made before the click: a second click and a retry carry the same one.
    pub refund_id: Uuid,
    /// Paid credit to return.
    pub credit: Money,
    pub by: RefundBy,
}

/// All that the page of a refund shows before the click.
#[derive(Clone, Debug)]
pub struct RefundDraft {
    pub top_up: TopUpItem,
    pub purchased: Purchased,
    /// The refund that brings the most back, unless nothing can be refunded now.
    pub best: Result<Refund, RefundRefusal>,
    /// Refunds of this top-up so far, newest first.
    pub refunds: Vec<RefundItem>,
}

/// The top-up as far as a refund must know it.
struct Bought {
    state: TopUpState,
    settled_at: Option<OffsetDateTime>,
    payment_id: Option<String>,
}

impl Ledger {
    /// An id for a refund that may be asked for. Nothing is written.
    pub fn new_refund_id(&self) -> Uuid {
        Uuid::now_v7()
    }

    /// What a refund of this top-up comes to now. Nothing is written.
    pub async fn refund_draft(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        by: RefundBy,
    ) -> Result<RefundDraft, Error> {
        let top_up = self.top_up(wallet_id, top_up_id).await?;
        let refunds = self.refunds_of(wallet_id, top_up_id).await?;
        let mut connection = self.web().acquire().await?;
        let purchased = purchased(&mut connection, wallet_id, top_up_id).await?;
        let hindered = self
            .hindrance(&mut connection, wallet_id, top_up_id, by)
            .await?;
        let best = match hindered {
            Some(refusal) => Err(refusal),
            None => purchased
                .best(&self.rules().top_up)
                .ok_or(RefundRefusal::NothingLeft),
        };
        Ok(RefundDraft {
            top_up,
            purchased,
            best,
            refunds,
        })
    }

    /// Sets a refund aside and sends it. The same id again finds it; with another amount it is
    /// `Changed`. Tells where it stands: a bank may take days, or Stripe's answer may be missing.
    pub async fn ask_refund(
        &self,
        wallet_id: WalletId,
        ask: AskRefund,
    ) -> Result<RefundState, Error> {
        let refund_id = ask.refund_id.to_string();
        self.act(move |ledger| async move { ledger.hold_refund(wallet_id, ask).await })
            .await?;
        let id = refund_id.clone();
        // A worker goes on with it whatever comes of this.
        let _ = self
            .act(move |ledger| {
                let id = id.clone();
                async move { ledger.send_refund(wallet_id, &id).await }
            })
            .await;
        let state = sqlx::query_scalar!(
            r#"select state as "state: RefundState" from refund where wallet_id = $1 and refund_id = $2"#,
            wallet_id as WalletId,
            refund_id
        )
        .fetch_one(self.web())
        .await?;
        Ok(state)
    }

    async fn hold_refund(&self, wallet_id: WalletId, ask: AskRefund) -> Result<(), Fault> {
        let now = self.clock().now();
        let refund_id = ask.refund_id.to_string();
        let mut tx = self.web().begin().await?;
        let wallet = wallets::lock(&mut tx, wallet_id).await?;
        let found = sqlx::query!(
            r#"select top_up_id as "top_up_id: TopUpId", credit as "credit: Money" from refund
               where wallet_id = $1 and refund_id = $2"#,
            wallet_id as WalletId,
            refund_id
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(found) = found {
            let is_same = (found.top_up_id, found.credit) == (ask.top_up_id, ask.credit);
            return if is_same {
                Ok(())
            } else {
                Err(declined(RefundRefusal::Changed))
            };
        }
        if let Some(refusal) = self
            .hindrance(&mut tx, wallet_id, ask.top_up_id, ask.by)
            .await?
        {
            return Err(declined(refusal));
        }
        let purchased = purchased(&mut tx, wallet_id, ask.top_up_id).await?;
        let refund = purchased
            .refund(ask.credit, &self.rules().top_up)
            .map_err(declined)?;
        let all = refund.back + refund.clawback;
        let free = (wallet.paid - wallet.held).min(wallet.available() - refund.clawback);
        if free < refund.back {
            let free = free.max(Money::ZERO).whole_cents();
            return Err(declined(RefundRefusal::Held { free }));
        }
        let bought = bought(&mut tx, wallet_id, ask.top_up_id).await?;
        sqlx::query!(
            "insert into refund (wallet_id, refund_id, top_up_id, source, credit, clawback, amount, idempotency_key,
                 stripe_payment_id, asked_at, next_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
            wallet_id as WalletId,
            refund_id,
            ask.top_up_id as TopUpId,
            match ask.by {
                RefundBy::Customer => "customer",
                RefundBy::Support => "support",
            },
            refund.credit as Money,
            refund.clawback as Money,
            refund.back as Money,
            format!("refund:{refund_id}"),
            bought.payment_id,
            now
        )
        .execute(&mut *tx)
        .await?;
        let thing = Thing::refund(wallet_id, ask.top_up_id, &refund_id);
        books::hold(&mut tx, &thing, wallet, all).await?;
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(())
    }

    /// What speaks against any refund of this top-up now, in the order it is explained.
    async fn hindrance(
        &self,
        connection: &mut PgConnection,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        by: RefundBy,
    ) -> Result<Option<RefundRefusal>, Fault> {
        let bought = bought(&mut *connection, wallet_id, top_up_id).await?;
        let hindrances = sqlx::query!(
            r#"select exists(select from refund where wallet_id = $1 and top_up_id = $2
                             and state in ('due', 'pending') and source <> 'stripe') as "is_on_its_way!",
                      exists(select from dispute where wallet_id = $1 and state in ('inquiry', 'open')) as "is_disputed!",
                      exists(select from wallet where wallet_id = $1 and debt > 0) as "owes!""#,
            wallet_id as WalletId,
            top_up_id as TopUpId
        )
        .fetch_one(connection)
        .await?;
        let Some(settled_at) = bought
            .settled_at
            .filter(|_| bought.state == TopUpState::Settled)
        else {
            return Ok(Some(RefundRefusal::NotPaid));
        };
        let is_late = self.clock().now() - settled_at > SELF_SERVICE;
        Ok(if hindrances.is_on_its_way {
            Some(RefundRefusal::OnItsWay)
        } else if hindrances.is_disputed {
            Some(RefundRefusal::Disputed)
        } else if hindrances.owes {
            Some(RefundRefusal::Debt)
        } else if is_late && by == RefundBy::Customer {
            Some(RefundRefusal::TooLate {
                days: SELF_SERVICE.whole_days(),
            })
        } else {
            None
        })
    }

    async fn refunds_of(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
    ) -> Result<Vec<RefundItem>, Fault> {
        Ok(sqlx::query_as!(
            RefundItem,
            r#"select refund_id, top_up_id as "top_up_id: TopUpId", state as "state: RefundState",
                      credit as "credit: Money", clawback as "clawback: Money", amount as "amount: Money", asked_at
               from refund where wallet_id = $1 and top_up_id = $2 order by asked_at desc"#,
            wallet_id as WalletId,
            top_up_id as TopUpId
        )
        .fetch_all(self.web())
        .await?)
    }
}

async fn bought(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    top_up_id: TopUpId,
) -> Result<Bought, Fault> {
    sqlx::query_as!(
        Bought,
        r#"select state as "state: TopUpState", settled_at, stripe_payment_id as payment_id
           from top_up where wallet_id = $1 and top_up_id = $2"#,
        wallet_id as WalletId,
        top_up_id as TopUpId
    )
    .fetch_optional(connection)
    .await?
    .ok_or(Fault::NotFound)
}

fn declined(refusal: RefundRefusal) -> Fault {
    Fault::Declined(Declined::Refund(refusal))
}
