//! Stripe's events: stored as they came, then processed by asking Stripe for the object.

use futures_util::{StreamExt, stream};
use time::Duration;

use crate::Ledger;
use crate::error::{Error, Fault};
use crate::settle::Outcome;
use crate::stripe::{FRAUD_WARNING, Unsigned};

/// How long a worker may take with one event before another may have it.
const LEASE: Duration = Duration::seconds(60);
/// Events taken in one round.
const BATCH: i64 = 20;
/// Of these, how many are at Stripe at once: an answer that is slow keeps no other event waiting.
const AT_ONCE: usize = 8;
/// After so many attempts an event waits for a person; that is about two days.
const MOST_ATTEMPTS: i32 = 40;
/// Doubled after each attempt: a read that failed once is soon made good, for somebody waits for the credit.
const FIRST_PAUSE: Duration = Duration::milliseconds(500);
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::hours(2);

/// What became of a delivery at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// Stored, or already there.
    Stored,
    /// Of the other mode, live or test: not ours to act on, answered with success.
    OtherMode,
    /// The signature is wrong, missing or too old.
    BadSignature,
    /// Signed, but not an event.
    BadShape,
}

/// Whether anything is done on an event of this type.
pub(crate) fn is_followed(event_type: &str) -> bool {
    const FOLLOWED: [&str; 9] = [
        "checkout.session.",
        "payment_intent.",
        "setup_intent.",
        "payment_method.",
        "charge.refunded",
        "charge.updated",
        "refund.",
        "charge.dispute.",
        FRAUD_WARNING,
    ];
    FOLLOWED
        .iter()
        .any(|followed| event_type.starts_with(followed))
}

struct Due {
    event_id: String,
    event_type: String,
    object_id: String,
    fence: i64,
    attempts: i32,
}

impl Ledger {
    /// Checks and stores an event. Once this returns `Stored` it will be processed, whatever happens.
    pub async fn receive_event(&self, body: Vec<u8>, signature: &str) -> Result<Received, Error> {
        let event = match self.inner.stripe.signed_event(&body, signature) {
            Err(Unsigned::Signature) => return Ok(Received::BadSignature),
            Err(Unsigned::Shape) => return Ok(Received::BadShape),
            Ok(event) => event,
        };
        if event.livemode != self.inner.stripe.livemode() {
            tracing::warn!(event_id = event.event_id, "event of the other mode ignored");
            return Ok(Received::OtherMode);
        }
        if !event.is_understood {
            tracing::error!(
                event_id = event.event_id,
                event_type = event.event_type,
                "event of an unknown shape: stored, its object is asked for by id"
            );
        }
        self.act(move |ledger| {
            let (event, body) = (event.clone(), body.clone());
            async move {
                sqlx::query!(
                    "insert into stripe_event (event_id, event_type, object_id, wallet_id, top_up_id, body, next_at)
                     values ($1, $2, $3, $4, $5, $6, $7) on conflict (event_id) do nothing",
                    event.event_id,
                    event.event_type,
                    event.object_id,
                    event.tags.map(|tags| tags.wallet_id.0),
                    event.tags.and_then(|tags| tags.top_up_id).map(|id| id.0),
                    body,
                    ledger.clock().now()
                )
                .execute(ledger.web())
                .await?;
                Ok(Received::Stored)
            }
        })
        .await
    }

    /// Processes events that are due; returns how many were taken.
    pub async fn process_events(&self) -> Result<usize, Error> {
        let now = self.inner.clock.now();
        let taken = sqlx::query_as!(
            Due,
            "update stripe_event set lease_until = $1, fence = fence + 1, attempts = attempts + 1
             where event_id in (
                 select event_id from stripe_event
                 where state = 'due' and next_at <= $2 and (lease_until is null or lease_until < $2)
                 order by next_at limit $3 for update skip locked
             )
             returning event_id, event_type, object_id, fence, attempts",
            now + LEASE,
            now,
            BATCH
        )
        .fetch_all(self.worker())
        .await?;
        let count = taken.len();
        let mut processed = stream::iter(taken)
            .map(|due| self.process_event(due))
            .buffer_unordered(AT_ONCE);
        while let Some(outcome) = processed.next().await {
            outcome?;
        }
        Ok(count)
    }

    async fn process_event(&self, due: Due) -> Result<(), Error> {
        let (event_type, object_id) = (due.event_type.clone(), due.object_id.clone());
        let outcome = self
            .act(move |ledger| {
                let (event_type, object_id) = (event_type.clone(), object_id.clone());
                async move { ledger.follow(&event_type, &object_id).await }
            })
            .await;
        match outcome {
            // Waiting ends too: when more happens there is another event, and the reconciler looks.
            Ok(Outcome::Agreed | Outcome::Waiting) => self.finish(&due, "done", None).await,
            Ok(Outcome::Foreign) => self.finish(&due, "ignored", Some("not ours")).await,
            Ok(Outcome::Alarm(reason)) => self.finish(&due, "dead", Some(reason)).await,
            Err(_) if due.attempts >= MOST_ATTEMPTS => {
                self.finish(&due, "dead", Some("too many attempts")).await
            }
            Err(_) => self.postpone(&due).await,
        }
    }

    /// Asks Stripe for the object behind an event and acts on what it says now: order and repeats
    /// of events do not matter.
    async fn follow(&self, event_type: &str, object_id: &str) -> Result<Outcome, Fault> {
        match event_type {
            "checkout.session.completed"
            | "checkout.session.async_payment_succeeded"
            | "checkout.session.async_payment_failed"
            | "checkout.session.expired" => {
                self.apply_session(self.stripe().session(object_id).await?)
                    .await
            }
            "payment_intent.succeeded"
            | "payment_intent.payment_failed"
            | "payment_intent.processing"
            | "payment_intent.canceled" => {
                self.apply_payment(self.stripe().payment(object_id).await?)
                    .await
            }
            "setup_intent.succeeded" => self.apply_setup_intent(object_id).await,
            "payment_method.attached"
            | "payment_method.detached"
            | "payment_method.automatically_updated" => self.apply_card(object_id).await,
            "charge.refunded" => {
                let mut outcome = Outcome::Foreign;
                for refund in self.stripe().refunds_of_charge(object_id).await? {
                    outcome = self.apply_refund(refund).await?;
                    if matches!(outcome, Outcome::Alarm(_)) {
                        break;
                    }
                }
                Ok(outcome)
            }
            "charge.updated" => self.apply_receipt(object_id).await,
            "refund.created" | "refund.updated" | "refund.failed" => {
                self.apply_refund(self.stripe().refund(object_id).await?)
                    .await
            }
            dispute if dispute.starts_with("charge.dispute.") => {
                self.apply_dispute(self.stripe().dispute(object_id).await?)
                    .await
            }
            FRAUD_WARNING => self.apply_fraud_warning(object_id).await,
            _ => Ok(Outcome::Foreign),
        }
    }

    async fn finish(&self, due: &Due, state: &str, note: Option<&str>) -> Result<(), Error> {
        sqlx::query!(
            "update stripe_event set state = $3, note = $4, done_at = $5, lease_until = null
             where event_id = $1 and fence = $2",
            due.event_id,
            due.fence,
            state,
            note,
            self.inner.clock.now()
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }

    async fn postpone(&self, due: &Due) -> Result<(), Error> {
        let doubled = FIRST_PAUSE * 2_i32.pow(due.attempts.clamp(1, 15).unsigned_abs() - 1);
        sqlx::query!(
            "update stripe_event set next_at = $3, lease_until = null where event_id = $1 and fence = $2",
            due.event_id,
            due.fence,
            self.inner.clock.now() + doubled.min(LONGEST_PAUSE)
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }
}
