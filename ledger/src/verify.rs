//! The auditor: every statement about the books that must hold, counted on one snapshot.
//!
//! The statements read what is stored and trust nothing that wrote it. Their queries are in
//! `verify/*.sql`; each returns how often it is violated and a few examples.

mod guards;
mod rerate;
mod shown;

use domain::TransferKind;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::{Error, Fault};
use crate::{Ledger, seal};

/// What the check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// When the snapshot was taken, by the database's clock.
    pub at: OffsetDateTime,
    pub checked: Vec<Check>,
}

/// One statement about the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Short and stable: `V2`.
    pub name: &'static str,
    pub statement: &'static str,
    /// How often it does not hold.
    pub violations: i64,
    /// At most five places where it does not.
    pub examples: Vec<String>,
}

impl Report {
    /// Whether every statement holds.
    pub fn is_clean(&self) -> bool {
        self.checked.iter().all(|check| check.violations == 0)
    }

    /// Names of the statements that do not hold.
    pub fn violated(&self) -> Vec<&'static str> {
        self.checked
            .iter()
            .filter(|check| check.violations > 0)
            .map(|check| check.name)
            .collect()
    }
}

/// What a query in `verify/` returns.
struct Finding {
    violations: i64,
    examples: Vec<String>,
}

impl Finding {
    fn of(self, name: &'static str, statement: &'static str) -> Check {
        Check {
            name,
            statement,
            violations: self.violations,
            examples: self.examples,
        }
    }
}

/// The largest amount one transfer may move.
const CEILING: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

impl Ledger {
    /// Checks the books on one read-only snapshot; `since` looks only at what changed from then on.
    ///
    /// Takes as long as reading all transfers a few times; locks nothing.
    pub async fn verify(&self, since: Option<OffsetDateTime>) -> Result<Report, Error> {
        Ok(self.inspect(since).await?)
    }

    async fn inspect(&self, since: Option<OffsetDateTime>) -> Result<Report, Fault> {
        let mut snapshot = self
            .read()
            .begin_with("begin isolation level repeatable read read only")
            .await?;
        if since.is_some() {
            // Little is looked for in much: without this the planner, which cannot know how little, reads all.
            sqlx::raw_sql("set local enable_seqscan = off; set local jit = off")
                .execute(&mut *snapshot)
                .await?;
        }
        let at = sqlx::query_scalar!(r#"select now() as "at!""#)
            .fetch_one(&mut *snapshot)
            .await?;
        let mut checked = transfers(&mut snapshot, since).await?;
        checked.extend(calls(&mut snapshot, since).await?);
        checked.extend(outside(&mut snapshot, since).await?);
        if since.is_none() {
            // What changed just now is not sealed yet.
            checked.push(seal::check(&mut snapshot).await?);
        }
        snapshot.commit().await?;
        Ok(Report { at, checked })
    }
}

/// Runs one query of `verify/` and names what it found.
macro_rules! check {
    ($connection:expr, $name:literal, $statement:literal, $file:literal, $($argument:expr),+) => {
        sqlx::query_file_as!(Finding, $file, $($argument),+)
            .fetch_one(&mut *$connection)
            .await?
            .of($name, $statement)
    };
}

/// Wallets and transfers by themselves.
async fn transfers(
    snapshot: &mut PgConnection,
    since: Option<OffsetDateTime>,
) -> Result<Vec<Check>, Fault> {
    let routes: Vec<String> = TransferKind::ALL
        .iter()
        .flat_map(|kind| kind.routes().iter().map(move |route| (kind, route)))
        .map(|(kind, (from, to))| format!("{} {} {}", kind.word(), from.word(), to.word()))
        .collect();
    Ok(vec![
        check!(
            snapshot,
            "V1",
            "every transfer moves a possible amount between accounts its kind may join",
            "src/verify/amounts.sql",
            since,
            CEILING,
            &routes
        ),
        check!(
            snapshot,
            "V2",
            "numbers have no gaps and each row's balances follow from the row before",
            "src/verify/chain.sql",
            since
        ),
        check!(
            snapshot,
            "V3",
            "each wallet is the sum of its transfers",
            "src/verify/sums.sql",
            since
        ),
        check!(
            snapshot,
            "V4",
            "the last transfer of each wallet shows its balances",
            "src/verify/balances.sql",
            since
        ),
        check!(
            snapshot,
            "V5",
            "no balance was below zero at any moment",
            "src/verify/never_negative.sql",
            since
        ),
        check!(
            snapshot,
            "V6",
            "what is held is what running calls and open refunds hold",
            "src/verify/holds.sql",
            since
        ),
        shown::credit(snapshot, since).await?,
        check!(
            snapshot,
            "V24",
            "with debt nothing new is set aside, and a top-up pays the debt first",
            "src/verify/debt.sql",
            since
        ),
    ])
}

/// The books beside what calls, messages, grants and corrections say.
async fn calls(
    snapshot: &mut PgConnection,
    since: Option<OffsetDateTime>,
) -> Result<Vec<Check>, Fault> {
    Ok(vec![
        check!(
            snapshot,
            "V7",
            "the transfers of a call add up to what it holds, or to its charge once it is closed",
            "src/verify/calls.sql",
            since
        ),
        check!(
            snapshot,
            "V8",
            "no call holds credit past its time",
            "src/verify/leases.sql",
            since
        ),
        check!(
            snapshot,
            "V20",
            "the time granted to a call never shrank",
            "src/verify/grants.sql",
            since
        ),
        rerate::calls(snapshot, since).await?,
        check!(
            snapshot,
            "V13",
            "a charge given back mirrors a capture of its call that came before, once",
            "src/verify/corrections.sql",
            since
        ),
        check!(
            snapshot,
            "V18",
            "a call was granted or refused, never both, and its last answer is one it was given",
            "src/verify/answers.sql",
            since
        ),
        check!(
            snapshot,
            "V14",
            "each correction, grant and charged message has its transfer, and none is without one",
            "src/verify/credit.sql",
            since
        ),
    ])
}

/// The books beside what the world outside said.
async fn outside(
    snapshot: &mut PgConnection,
    since: Option<OffsetDateTime>,
) -> Result<Vec<Check>, Fault> {
    Ok(vec![
        check!(
            snapshot,
            "V9",
            "an object at Stripe belongs to one wallet",
            "src/verify/one_owner.sql",
            since
        ),
        check!(
            snapshot,
            "V10",
            "each settled top-up has its transfer and its bonus, and none is without a top-up",
            "src/verify/top_ups.sql",
            since
        ),
        check!(
            snapshot,
            "V11",
            "for each payment, what came from Stripe less what went back is what was paid",
            "src/verify/clearing.sql",
            since
        ),
        check!(
            snapshot,
            "V16",
            "each refund and dispute moved what its row says, and refunds never exceed their payment",
            "src/verify/returns.sql",
            since
        ),
        check!(
            snapshot,
            "V12",
            "every event from Stripe is done, was not ours, or is less than five minutes old",
            "src/verify/inbox.sql",
            since
        ),
        check!(
            snapshot,
            "V17",
            "one refill of a wallet is under way at most, and each that succeeded is a settled top-up",
            "src/verify/refills.sql",
            since
        ),
        check!(
            snapshot,
            "V15",
            "budgets lost what wallets claimed, and each claim and reward was given for its reason",
            "src/verify/rewards.sql",
            since
        ),
    ])
}
