//! Sending refunds to Stripe: one at a time under a lease, always under the key that was kept.

use domain::notice::{Notice, RefundOutcome};
use domain::{Money, TopUpId, WalletId};
use time::{Duration, OffsetDateTime};

use super::books;
use crate::Ledger;
use crate::error::{Error, Fault};
use crate::parts::Thing;
use crate::stripe::{RefundOrder, Trouble};
use crate::top_up::KEY_LIFE;
use crate::{books as wallets, settle::Outcome};

/// How long a worker may take with one refund before another may have it.
const LEASE: Duration = Duration::seconds(60);
/// Refunds taken in one round.
const BATCH: i64 = 20;
/// Tries in one go before the refund is left for later.
const TRIES: u32 = 4;
/// Pause after the first of them; doubled after each.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);
/// After so many goes Stripe is asked what it has before it is asked to do it again.
const LOOK_AFTER: i32 = 3;
/// After so many, a quarter of an hour after the last but one, none at Stripe is none at all.
const GIVE_UP_AFTER: i32 = 10;
/// The longest pause between two goes.
const LONGEST_PAUSE: Duration = Duration::minutes(10);
/// How often a refund that a bank is working on is looked at.
pub(super) const LOOK_AGAIN: Duration = Duration::hours(6);

/// A refund that this worker has for a while.
struct Leased {
    order: RefundOrder,
    stripe_refund_id: Option<String>,
    first_sent_at: OffsetDateTime,
    attempts: i32,
    fence: i64,
}

impl Ledger {
    /// Goes on with refunds that were not sent, or whose answer is missing or due; tells how many.
    pub async fn send_refunds(&self) -> Result<usize, Error> {
        let due = sqlx::query!(
            r#"select wallet_id as "wallet_id: WalletId", refund_id from refund
               where state in ('due', 'pending') and next_at <= $1 order by next_at limit $2"#,
            self.inner.clock.now(),
            BATCH
        )
        .fetch_all(self.worker())
        .await?;
        let mut sent = 0;
        for row in due {
            let refund_id = row.refund_id;
            let outcome = self
                .act(move |ledger| {
                    let refund_id = refund_id.clone();
                    async move { ledger.send_refund(row.wallet_id, &refund_id).await }
                })
                .await;
            // One that fails must not keep the others waiting.
            sent += usize::from(outcome.unwrap_or(false));
        }
        Ok(sent)
    }

    /// Asks Stripe for one refund and books the answer; false if another worker is at it.
    pub(super) async fn send_refund(
        &self,
        wallet_id: WalletId,
        refund_id: &str,
    ) -> Result<bool, Fault> {
        let Some(leased) = self.lease_refund(wallet_id, refund_id).await? else {
            return Ok(false);
        };
        match self.fetch_or_create(&leased).await {
            Ok(Some(fact)) => {
                if let Outcome::Alarm(reason) = self.apply_refund(fact).await? {
                    self.note_alarm(wallet_id, refund_id, reason).await?;
                }
            }
            Ok(None) => self.give_up(wallet_id, &leased, "never_arrived").await?,
            Err(Trouble::Refused { code, .. }) => {
                self.give_up(wallet_id, &leased, &code).await?;
            }
            Err(trouble) => {
                tracing::warn!(%trouble, refund_id, "refund without an answer, asking again");
                self.go_on(wallet_id, leased, &trouble).await?;
            }
        }
        Ok(true)
    }

    async fn lease_refund(
        &self,
        wallet_id: WalletId,
        refund_id: &str,
    ) -> Result<Option<Leased>, Fault> {
        let now = self.clock().now();
        let row = sqlx::query!(
            r#"update refund set lease_until = $3, fence = fence + 1, attempts = attempts + 1,
                   first_sent_at = coalesce(first_sent_at, $4), next_at = $3
               where wallet_id = $1 and refund_id = $2 and state in ('due', 'pending')
                 and next_at <= $4 and (lease_until is null or lease_until < $4)
               returning top_up_id as "top_up_id: TopUpId", amount as "amount: Money", idempotency_key,
                   stripe_payment_id, stripe_refund_id, first_sent_at as "first_sent_at!", attempts, fence"#,
            wallet_id as WalletId,
            refund_id,
            now + LEASE,
            now
        )
        .fetch_optional(self.worker())
        .await?;
        Ok(row.map(|row| Leased {
            order: RefundOrder {
                idempotency_key: row.idempotency_key,
                wallet_id,
                top_up_id: row.top_up_id,
                refund_id: refund_id.to_owned(),
                payment_id: row.stripe_payment_id,
                amount: row.amount,
            },
            stripe_refund_id: row.stripe_refund_id,
            first_sent_at: row.first_sent_at,
            attempts: row.attempts,
            fence: row.fence,
        }))
    }

    /// What Stripe has of it, made if that is safe. None: Stripe has none of it, and will not.
    async fn fetch_or_create(
        &self,
        leased: &Leased,
    ) -> Result<Option<crate::stripe::RefundFact>, Trouble> {
        if let Some(stripe_refund_id) = &leased.stripe_refund_id {
            return self.stripe().refund(stripe_refund_id).await.map(Some);
        }
        let is_forgotten = self.clock().now() - leased.first_sent_at > KEY_LIFE;
        if is_forgotten || leased.attempts > LOOK_AFTER {
            let found = self.stripe().find_refund(&leased.order).await?;
            // Sent again after Stripe forgot the key, it would be another refund.
            if found.is_some() || is_forgotten || leased.attempts >= GIVE_UP_AFTER {
                return Ok(found);
            }
        }
        let mut last = Trouble::Busy;
        for tries in 0..TRIES {
            match self.stripe().create_refund(&leased.order).await {
                Err(trouble) if trouble == Trouble::Busy || trouble.is_unknown() => {
                    last = trouble;
                    tokio::time::sleep(PAUSE * 2_u32.pow(tries)).await;
                }
                outcome => return outcome.map(Some),
            }
        }
        Err(last)
    }

    /// Stripe did not do it: what was set aside comes back.
    async fn give_up(&self, wallet_id: WalletId, leased: &Leased, code: &str) -> Result<(), Fault> {
        let order = &leased.order;
        let now = self.clock().now();
        let mut tx = self.worker().begin().await?;
        let wallet = wallets::lock(&mut tx, wallet_id).await?;
        let refused = sqlx::query!(
            "update refund set state = 'refused', failure_code = $4, ended_at = $5, lease_until = null
             where wallet_id = $1 and refund_id = $2 and fence = $3 and state in ('due', 'pending')",
            wallet_id as WalletId,
            order.refund_id,
            leased.fence,
            code,
            now
        )
        .execute(&mut *tx)
        .await?;
        if refused.rows_affected() == 0 {
            // Another worker has it by now, or an event settled it.
            return Ok(());
        }
        tracing::warn!(refund_id = order.refund_id, code, "stripe did not refund");
        let thing = Thing::refund(wallet_id, order.top_up_id, &order.refund_id);
        let so_far = thing.so_far(&mut tx).await?;
        books::release(&mut tx, &thing, wallet, &so_far).await?;
        let outcome = RefundOutcome::GivenBack;
        let notice = Notice::Refund {
            top_up_id: order.top_up_id,
            amount: order.amount,
            outcome,
        };
        let event = format!("{} {}", order.refund_id, outcome.word());
        self.notify(&mut tx, wallet_id, &event, &notice).await?;
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(())
    }

    /// After a failure that Stripe keeps under the key, what it did is looked up; only if it did
    /// nothing, the next go has a key of its own.
    async fn go_on(
        &self,
        wallet_id: WalletId,
        mut leased: Leased,
        trouble: &Trouble,
    ) -> Result<(), Fault> {
        if trouble.is_failure_of_stripe() {
            match self.stripe().find_refund(&leased.order).await {
                Ok(Some(fact)) => {
                    self.apply_refund(fact).await?;
                    return Ok(());
                }
                Ok(None) => {
                    let order = &mut leased.order;
                    order.idempotency_key =
                        format!("refund:{}:{}", order.refund_id, leased.attempts + 1);
                }
                Err(_) => {}
            }
        }
        self.postpone_refund(wallet_id, &leased).await
    }

    async fn postpone_refund(&self, wallet_id: WalletId, leased: &Leased) -> Result<(), Fault> {
        let doubled =
            Duration::seconds(2) * 2_i32.pow(leased.attempts.clamp(1, 12).unsigned_abs() - 1);
        sqlx::query!(
            "update refund set next_at = $4, idempotency_key = $5, lease_until = null
             where wallet_id = $1 and refund_id = $2 and fence = $3 and state in ('due', 'pending')",
            wallet_id as WalletId,
            leased.order.refund_id,
            leased.fence,
            self.clock().now() + doubled.min(LONGEST_PAUSE),
            leased.order.idempotency_key
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }

    async fn note_alarm(
        &self,
        wallet_id: WalletId,
        refund_id: &str,
        reason: &str,
    ) -> Result<(), Fault> {
        sqlx::query!(
            "update refund set alarm = $3, next_at = $4, lease_until = null where wallet_id = $1 and refund_id = $2",
            wallet_id as WalletId,
            refund_id,
            reason,
            self.clock().now() + LOOK_AGAIN
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }
}
