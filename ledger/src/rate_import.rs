//! New prices: a whole list or nothing, as the next version of the price book.

mod diff;
mod former;
mod list;
mod roll_back;
mod write;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use domain::Money;
use domain::rate::{Rate, RateKind};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::Ledger;
use crate::error::{Error, Fault};
use crate::price_list::{self, BadLine, Listed};
use crate::rates;

pub use diff::{ChangeSort, PriceChange, PriceDiff};
pub use list::{PriceDraft, PriceListRow};
pub use roll_back::RollBack;

/// A price list and what to do with it.
#[derive(Clone, Debug)]
pub struct ImportRates {
    /// How the operator calls the list: its file's name.
    pub name: String,
    /// CSV.
    pub text: String,
    /// Who sends it: an address, or what took it in by itself.
    pub author: String,
    /// From when lines without a date of their own are valid; none, or a moment that is past: now.
    pub effective: Option<OffsetDateTime>,
    /// Prefixes that the list does not name lose their price at that moment, and what was announced for later.
    pub complete: bool,
    /// Only tell what would change.
    pub dry_run: bool,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Every line that is wrong.
    #[error("read the price list: {} bad lines", .0.len())]
    Bad(Vec<BadLine>),
    #[error(transparent)]
    Ledger(#[from] Error),
}

/// A price with its time.
#[derive(Clone)]
struct Period {
    from: OffsetDateTime,
    to: Option<OffsetDateTime>,
    rate: Rate,
    /// The version it came with.
    list: i64,
    /// The version that ended it, if that was noted.
    ended_by: Option<i64>,
}

impl Period {
    /// Whether a version or an older one ended it.
    fn is_ended_by(&self, version: i64) -> bool {
        self.ended_by.is_some_and(|by| by <= version)
    }
}

/// The prices of each prefix in the order of time; none overlap.
type Book = BTreeMap<String, Vec<Period>>;

/// What is to be written.
#[derive(Default)]
struct Plan {
    diff: PriceDiff,
    bad: Vec<BadLine>,
    /// Prefix and start of a price that is there, and when it ends now; none ends it no more.
    ends: BTreeMap<(String, OffsetDateTime), Option<OffsetDateTime>>,
    begins: BTreeMap<(String, OffsetDateTime), Period>,
    /// Prices that were announced and are taken back.
    withdrawn: BTreeSet<(String, OffsetDateTime)>,
}

enum Imported {
    Done(PriceDiff),
    Bad(Vec<BadLine>),
}

impl Ledger {
    /// Imports a price list: all of it or, if one line is wrong, nothing. A price is valid until the
    /// next one of its prefix, so none overlap. The same list again changes nothing.
    pub async fn import_rates(&self, import: ImportRates) -> Result<PriceDiff, ImportError> {
        let listed = price_list::read(&import.text).map_err(ImportError::Bad)?;
        let outcome = self
            .act(move |ledger| {
                let (import, listed) = (import.clone(), listed.clone());
                async move { ledger.import(&import, &listed).await }
            })
            .await?;
        match outcome {
            Imported::Done(diff) => Ok(diff),
            Imported::Bad(lines) => Err(ImportError::Bad(lines)),
        }
    }

    async fn import(&self, import: &ImportRates, listed: &[Listed]) -> Result<Imported, Fault> {
        let mut tx = self.worker().begin().await?;
        // The number first: of two imports at once the second waits here, then sees the first's prices.
        let version = sqlx::query_scalar!(
            r#"insert into price_list (price_list_id, name, author, effective_at, imported_at)
               select coalesce(max(price_list_id), 0) + 1, $1, $2, $3,
                   now() + $4::bigint * interval '1 microsecond' from price_list returning price_list_id"#,
            import.name,
            import.author,
            import.effective,
            self.offset()
        )
        .fetch_one(&mut *tx)
        .await?;
        let now = self.now_after_waiting(&mut tx).await?;
        let book = read(&mut tx, now).await?;
        let mut plan = plan(book, import, listed, version, now);
        if !plan.bad.is_empty() {
            return Ok(Imported::Bad(plan.bad));
        }
        if import.dry_run || plan.diff.changes.is_empty() {
            return Ok(Imported::Done(plan.diff));
        }
        write::write(&mut tx, version, &plan).await?;
        tx.commit().await?;
        plan.diff.version = Some(version);
        Ok(Imported::Done(plan.diff))
    }

    /// This moment, not the one the transaction began at: of two lists at once the second may have
    /// begun first, and its prices must not begin before those it comes after.
    async fn now_after_waiting(&self, tx: &mut PgConnection) -> Result<OffsetDateTime, Fault> {
        Ok(sqlx::query_scalar!(
            r#"select clock_timestamp() + $1::bigint * interval '1 microsecond' as "now!""#,
            self.offset()
        )
        .fetch_one(tx)
        .await?)
    }
}

fn plan(
    mut book: Book,
    import: &ImportRates,
    listed: &[Listed],
    version: i64,
    now: OffsetDateTime,
) -> Plan {
    let mut plan = Plan::default();
    // Postgres keeps whole microseconds, and an equal moment must be found equal.
    let begin = |moment: Option<OffsetDateTime>| {
        let moment = moment.or(import.effective).unwrap_or(now).max(now);
        moment.truncate_to_microsecond()
    };
    for line in listed {
        let from = begin(line.effective);
        plan.put(
            book.entry(line.rate.prefix.clone()).or_default(),
            line,
            from,
            version,
        );
    }
    if import.complete {
        let named: HashSet<&str> = listed
            .iter()
            .map(|line| line.rate.prefix.as_str())
            .collect();
        let end = begin(None);
        for (prefix, periods) in &mut book {
            if !named.contains(prefix.as_str()) {
                plan.end(prefix, periods, end);
            }
        }
    }
    plan
}

impl Plan {
    /// The price of a prefix from a moment until its next one.
    fn put(
        &mut self,
        periods: &mut Vec<Period>,
        line: &Listed,
        from: OffsetDateTime,
        version: i64,
    ) {
        let prefix = &line.rate.prefix;
        let at = periods.partition_point(|period| period.from <= from);
        let before = at.checked_sub(1).map(|last| periods[last].clone());
        let valid = before.filter(|period| period.to.is_none_or(|to| to > from));
        if let Some(period) = &valid {
            if period.rate == line.rate {
                self.diff.unchanged += 1;
                return;
            }
            if period.from == from {
                self.bad.push(BadLine {
                    line: line.line,
                    problem: format!("prefix {prefix} has another price from that moment already"),
                });
                return;
            }
            self.ends.insert((prefix.clone(), period.from), Some(from));
            periods[at - 1].to = Some(from);
        }
        let period = Period {
            from,
            to: periods.get(at).map(|next| next.from),
            rate: line.rate.clone(),
            list: version,
            ended_by: None,
        };
        self.diff.changes.push(PriceChange {
            prefix: prefix.clone(),
            from,
            before: valid.map(|period| period.rate),
            after: Some(line.rate.clone()),
        });
        self.begins.insert((prefix.clone(), from), period.clone());
        periods.insert(at, period);
    }

    /// No price of a prefix from a moment on, neither the one that is valid then nor one announced for later.
    fn end(&mut self, prefix: &str, periods: &mut [Period], end: OffsetDateTime) {
        for period in periods.iter_mut() {
            if period.to.is_some_and(|to| to <= end) {
                continue;
            }
            let key = (prefix.to_owned(), period.from);
            if period.from < end {
                period.to = Some(end);
                self.ends.insert(key, Some(end));
            } else {
                self.withdrawn.insert(key);
            }
            self.diff.changes.push(PriceChange {
                prefix: prefix.to_owned(),
                from: period.from.max(end),
                before: Some(period.rate.clone()),
                after: None,
            });
        }
    }
}

/// All prices that are valid now or later.
async fn read(connection: &mut PgConnection, now: OffsetDateTime) -> Result<Book, Fault> {
    let rows = sqlx::query!(
        r#"select prefix, valid_from, valid_to, destination, kind as "kind: RateKind", per_minute,
                  connection_fee as "connection_fee: Money", initial_seconds, increment_seconds,
                  max_seconds, blocked, price_list_id, ended_by
           from rate where valid_to is null or valid_to > $1 order by prefix, valid_from"#,
        now
    )
    .fetch_all(connection)
    .await?;
    let mut book = Book::new();
    for row in rows {
        let steps = [row.initial_seconds, row.increment_seconds, row.max_seconds];
        let rate = Rate {
            prefix: row.prefix.clone(),
            destination: row.destination,
            kind: row.kind,
            pricing: rates::pricing(row.per_minute, row.connection_fee, steps)?,
            blocked: row.blocked,
        };
        book.entry(row.prefix).or_default().push(Period {
            from: row.valid_from,
            to: row.valid_to,
            rate,
            list: row.price_list_id,
            ended_by: row.ended_by,
        });
    }
    Ok(book)
}
