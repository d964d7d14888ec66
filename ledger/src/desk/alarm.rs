//! What asks for a person: things that no repeat will mend by itself.

use time::{Duration, OffsetDateTime};

use crate::error::Error;
use crate::{CheckKind, CheckRun, Ledger, Queue};

/// Work that waits longer than this is late.
const LATE: Duration = Duration::minutes(5);
/// A check that did not run for so long is missed.
const CHECK_MISSED: Duration = Duration::days(2);

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    pub name: String,
    pub count: i64,
    /// Since when, where that is known.
    pub since: Option<OffsetDateTime>,
}

impl Ledger {
    /// What the books themselves say needs a person; an empty list is a quiet house.
    pub async fn alarms(&self) -> Result<Vec<Alarm>, Error> {
        let now = self.clock().now();
        Ok(sqlx::query_as!(
            Alarm,
            r#"with alarm as (
                   select 'Top-ups that differ from what Stripe says' as name, count(*) as count,
                          min(started_at) as since
                   from top_up where state = 'pending' and alarm is not null
                   union all
                   select 'Refills of unknown outcome for an hour', count(*), min(first_sent_at)
                   from refill_attempt where state = 'unknown' and first_sent_at < $1::timestamptz - interval '1 hour'
                   union all
                   select 'Refunds that a person must look at', count(*), min(asked_at)
                   from refund where state in ('due', 'pending')
                     and (alarm is not null or state = 'due' and first_sent_at < $1 - interval '1 hour')
                   union all
                   -- A payment that came late, a refund that its bank sent back: nobody can sign in to it.
                   select 'Closed accounts that money came into', count(*), min(closed_at)
                   from customer join wallet on wallet.wallet_id = customer.wallet_id
                   where closed_at is not null and paid > 0
                     and exists (select from transfer where transfer.wallet_id = customer.wallet_id
                                 and from_account = 'stripe_clearing' and to_account = 'available'
                                 and created_at > closed_at)
                   union all
                   select 'Disputes to answer within three days', count(*), min(opened_at)
                   from dispute where state in ('inquiry', 'open') and due_by < $1 + interval '3 days'
                   union all
                   select 'Events from Stripe given up', count(*), min(received_at)
                   from stripe_event where state = 'dead'
                   union all
                   select 'Entries not sealed for half an hour', count(*), min(created_at)
                   from (select created_at from transfer
                         where created_at > coalesce((select max(sealed_at) from checkpoint), '-infinity')
                           and created_at < now() - interval '30 minutes'
                         order by created_at limit 1) as unsealed
               )
               select name as "name!", count as "count!", since from alarm where count > 0"#,
            now
        )
        .fetch_all(self.worker())
        .await?)
    }
}

/// Queues in which something waits too long, and checks that found something, failed or were missed.
pub fn late(queues: &[Queue], runs: &[CheckRun], now: OffsetDateTime) -> Vec<Alarm> {
    let waits = queues.iter().filter(|queue| queue.has_to_be_quick());
    let waits = waits.filter(|queue| queue.oldest.is_some_and(|at| now - at > LATE));
    let mut alarms: Vec<Alarm> = waits
        .map(|queue| Alarm {
            name: format!("{}: waiting for more than five minutes", queue.name),
            count: queue.waiting,
            since: queue.oldest,
        })
        .collect();
    for kind in CheckKind::ALL {
        let word = kind.word().replace('_', " ");
        let last = runs.iter().find(|run| run.kind == kind.word());
        let alarm = match last {
            Some(run) if run.found.unwrap_or(0) > 0 => Some(("found something", run.found)),
            Some(run) if run.trouble.is_some() => Some(("came to no end", None)),
            Some(run) if now - run.started_at > CHECK_MISSED => Some(("was missed", None)),
            Some(_) => None,
            None => Some(("has not run yet", None)),
        };
        alarms.extend(alarm.map(|(what, count)| Alarm {
            name: format!("The check {word} {what}"),
            count: count.unwrap_or(1),
            since: last.map(|run| run.started_at),
        }));
    }
    alarms
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_late_queue_and_a_check_that_found_something_are_alarms() {
        let now = datetime!(2026-11-22 14:00 UTC);
        let queue = |name: &str, minutes| Queue {
            name: name.into(),
            waiting: 3,
            oldest: Some(now - Duration::minutes(minutes)),
            dead: 0,
        };
        let run = |kind: CheckKind, found, days| CheckRun {
            kind: kind.word().into(),
            asked_by: "worker".into(),
            started_at: now - Duration::days(days),
            ended_at: Some(now),
            checked: Some(1),
            found: Some(found),
            findings: None,
            trouble: None,
        };
        let queues = [
            queue("Letters", 6),
            queue("Events from Stripe", 4),
            queue("Messages waiting for credit", 600),
        ];
        let runs = [
            run(CheckKind::Verify, 0, 1),
            run(CheckKind::VerifyChanges, 2, 0),
            run(CheckKind::Guards, 0, 3),
        ];
        let names: Vec<_> = late(&queues, &runs, now)
            .into_iter()
            .map(|alarm| (alarm.name, alarm.count))
            .collect();
        let expected = [
            ("Letters: waiting for more than five minutes", 3),
            ("The check verify changes found something", 2),
            ("The check guards was missed", 1),
            ("The check reconcile has not run yet", 1),
        ];
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(name, count)| (name.to_owned(), count))
            .collect();
        assert_eq!(names, expected);
    }
}
