//! Checks of the books that somebody asked for or that were due, and what they found.

mod outcome;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::error::{Error, Fault};
use crate::{Comparison, Ledger, Report};
use outcome::Outcome;

/// For how long runs are kept.
const KEPT_FOR: Duration = Duration::days(90);
/// In whose name a worker checks.
const WORKER: &str = "worker";
/// How often a worker checks what changed, and how often everything.
const CHANGES_EVERY: Duration = Duration::minutes(10);
const ALL_EVERY: Duration = Duration::DAY;
/// A check of what changed looks a little further back than to the last one.
const OVERLAP: Duration = Duration::minutes(1);
/// How far a comparison with Stripe goes back at most, should differences stay.
const COMPARED_AT_MOST: Duration = Duration::days(30);
/// Payments younger than this may still be on their way into the books.
const SETTLES_WITHIN: Duration = Duration::hours(1);

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckKind {
    /// Every statement about the books.
    Verify,
    /// Only what changed lately.
    VerifyChanges,
    /// Grants, constraints and indexes.
    Guards,
    /// The books beside Stripe's objects.
    Reconcile,
}

impl CheckKind {
    pub const ALL: &[Self] = &[
        Self::Verify,
        Self::VerifyChanges,
        Self::Guards,
        Self::Reconcile,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::VerifyChanges => "verify_changes",
            Self::Guards => "guards",
            Self::Reconcile => "reconcile",
        }
    }

    const fn every(self) -> Duration {
        match self {
            Self::VerifyChanges => CHANGES_EVERY,
            Self::Verify | Self::Guards | Self::Reconcile => ALL_EVERY,
        }
    }
}

/// A run and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckRun {
    pub kind: String,
    pub asked_by: String,
    pub started_at: OffsetDateTime,
    pub ended_at: Option<OffsetDateTime>,
    pub checked: Option<i32>,
    pub found: Option<i64>,
    /// What was found, in lines.
    pub findings: Option<Value>,
    pub trouble: Option<String>,
}

impl Ledger {
    /// Checks the books as [`Ledger::verify`] does and keeps what it found.
    pub async fn verify_noted(
        &self,
        since: Option<OffsetDateTime>,
        by: &str,
    ) -> Result<Report, Error> {
        let kind = if since.is_some() {
            CheckKind::VerifyChanges
        } else {
            CheckKind::Verify
        };
        let slot = self.clock().now();
        self.begin_check(kind, slot, by).await;
        let report = self.verify(since).await;
        self.end_check(kind, slot, report.as_ref().map(Outcome::from))
            .await;
        report
    }

    /// Compares grants, constraints and indexes with the list and keeps what it found.
    pub async fn verify_guards_noted(&self, by: &str) -> Result<Report, Error> {
        let slot = self.clock().now();
        self.begin_check(CheckKind::Guards, slot, by).await;
        let checked = self.verify_guards().await;
        let report = checked.map(|check| Report {
            at: slot,
            checked: vec![check],
        });
        self.end_check(CheckKind::Guards, slot, report.as_ref().map(Outcome::from))
            .await;
        report
    }

    /// Compares the books with Stripe as [`Ledger::compare_with_stripe`] does and keeps what it found.
    pub async fn reconcile_noted(
        &self,
        from: OffsetDateTime,
        until: OffsetDateTime,
        by: &str,
    ) -> Result<Comparison, Error> {
        let slot = self.clock().now();
        self.begin_check(CheckKind::Reconcile, slot, by).await;
        let comparison = self.compare_with_stripe(from, until).await;
        let outcome = comparison.as_ref().map(Outcome::from);
        self.end_check(CheckKind::Reconcile, slot, outcome).await;
        comparison
    }

    /// Runs the checks that are due, each on one server only; returns how many this one ran. What
    /// they find is in the log and on the page of the house.
    pub async fn run_due_checks(&self) -> Result<usize, Error> {
        let mut ran = 0;
        for kind in CheckKind::ALL {
            let slot = slot_of(self.clock().now(), kind.every());
            if !self.claim_check_run(*kind, slot, WORKER).await? {
                continue;
            }
            ran += 1;
            let outcome = self.run_check(*kind).await;
            if let Ok(outcome) = &outcome
                && outcome.found > 0
            {
                tracing::error!(kind = kind.word(), found = outcome.found, findings = ?outcome.findings, "a check of the books found something");
            }
            self.end_check(*kind, slot, outcome.as_ref().cloned()).await;
        }
        Ok(ran)
    }

    async fn run_check(&self, kind: CheckKind) -> Result<Outcome, Error> {
        let now = self.clock().now();
        match kind {
            CheckKind::Verify => Ok(Outcome::from(&self.verify(None).await?)),
            CheckKind::VerifyChanges => {
                let since = self.last_look().await?.unwrap_or(now - CHANGES_EVERY) - OVERLAP;
                Ok(Outcome::from(&self.verify(Some(since)).await?))
            }
            CheckKind::Guards => {
                let checked = vec![self.verify_guards().await?];
                Ok(Outcome::from(&Report { at: now, checked }))
            }
            CheckKind::Reconcile => {
                let until = now - SETTLES_WITHIN;
                let from = self.agreed_until().await?.unwrap_or(until - ALL_EVERY);
                let from = from.clamp(until - COMPARED_AT_MOST, until - ALL_EVERY);
                let compared = self.compare_with_stripe(from, until).await?;
                Ok(Outcome::from(&compared))
            }
        }
    }

    /// When the last of the worker's checks of changes that came to its end began: others look at less.
    async fn last_look(&self) -> Result<Option<OffsetDateTime>, Error> {
        Ok(sqlx::query_scalar!(
            "select max(started_at) from check_run
             where kind = 'verify_changes' and asked_by = $1 and found is not null",
            WORKER
        )
        .fetch_one(self.worker())
        .await?)
    }

    /// Until when books and Stripe agreed: what the last comparison without a difference covered. So a run
    /// that was missed or failed is made good, and a difference is found again until somebody mends it.
    async fn agreed_until(&self) -> Result<Option<OffsetDateTime>, Error> {
        let runs = sqlx::query!(
            "select min(started_at) as first, max(started_at) filter (where found = 0) as agreed
             from check_run where kind = 'reconcile' and asked_by = $1",
            WORKER
        )
        .fetch_one(self.worker())
        .await?;
        let first = runs.first.map(|first| first - ALL_EVERY);
        Ok(runs.agreed.or(first).map(|agreed| agreed - SETTLES_WITHIN))
    }

    /// The last runs of each kind, newest first.
    pub async fn check_runs(&self) -> Result<Vec<CheckRun>, Error> {
        let kinds: Vec<String> = CheckKind::ALL
            .iter()
            .map(|kind| kind.word().to_owned())
            .collect();
        Ok(sqlx::query_as!(
            CheckRun,
            r#"select run.kind as "kind!", asked_by as "asked_by!", started_at as "started_at!", ended_at, checked,
                      found, findings, trouble
               from unnest($1::text[]) as of_kind (kind)
               cross join lateral (
                   select * from check_run where check_run.kind = of_kind.kind order by slot desc limit 3
               ) as run
               order by started_at desc"#,
            &kinds
        )
        .fetch_all(self.web())
        .await?)
    }

    /// Forgets runs of long ago. Part of [`Ledger::tidy`].
    pub(crate) async fn forget_check_runs(&self) -> Result<(), Fault> {
        sqlx::query!(
            "delete from check_run where started_at < $1",
            self.clock().now() - KEPT_FOR
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }

    /// Takes a run for this server; false if another has it.
    async fn claim_check_run(
        &self,
        kind: CheckKind,
        slot: OffsetDateTime,
        by: &str,
    ) -> Result<bool, Error> {
        let done = sqlx::query!(
            "insert into check_run (kind, slot, asked_by, started_at) values ($1, $2, $3, $4)
             on conflict (kind, slot) do nothing",
            kind.word(),
            slot,
            by,
            self.clock().now()
        )
        .execute(self.worker())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that a check begins. One that cannot be noted, as on a restored copy, is run all the same.
    async fn begin_check(&self, kind: CheckKind, slot: OffsetDateTime, by: &str) {
        if let Err(error) = self.claim_check_run(kind, slot, by).await {
            tracing::warn!(%error, kind = kind.word(), "a check is not noted");
        }
    }

    async fn end_check(
        &self,
        kind: CheckKind,
        slot: OffsetDateTime,
        outcome: Result<Outcome, &Error>,
    ) {
        let (said, trouble) = match outcome {
            Ok(said) => (Some(said), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let checked = said.as_ref().map(|said| said.checked);
        let done = sqlx::query!(
            "update check_run set ended_at = $3, checked = $4, found = $5, findings = $6, trouble = $7
             where kind = $1 and slot = $2",
            kind.word(),
            slot,
            self.clock().now(),
            checked.map(|count| i32::try_from(count).unwrap_or(i32::MAX)),
            said.as_ref().map(|said| said.found),
            said.map(|said| json!(said.findings)),
            trouble
        )
        .execute(self.worker())
        .await;
        if let Err(error) = done {
            tracing::warn!(%error, kind = kind.word(), "what a check found is not kept");
        }
    }
}

/// The beginning of the time that one run stands for.
fn slot_of(now: OffsetDateTime, every: Duration) -> OffsetDateTime {
    let into = now.unix_timestamp().rem_euclid(every.whole_seconds());
    let slot = now - Duration::seconds(into);
    slot.replace_nanosecond(0).unwrap_or(slot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_run_stands_for_the_time_it_falls_in() {
        let now = datetime!(2026-11-22 14:37:21.5 UTC);
        for (every, slot) in [
            (CHANGES_EVERY, datetime!(2026-11-22 14:30 UTC)),
            (ALL_EVERY, datetime!(2026-11-22 0:00 UTC)),
        ] {
            assert_eq!(slot_of(now, every), slot);
        }
    }
}
