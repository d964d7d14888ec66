//! What no event told: Stripe's list of events is read for those that never arrived, and each found
//! one takes the way of all events.

use time::{Duration, OffsetDateTime};

use crate::Ledger;
use crate::error::Error;
use crate::inbox;

/// How far the first look goes back; Stripe keeps its list for 30 days.
const FIRST_LOOK: Duration = Duration::days(29);
/// Looked at again each time: an event is in the list a moment after its time.
const OVERLAP: Duration = Duration::minutes(10);
const WATCH: &str = "events";

impl Ledger {
    /// Puts events into the inbox that Stripe has and we have not; returns how many.
    pub async fn find_lost_events(&self) -> Result<usize, Error> {
        self.act(|ledger| async move {
            let now = ledger.clock().now();
            let seen = sqlx::query_scalar!(
                "select seen_until from stripe_watch where name = $1",
                WATCH
            )
            .fetch_optional(ledger.worker())
            .await?;
            let since = seen.map_or(now - FIRST_LOOK, |seen| seen - OVERLAP);
            let events = ledger.stripe().events_since(since).await?;
            let newest = events.iter().map(|event| event.created_at).max();
            let mut found = 0;
            for event in events {
                if !inbox::is_followed(&event.event_type) {
                    continue;
                }
                let inserted = sqlx::query!(
                    "insert into stripe_event (event_id, event_type, object_id, body, note, next_at)
                     values ($1, $2, $3, '', 'found in the list', $4) on conflict (event_id) do nothing",
                    event.event_id,
                    event.event_type,
                    event.object_id,
                    now
                )
                .execute(ledger.worker())
                .await?;
                found += inserted.rows_affected();
            }
            if let Some(newest) = newest {
                ledger.keep_watch(newest).await?;
            }
            if found > 0 {
                tracing::warn!(found, "events that never arrived were found in Stripe's list");
            }
            Ok(usize::try_from(found).unwrap_or(usize::MAX))
        })
        .await
    }

    /// By Stripe's clock, for ours may be ahead, and what came meanwhile would never be looked for. Never
    /// goes back: another server may have looked further.
    async fn keep_watch(&self, until: OffsetDateTime) -> Result<(), crate::error::Fault> {
        sqlx::query!(
            "insert into stripe_watch (name, seen_until) values ($1, $2)
             on conflict (name) do update set seen_until = greatest(stripe_watch.seen_until, excluded.seen_until)",
            WATCH,
            until
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }
}
