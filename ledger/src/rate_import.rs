//! New prices: a whole list or nothing, as the next version of the price book.

mod write;

use std::collections::{BTreeMap, HashSet};

use domain::Money;
use domain::rate::{Rate, RateKind};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::Ledger;
use crate::error::{Error, Fault};
use crate::price_list::{self, BadLine, Listed};
use crate::rates;

/// A price list and what to do with it.
#[derive(Clone, Debug)]
pub struct ImportRates {
    /// How the operator calls the list: its file's name.
    pub name: String,
    /// CSV.
    pub text: String,
    /// From when lines without a date of their own are valid; none, or a moment that is past: now.
    pub effective: Option<OffsetDateTime>,
    /// Prefixes that the list does not name lose their price at that moment.
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

/// What a list changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceDiff {
    /// The version it made; none if it was only looked at, or changes nothing.
    pub version: Option<i64>,
    pub changes: Vec<PriceChange>,
    pub unchanged: usize,
}

/// One prefix, before and after a moment; no price before is a new destination, none after an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceChange {
    pub prefix: String,
    pub from: OffsetDateTime,
    pub before: Option<Rate>,
    pub after: Option<Rate>,
}

/// A price with its time.
#[derive(Clone)]
struct Period {
    from: OffsetDateTime,
    to: Option<OffsetDateTime>,
    rate: Rate,
}

/// The prices of each prefix in the order of time; none overlap.
type Book = BTreeMap<String, Vec<Period>>;

/// What is to be written.
#[derive(Default)]
struct Plan {
    diff: PriceDiff,
    bad: Vec<BadLine>,
    /// Prefix and start of the price that ends, and when.
    ends: BTreeMap<(String, OffsetDateTime), OffsetDateTime>,
    begins: BTreeMap<(String, OffsetDateTime), Period>,
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
            r#"insert into price_list (price_list_id, name)
               select coalesce(max(price_list_id), 0) + 1, $1 from price_list returning price_list_id"#,
            import.name
        )
        .fetch_one(&mut *tx)
        .await?;
        let now = self.now_in(&mut tx).await?;
        let book = read(&mut tx, now).await?;
        let mut plan = plan(book, import, listed, now);
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
}

fn plan(mut book: Book, import: &ImportRates, listed: &[Listed], now: OffsetDateTime) -> Plan {
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
    fn put(&mut self, periods: &mut Vec<Period>, line: &Listed, from: OffsetDateTime) {
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
            self.ends.insert((prefix.clone(), period.from), from);
            periods[at - 1].to = Some(from);
        }
        let period = Period {
            from,
            to: periods.get(at).map(|next| next.from),
            rate: line.rate.clone(),
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

    fn end(&mut self, prefix: &str, periods: &mut [Period], end: OffsetDateTime) {
        let open = periods
            .iter_mut()
            .find(|period| period.from < end && period.to.is_none_or(|to| to > end));
        if let Some(period) = open {
            period.to = Some(end);
            self.ends.insert((prefix.to_owned(), period.from), end);
            self.diff.changes.push(PriceChange {
                prefix: prefix.to_owned(),
                from: end,
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
                  max_seconds, blocked
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
        });
    }
    Ok(book)
}
