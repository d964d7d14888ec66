//! Going back to a former version of the price book: prices become what they would be now had newer
//! lists never come. It is a version of its own; what was in force stays history.

use std::collections::{BTreeMap, BTreeSet};

use domain::price_list::PriceRefusal;
use domain::rate::{Rate, RateKind};
use domain::{Declined, Money};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Book, Period, Plan, PriceChange, PriceDiff, read, write};
use crate::Ledger;
use crate::error::{Error, Fault};
use crate::rates;

/// What a prefix would cost now, and until when if nothing comes after it.
struct Former {
    rate: Rate,
    end: Option<OffsetDateTime>,
}

/// Going back, and for whom.
#[derive(Clone, Debug)]
pub struct RollBack {
    pub version: i64,
    pub author: String,
    /// Only tell what would change.
    pub dry_run: bool,
}

impl Ledger {
    /// Takes up the prices of a former version: those of newer lists end now, and what they announced
    /// for later is taken back. Again changes nothing. Declined for the newest version.
    pub async fn roll_back_prices(&self, back: RollBack) -> Result<PriceDiff, Error> {
        self.act(move |ledger| {
            let back = back.clone();
            async move { ledger.roll_back(&back).await }
        })
        .await
    }

    async fn roll_back(&self, back: &RollBack) -> Result<PriceDiff, Fault> {
        let mut tx = self.worker().begin().await?;
        let known = sqlx::query!(
            r#"select name, exists (
                   select from price_list as newer
                   where newer.price_list_id > $1 and newer.source <> 'guard'
               ) as "has_newer!"
               from price_list where price_list_id = $1 and source <> 'guard'"#,
            back.version
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Fault::NotFound)?;
        if !known.has_newer {
            return Err(Declined::Prices(PriceRefusal::Newest).into());
        }
        // The number first, as for an import: nothing comes in between.
        let version = sqlx::query_scalar!(
            r#"insert into price_list (price_list_id, name, source, author, rolls_back_to, imported_at)
               select coalesce(max(price_list_id), 0) + 1, $1, 'rollback', $2, $3,
                   now() + $4::bigint * interval '1 microsecond' from price_list returning price_list_id"#,
            known.name,
            back.author,
            back.version,
            self.offset()
        )
        .fetch_one(&mut *tx)
        .await?;
        let now = self.now_after_waiting(&mut tx).await?;
        let book = read(&mut tx, now).await?;
        let former = former(&mut tx, back.version, now).await?;
        let mut plan = plan(&book, &former, back.version, now);
        if back.dry_run || plan.diff.changes.is_empty() {
            return Ok(plan.diff);
        }
        write::write(&mut tx, version, &plan).await?;
        tx.commit().await?;
        plan.diff.version = Some(version);
        Ok(plan.diff)
    }
}

fn plan(book: &Book, former: &BTreeMap<String, Former>, version: i64, now: OffsetDateTime) -> Plan {
    let mut plan = Plan::default();
    let prefixes: BTreeSet<&String> = book.keys().chain(former.keys()).collect();
    for prefix in prefixes {
        let periods = book.get(prefix).map_or(&[][..], Vec::as_slice);
        plan.go_back(prefix, periods, former.get(prefix), version, now);
    }
    plan
}

impl Plan {
    fn go_back(
        &mut self,
        prefix: &str,
        periods: &[Period],
        former: Option<&Former>,
        version: i64,
        now: OffsetDateTime,
    ) {
        let current = periods.iter().find(|period| period.from <= now);
        let later = periods.iter().filter(|period| period.from > now);
        let (stay, gone): (Vec<&Period>, Vec<&Period>) =
            later.partition(|period| period.list <= version);
        // What stays is valid until the next that stays.
        for (at, period) in stay.iter().enumerate() {
            let own = period.to.filter(|_| period.is_ended_by(version));
            self.end_at(
                prefix,
                period,
                stay.get(at + 1).map(|next| next.from).or(own),
            );
        }
        let end = former.and_then(|former| {
            let next = stay.first().map(|period| period.from);
            next.or(former.end)
        });
        match (current, former) {
            (Some(current), Some(former)) if current.rate == former.rate => {
                self.diff.unchanged += 1;
                self.end_at(prefix, current, end);
            }
            (current, Some(former)) => {
                if let Some(current) = current {
                    self.end_at(prefix, current, Some(now));
                }
                let period = Period {
                    from: now,
                    to: end,
                    rate: former.rate.clone(),
                    list: version,
                    ended_by: None,
                };
                self.begins.insert((prefix.to_owned(), now), period);
                self.changed(
                    prefix,
                    now,
                    current.map(|was| &was.rate),
                    Some(&former.rate),
                );
            }
            (Some(current), None) => {
                self.end_at(prefix, current, Some(now));
                self.changed(prefix, now, Some(&current.rate), None);
            }
            (None, None) => {}
        }
        for period in gone {
            self.withdrawn.insert((prefix.to_owned(), period.from));
            let before = stay.iter().rev().find(|stays| stays.from < period.from);
            let instead = before.map(|stays| &stays.rate);
            let instead = instead.or(former.map(|former| &former.rate));
            self.changed(prefix, period.from, Some(&period.rate), instead);
        }
    }

    /// Ends a price that is there at another moment, if it is another.
    fn end_at(&mut self, prefix: &str, period: &Period, end: Option<OffsetDateTime>) {
        if period.to != end {
            self.ends.insert((prefix.to_owned(), period.from), end);
        }
    }

    fn changed(
        &mut self,
        prefix: &str,
        from: OffsetDateTime,
        before: Option<&Rate>,
        after: Option<&Rate>,
    ) {
        self.diff.changes.push(PriceChange {
            prefix: prefix.to_owned(),
            from,
            before: before.cloned(),
            after: after.cloned(),
        });
    }
}

/// The prices there would be now by the lists up to a version: of each prefix the last that began,
/// unless one of these lists ended it.
async fn former(
    connection: &mut PgConnection,
    version: i64,
    now: OffsetDateTime,
) -> Result<BTreeMap<String, Former>, Fault> {
    let rows = sqlx::query!(
        r#"with next_list as (
               select min(imported_at) as at from price_list where price_list_id > $1 and source <> 'guard'
           ), last_begun as (
               select distinct on (prefix) * from rate
               where price_list_id <= $1 and valid_from <= $2 order by prefix, valid_from desc
           )
           select prefix, destination, kind as "kind: RateKind", per_minute, connection_fee as "connection_fee: Money",
                  initial_seconds, increment_seconds, max_seconds, blocked,
                  -- Who ended it was not noted once: whatever ended before the next list came was not its doing.
                  case when coalesce(ended_by <= $1, valid_to < next_list.at) then valid_to end as "end"
           from last_begun, next_list"#,
        version,
        now
    )
    .fetch_all(connection)
    .await?;
    let mut former = BTreeMap::new();
    for row in rows {
        if row.end.is_some_and(|end| end <= now) {
            continue;
        }
        let steps = [row.initial_seconds, row.increment_seconds, row.max_seconds];
        let rate = Rate {
            prefix: row.prefix.clone(),
            destination: row.destination,
            kind: row.kind,
            pricing: rates::pricing(row.per_minute, row.connection_fee, steps)?,
            blocked: row.blocked,
        };
        let end = row.end;
        former.insert(row.prefix, Former { rate, end });
    }
    Ok(former)
}
