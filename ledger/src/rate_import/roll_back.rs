//! Going back to a former version of the price book: prices become what they would be now had newer
//! lists never come, and what was announced then is announced again. It is a version of its own; what
//! was in force stays history.

use std::collections::BTreeSet;

use domain::Declined;
use domain::price_list::PriceRefusal;
use domain::rate::Rate;
use time::OffsetDateTime;

use super::former::{Version, valid_before};
use super::{Book, Period, Plan, PriceChange, PriceDiff, read, write};
use crate::Ledger;
use crate::error::{Error, Fault};

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
    /// for later is taken back; what they took back is announced again. Again changes nothing. Declined for the newest version.
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
        let former = Version::read(&mut tx, back.version, now).await?;
        let mut plan = plan(&book, &former, now);
        if back.dry_run || plan.diff.changes.is_empty() {
            return Ok(plan.diff);
        }
        write::write(&mut tx, version, &plan).await?;
        tx.commit().await?;
        plan.diff.version = Some(version);
        Ok(plan.diff)
    }
}

fn plan(book: &Book, version: &Version, now: OffsetDateTime) -> Plan {
    let mut plan = Plan::default();
    let names = book.keys().chain(version.former.keys());
    let prefixes: BTreeSet<&String> = names.chain(version.announced.keys()).collect();
    for prefix in prefixes {
        let periods = book.get(prefix).map_or(&[][..], Vec::as_slice);
        plan.go_back(prefix, periods, version, now);
    }
    plan
}

impl Plan {
    fn go_back(
        &mut self,
        prefix: &str,
        periods: &[Period],
        version: &Version,
        now: OffsetDateTime,
    ) {
        let former = version.former.get(prefix);
        let current = periods.iter().find(|period| period.from <= now);
        let coming = version.coming(prefix, periods, now);
        let is_gone = |period: &&Period| {
            period.from > now
                && !coming.iter().any(|coming| {
                    coming
                        .there
                        .is_some_and(|there| std::ptr::eq(there, *period))
                })
        };
        let gone: Vec<&Period> = periods.iter().filter(is_gone).collect();
        // What comes is valid until the next that comes.
        for (at, price) in coming.iter().enumerate() {
            let next = coming.get(at + 1).map(|next| next.from);
            let end = [next, price.end].into_iter().flatten().min();
            if let Some(period) = price.there {
                self.end_at(prefix, period, end);
                continue;
            }
            let instead_of = gone.iter().find(|gone| gone.from == price.from);
            let before = instead_of.map(|gone| &gone.rate);
            let before = before.or(valid_before(&coming, former, price.from));
            self.changed(prefix, price.from, before, Some(price.rate));
            self.begin(prefix, price.from, price.rate, end, version.number);
        }
        let next = coming.first().map(|coming| coming.from);
        let end = former.and_then(|former| [next, former.end].into_iter().flatten().min());
        match (current, former) {
            (Some(current), Some(former)) if current.rate == former.rate => {
                self.diff.unchanged += 1;
                self.end_at(prefix, current, end);
            }
            (current, Some(former)) => {
                if let Some(current) = current {
                    self.end_at(prefix, current, Some(now));
                }
                self.begin(prefix, now, &former.rate, end, version.number);
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
            if coming.iter().any(|coming| coming.from == period.from) {
                continue;
            }
            let instead = valid_before(&coming, former, period.from);
            self.changed(prefix, period.from, Some(&period.rate), instead);
        }
    }

    fn begin(
        &mut self,
        prefix: &str,
        from: OffsetDateTime,
        rate: &Rate,
        to: Option<OffsetDateTime>,
        list: i64,
    ) {
        let period = Period {
            from,
            to,
            rate: rate.clone(),
            list,
            ended_by: None,
        };
        self.begins.insert((prefix.to_owned(), from), period);
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
