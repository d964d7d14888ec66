//! Sends what was decided, under the key that was stored with the decision.
//!
//! A worker takes an attempt for a minute by raising its fence, asks Stripe, and notes the answer
//! only while the fence is still its own: one that slept meanwhile changes nothing, and its request
//! under the same key is answered with what another got. An unknown outcome is asked again under
//! the same key, then looked up; a key older than 23 hours is never sent, for Stripe forgets keys. Nothing
//! is sent, and nothing again, once the customer, a dispute or the house has stopped it.

use domain::refill::DeclineKind;
use domain::{Money, TopUpId, WalletId};
use futures_util::{StreamExt, stream};
use time::{Duration, OffsetDateTime};

use crate::Ledger;
use crate::error::{Error, Fault};
use crate::stripe::{CardCharge, PaymentFact, PaymentState, Trouble};

/// How long a worker may take with one attempt before another may have it.
const LEASE: Duration = Duration::seconds(60);
/// Attempts taken in one round, and how many of them are at Stripe at once.
const BATCH: i64 = 20;
const AT_ONCE: usize = 8;
/// A key older than this is not sent again.
const KEY_LIFE: Duration = Duration::hours(23);
/// After so many unknown outcomes Stripe is also asked what it has: it repeats a stored failure for
/// as long as it knows the key.
const LOOK_UP_AFTER: i32 = 3;
/// Nothing found so long after the last request means that nothing was charged.
const SURE_AFTER: Duration = Duration::minutes(10);
/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::minutes(5);
/// How often a bank that has not decided is asked about.
const PROCESSING_EVERY: Duration = Duration::seconds(30);
/// Clocks differ: a look-up begins so long before the first request. A clock that is wrong by hours must
/// not hide a payment, for what is not found is charged again.
const CLOCKS_DIFFER: Duration = Duration::days(2);

/// An attempt in the hands of this worker.
#[derive(Clone, Debug)]
struct Taken {
    wallet_id: WalletId,
    top_up_id: TopUpId,
    amount: Money,
    payment_method_id: String,
    idempotency_key: String,
    /// Known while the bank decides.
    payment_id: Option<String>,
    first_sent_at: OffsetDateTime,
    /// Of the last request, if there was any.
    last_sent_at: OffsetDateTime,
    sends: i32,
    fence: i64,
}

impl Ledger {
    /// Sends attempts that are due, or asks what became of them; returns how many.
    pub async fn send_refills(&self) -> Result<usize, Error> {
        let due = sqlx::query!(
            r#"select wallet_id as "wallet_id: WalletId", top_up_id as "top_up_id: TopUpId"
               from refill_attempt
               where state in ('created', 'sent', 'unknown', 'processing') and next_at <= $1
                 and (lease_until is null or lease_until < $1)
               order by next_at limit $2"#,
            self.inner.clock.now(),
            BATCH
        )
        .fetch_all(self.worker())
        .await?;
        let sent = stream::iter(due)
            .map(|due| self.send_refill(due.wallet_id, due.top_up_id))
            .buffer_unordered(AT_ONCE)
            .filter(|sent| std::future::ready(sent.is_ok()));
        Ok(sent.count().await)
    }

    /// Sends one attempt now, unless another worker has it.
    pub(super) async fn send_refill(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
    ) -> Result<(), Error> {
        self.act(move |ledger| async move {
            match ledger.take(wallet_id, top_up_id).await? {
                Some(taken) => ledger.pursue(taken).await,
                None => Ok(()),
            }
        })
        .await
    }

    /// Takes the attempt for a minute, and notes that it may be at Stripe from now on.
    async fn take(&self, wallet_id: WalletId, top_up_id: TopUpId) -> Result<Option<Taken>, Fault> {
        let now = self.clock().now();
        Ok(sqlx::query_as!(
            Taken,
            r#"update refill_attempt as attempt set fence = attempt.fence + 1, lease_until = $4,
                   sends = attempt.sends + 1, first_sent_at = coalesce(attempt.first_sent_at, $3),
                   state = case when attempt.state = 'created' then 'sent' else attempt.state end
               from refill_attempt as before
               where attempt.wallet_id = $1 and attempt.top_up_id = $2
                 and before.wallet_id = $1 and before.top_up_id = $2 and before.fence = attempt.fence
                 and attempt.state in ('created', 'sent', 'unknown', 'processing')
                 and (attempt.lease_until is null or attempt.lease_until < $3)
               returning attempt.wallet_id as "wallet_id: WalletId", attempt.top_up_id as "top_up_id: TopUpId",
                   attempt.amount as "amount: Money", attempt.payment_method_id, attempt.idempotency_key,
                   attempt.stripe_payment_id as payment_id, attempt.first_sent_at as "first_sent_at!",
                   coalesce(attempt.last_sent_at, attempt.first_sent_at) as "last_sent_at!",
                   attempt.sends, attempt.fence"#,
            wallet_id as WalletId,
            top_up_id as TopUpId,
            now,
            now + LEASE
        )
        .fetch_optional(self.worker())
        .await?)
    }

    async fn pursue(&self, mut taken: Taken) -> Result<(), Fault> {
        if let Some(payment_id) = &taken.payment_id {
            let payment = self.stripe().payment(payment_id).await;
            return self.heard(&taken, payment).await;
        }
        let now = self.clock().now();
        if now - taken.first_sent_at >= KEY_LIFE {
            return self.look_up(&taken).await;
        }
        if !self.may_charge(&taken).await? {
            return self.stopped(&taken).await;
        }
        if !self.note_sending(&taken, now).await? {
            return Ok(());
        }
        let before = std::mem::replace(&mut taken.last_sent_at, now);
        match self.charge(&taken).await? {
            Err(trouble) if trouble.is_unknown() && taken.sends >= LOOK_UP_AFTER => {
                if trouble.is_failure_of_stripe() {
                    self.note_answered(&taken, before).await?;
                    taken.last_sent_at = before;
                }
                self.look_up(&taken).await
            }
            answer => self.heard(&taken, answer).await,
        }
    }

    /// Whether the card may be charged still: between the decision and the request somebody may have turned
    /// auto-refill off, removed the card or frozen the wallet, and a bank may have taken a payment back.
    async fn may_charge(&self, taken: &Taken) -> Result<bool, Fault> {
        Ok(sqlx::query_scalar!(
            r#"select exists(
                   select from refill_rule as rule
                   join wallet on wallet.wallet_id = rule.wallet_id
                   join payment_method as card on card.wallet_id = rule.wallet_id
                   where rule.wallet_id = $1 and rule.state not in ('off', 'suspended')
                     and wallet.frozen_at is null and wallet.debt = 0
                     and card.payment_method_id = $2 and card.removed_at is null
               ) as "may!""#,
            taken.wallet_id as WalletId,
            taken.payment_method_id
        )
        .fetch_one(self.worker())
        .await?)
    }

    /// It must not be charged any more. What was never sent is over; what was may have been charged.
    async fn stopped(&self, taken: &Taken) -> Result<(), Fault> {
        if taken.sends > 1 {
            return self.look_up(taken).await;
        }
        tracing::info!(wallet_id = %taken.wallet_id, top_up_id = %taken.top_up_id, "refill stopped before it was sent");
        self.refill_never_was(taken.wallet_id, taken.top_up_id, taken.fence)
            .await
    }

    /// Notes a request that is about to be sent; false if the attempt is another worker's by now.
    async fn note_sending(&self, taken: &Taken, now: OffsetDateTime) -> Result<bool, Fault> {
        let noted = sqlx::query!(
            "update refill_attempt set last_sent_at = $4
             where wallet_id = $1 and top_up_id = $2 and fence = $3 and lease_until > $4",
            taken.wallet_id as WalletId,
            taken.top_up_id as TopUpId,
            taken.fence,
            now
        )
        .execute(self.worker())
        .await?;
        Ok(noted.rows_affected() == 1)
    }

    /// Stripe answered the last request with the failure that it keeps under the key: nothing of it is on
    /// its way, so the time after which a look-up is sure goes on from the request before.
    async fn note_answered(&self, taken: &Taken, before: OffsetDateTime) -> Result<(), Fault> {
        sqlx::query!(
            "update refill_attempt set last_sent_at = $4
             where wallet_id = $1 and top_up_id = $2 and fence = $3",
            taken.wallet_id as WalletId,
            taken.top_up_id as TopUpId,
            taken.fence,
            before
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }

    async fn charge(&self, taken: &Taken) -> Result<Result<PaymentFact, Trouble>, Fault> {
        let charge = CardCharge {
            idempotency_key: taken.idempotency_key.clone(),
            wallet_id: taken.wallet_id,
            top_up_id: taken.top_up_id,
            customer_id: self.stripe_customer(taken.wallet_id).await?,
            payment_method_id: taken.payment_method_id.clone(),
            amount: taken.amount,
        };
        Ok(self.stripe().charge_card(&charge).await)
    }

    /// Asks Stripe for the payment of an attempt whose answer was never heard.
    async fn look_up(&self, taken: &Taken) -> Result<(), Fault> {
        let customer_id = self.stripe_customer(taken.wallet_id).await?;
        let since = taken.first_sent_at - CLOCKS_DIFFER;
        let found = self
            .stripe()
            .find_payment(&customer_id, taken.top_up_id, since)
            .await;
        match found {
            Ok(Some(payment)) => self.heard(taken, Ok(payment)).await,
            Ok(None) if self.clock().now() - taken.last_sent_at >= SURE_AFTER => {
                tracing::error!(wallet_id = %taken.wallet_id, top_up_id = %taken.top_up_id,
                    "refill closed: Stripe has no payment of it");
                self.refill_never_was(taken.wallet_id, taken.top_up_id, taken.fence)
                    .await
            }
            Ok(None) => self.unknown(taken, "nothing found yet").await,
            Err(trouble) => self.unknown(taken, &trouble.to_string()).await,
        }
    }

    /// Acts on what Stripe said.
    async fn heard(
        &self,
        taken: &Taken,
        answer: Result<PaymentFact, Trouble>,
    ) -> Result<(), Fault> {
        match answer {
            Ok(payment) if payment.state == PaymentState::Processing => {
                self.processing(taken, &payment.payment_id).await
            }
            Ok(payment) => self.apply_payment(payment).await.map(drop),
            Err(Trouble::CardDeclined {
                decline_code,
                advice_code,
                payment_id,
            }) => {
                let kind = DeclineKind::of(&decline_code, advice_code.as_deref());
                let ids = (taken.wallet_id, taken.top_up_id);
                self.refill_declined(ids, kind, &decline_code, advice_code.as_deref())
                    .await?;
                if let Some(payment_id) = payment_id
                    && let Err(trouble) = self.stripe().cancel_payment(&payment_id).await
                {
                    // It stays declined: only this program could confirm it again, and never does.
                    tracing::warn!(%trouble, payment_id, "declined refill not canceled at Stripe");
                }
                Ok(())
            }
            Err(trouble @ Trouble::Refused { .. }) => {
                tracing::error!(wallet_id = %taken.wallet_id, top_up_id = %taken.top_up_id, %trouble,
                    "refill refused: its card is gone, or the request is wrong");
                self.refill_refused(taken.wallet_id, taken.top_up_id).await
            }
            Err(trouble) => self.unknown(taken, &trouble.to_string()).await,
        }
    }

    /// The attempt stays open and blocks the next, until it is known what became of it.
    async fn unknown(&self, taken: &Taken, why: &str) -> Result<(), Fault> {
        tracing::warn!(wallet_id = %taken.wallet_id, top_up_id = %taken.top_up_id, why, "refill outcome unknown");
        let doubled = Duration::seconds(1) * 2_i32.pow(taken.sends.clamp(1, 12).unsigned_abs() - 1);
        sqlx::query!(
            "update refill_attempt set state = 'unknown', next_at = $4, lease_until = null
             where wallet_id = $1 and top_up_id = $2 and fence = $3
               and state in ('created', 'sent', 'unknown', 'processing')",
            taken.wallet_id as WalletId,
            taken.top_up_id as TopUpId,
            taken.fence,
            self.clock().now() + doubled.min(LONGEST_PAUSE)
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }

    async fn processing(&self, taken: &Taken, payment_id: &str) -> Result<(), Fault> {
        sqlx::query!(
            "update refill_attempt set state = 'processing', stripe_payment_id = $4, next_at = $5, lease_until = null
             where wallet_id = $1 and top_up_id = $2 and fence = $3
               and state in ('created', 'sent', 'unknown', 'processing')",
            taken.wallet_id as WalletId,
            taken.top_up_id as TopUpId,
            taken.fence,
            payment_id,
            self.clock().now() + PROCESSING_EVERY
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }
}
