//! From Stripe's word to the list of cards: saved by consent, renewed by the network, let go.

use domain::WalletId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Removed, clear_default, mark_detached, remove};
use crate::Ledger;
use crate::error::Fault;
use crate::settle::Outcome;
use crate::stripe::CardFact;
use crate::{books, refill};

impl Ledger {
    /// Brings our list in line with a card that was just retrieved.
    pub(crate) async fn apply_card(&self, payment_method_id: &str) -> Result<Outcome, Fault> {
        let Some(fact) = self.stripe().card(payment_method_id).await? else {
            return Ok(Outcome::Foreign);
        };
        match &fact.customer_id {
            Some(customer_id) => self.follow_card(customer_id, &fact).await,
            None => self.forget_card(payment_method_id).await,
        }
    }

    /// A card Stripe has: ours is brought up to date; one we do not know is kept if there is a
    /// consent it can belong to.
    async fn follow_card(&self, customer_id: &str, fact: &CardFact) -> Result<Outcome, Fault> {
        let wallet_id = sqlx::query_scalar!(
            r#"select wallet_id as "wallet_id: WalletId" from customer where stripe_customer_id = $1"#,
            customer_id
        )
        .fetch_optional(self.worker())
        .await?;
        let Some(wallet_id) = wallet_id else {
            return Ok(Outcome::Foreign);
        };
        let mut tx = self.worker().begin().await?;
        books::lock(&mut tx, wallet_id).await?;
        if !renew(&mut tx, wallet_id, fact).await? {
            let Some((consent, at)) = last_consent(&mut tx, wallet_id).await? else {
                return Ok(Outcome::Foreign);
            };
            keep(&mut tx, wallet_id, fact, &consent, at, self.clock().now()).await?;
        }
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(Outcome::Agreed)
    }

    /// A card that Stripe let go, wherever that was asked for.
    async fn forget_card(&self, payment_method_id: &str) -> Result<Outcome, Fault> {
        let wallet_id = sqlx::query_scalar!(
            r#"select wallet_id as "wallet_id: WalletId" from payment_method where payment_method_id = $1"#,
            payment_method_id
        )
        .fetch_optional(self.worker())
        .await?;
        let Some(wallet_id) = wallet_id else {
            return Ok(Outcome::Foreign);
        };
        let mut tx = self.worker().begin().await?;
        books::lock(&mut tx, wallet_id).await?;
        let refills = refill::is_on(&mut tx, wallet_id).await?;
        let removed = remove(&mut tx, wallet_id, payment_method_id, self.clock().now()).await?;
        if refills && removed == Some(Removed::Default) {
            self.tell_card_gone(&mut tx, wallet_id, payment_method_id)
                .await?;
        }
        tx.commit().await?;
        mark_detached(self, wallet_id, payment_method_id).await?;
        self.changes().tell(wallet_id);
        Ok(Outcome::Agreed)
    }

    /// Brings our list in line with a wish that was just retrieved by its SetupIntent.
    pub(crate) async fn apply_setup_intent(&self, setup_intent_id: &str) -> Result<Outcome, Fault> {
        let (tags, saved) = self.stripe().setup_intent(setup_intent_id).await?;
        let Some(tags) = tags else {
            return Ok(Outcome::Foreign);
        };
        match tags.card_setup_id {
            Some(id) => {
                self.apply_setup(tags.wallet_id, id, saved.as_ref(), false)
                    .await
            }
            None => Ok(Outcome::Foreign),
        }
    }

    /// Brings our list in line with what became of a wish to save a card without a payment.
    pub(crate) async fn apply_setup(
        &self,
        wallet_id: WalletId,
        card_setup_id: Uuid,
        saved: Option<&CardFact>,
        is_expired: bool,
    ) -> Result<Outcome, Fault> {
        let mut tx = self.worker().begin().await?;
        books::lock(&mut tx, wallet_id).await?;
        let setup = sqlx::query!(
            "select state, consent, started_at from card_setup where wallet_id = $1 and card_setup_id = $2",
            wallet_id as WalletId,
            card_setup_id
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(setup) = setup else {
            return Ok(Outcome::Alarm("no such wish to save a card"));
        };
        let state = match saved {
            Some(fact) if setup.state != "saved" => {
                let now = self.clock().now();
                let at = setup.started_at;
                keep(&mut tx, wallet_id, fact, &setup.consent, at, now).await?;
                "saved"
            }
            Some(_) => return Ok(Outcome::Agreed),
            None if is_expired && setup.state == "pending" => "expired",
            None => return Ok(Outcome::Waiting),
        };
        sqlx::query!(
            "update card_setup set state = $3 where wallet_id = $1 and card_setup_id = $2",
            wallet_id as WalletId,
            card_setup_id,
            state
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(Outcome::Agreed)
    }
}

/// Takes over what the network changed on a card we have; false if we do not have it. One that was
/// removed stays removed.
async fn renew(tx: &mut PgConnection, wallet_id: WalletId, fact: &CardFact) -> Result<bool, Fault> {
    let renewed = sqlx::query!(
        "update payment_method set brand = $3, last4 = $4, exp_month = $5, exp_year = $6, fingerprint = $7
         where wallet_id = $1 and payment_method_id = $2",
        wallet_id as WalletId,
        fact.payment_method_id,
        fact.card.brand,
        fact.card.last4,
        i16::from(fact.card.exp_month),
        i16::try_from(fact.card.exp_year).unwrap_or(i16::MAX),
        fact.fingerprint
    )
    .execute(tx)
    .await?;
    Ok(renewed.rows_affected() > 0)
}

/// The newest consent to save a card, and when it was given.
async fn last_consent(
    tx: &mut PgConnection,
    wallet_id: WalletId,
) -> Result<Option<(String, OffsetDateTime)>, Fault> {
    let row = sqlx::query!(
        r#"select consent as "consent!", started_at as "started_at!" from (
               select card_consent as consent, started_at from top_up
               where wallet_id = $1 and card_consent is not null
               union all
               select consent, started_at from card_setup where wallet_id = $1
           ) as given order by started_at desc limit 1"#,
        wallet_id as WalletId
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| (row.consent, row.started_at)))
}

/// Keeps a card under a consent; again changes nothing. The first one becomes the one that
/// auto-refill charges, and the same card typed again takes the place of its older self. The wallet
/// is locked.
pub(crate) async fn keep(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    fact: &CardFact,
    consent: &str,
    consented_at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    let inserted = sqlx::query!(
        "insert into payment_method (wallet_id, payment_method_id, brand, last4, exp_month, exp_year,
             fingerprint, consent, consented_at, saved_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (wallet_id, payment_method_id) do nothing",
        wallet_id as WalletId,
        fact.payment_method_id,
        fact.card.brand,
        fact.card.last4,
        i16::from(fact.card.exp_month),
        i16::try_from(fact.card.exp_year).unwrap_or(i16::MAX),
        fact.fingerprint,
        consent,
        consented_at,
        now
    )
    .execute(&mut *tx)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(());
    }
    let replaced = sqlx::query_scalar!(
        "select is_default from payment_method
         where wallet_id = $1 and payment_method_id <> $2 and fingerprint = $3 and removed_at is null",
        wallet_id as WalletId,
        fact.payment_method_id,
        fact.fingerprint
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!(
        "update payment_method set removed_at = $4, is_default = false
         where wallet_id = $1 and payment_method_id <> $2 and fingerprint = $3 and removed_at is null",
        wallet_id as WalletId,
        fact.payment_method_id,
        fact.fingerprint,
        now
    )
    .execute(&mut *tx)
    .await?;
    let has_default = super::default_card(&mut *tx, wallet_id).await?.is_some();
    if replaced.contains(&true) || !has_default {
        clear_default(&mut *tx, wallet_id).await?;
        sqlx::query!(
            "update payment_method set is_default = true where wallet_id = $1 and payment_method_id = $2",
            wallet_id as WalletId,
            fact.payment_method_id
        )
        .execute(tx)
        .await?;
    }
    Ok(())
}
