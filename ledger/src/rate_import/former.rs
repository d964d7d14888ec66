//! What a former version made of prices: those there would be now had newer lists never come, and those
//! it announced.

use std::collections::BTreeMap;

use domain::Money;
use domain::rate::{Rate, RateKind};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::Period;
use crate::error::Fault;
use crate::rates;

/// What a prefix would cost now, and until when if nothing comes after it.
pub(super) struct Former {
    pub(super) rate: Rate,
    pub(super) end: Option<OffsetDateTime>,
}

/// What a former version announced for later and a newer one took back.
pub(super) struct Announced {
    pub(super) from: OffsetDateTime,
    pub(super) rate: Rate,
    pub(super) end: Option<OffsetDateTime>,
}

/// A price that begins later, and whether it stands in the book already.
pub(super) struct Coming<'a> {
    pub(super) from: OffsetDateTime,
    pub(super) rate: &'a Rate,
    pub(super) end: Option<OffsetDateTime>,
    pub(super) there: Option<&'a Period>,
}

/// What a former version made of prices: those of now, and those taken back since.
pub(super) struct Version {
    pub(super) number: i64,
    pub(super) former: BTreeMap<String, Former>,
    pub(super) announced: BTreeMap<String, Vec<Announced>>,
}

impl Version {
    pub(super) async fn read(
        connection: &mut PgConnection,
        number: i64,
        now: OffsetDateTime,
    ) -> Result<Self, Fault> {
        Ok(Self {
            number,
            former: former(&mut *connection, number, now).await?,
            announced: announced(connection, number, now).await?,
        })
    }

    /// What a prefix costs later: what stays of the book, and what is announced again.
    pub(super) fn coming<'a>(
        &'a self,
        prefix: &str,
        periods: &'a [Period],
        now: OffsetDateTime,
    ) -> Vec<Coming<'a>> {
        let announced = self.announced.get(prefix).map_or(&[][..], Vec::as_slice);
        let later = || periods.iter().filter(|period| period.from > now);
        let again = announced.iter().map(|announced| Coming {
            from: announced.from,
            rate: &announced.rate,
            end: announced.end,
            // Somebody went back before.
            there: later()
                .find(|period| period.from == announced.from && period.rate == announced.rate),
        });
        let stay = later().filter(|period| period.list <= self.number);
        let stay = stay.map(|period| Coming {
            from: period.from,
            rate: &period.rate,
            end: period.to.filter(|_| period.is_ended_by(self.number)),
            there: Some(period),
        });
        let mut coming: Vec<Coming<'a>> = stay.chain(again).collect();
        coming.sort_by_key(|coming| coming.from);
        coming
    }
}

/// What is valid at a moment if nothing begins then.
pub(super) fn valid_before<'a>(
    coming: &[Coming<'a>],
    former: Option<&'a Former>,
    moment: OffsetDateTime,
) -> Option<&'a Rate> {
    let before = coming.iter().rev().find(|coming| coming.from < moment);
    before
        .map(|coming| coming.rate)
        .or(former.map(|former| &former.rate))
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
           ), known as (
               select prefix, valid_from, valid_to, ended_by, destination, kind, per_minute, connection_fee,
                      initial_seconds, increment_seconds, max_seconds, blocked
               from rate where price_list_id <= $1 and valid_from <= $2
               -- Taken back before it began, but not by these lists.
               union all
               select prefix, valid_from, valid_to, ended_by, destination, kind, per_minute, connection_fee,
                      initial_seconds, increment_seconds, max_seconds, blocked
               from withdrawn_rate where price_list_id <= $1 and withdrawn_by > $1 and valid_from <= $2
           ), last_begun as (
               select distinct on (prefix) * from known order by prefix, valid_from desc
           )
           select prefix as "prefix!", destination as "destination!", kind as "kind!: RateKind",
                  per_minute as "per_minute!", connection_fee as "connection_fee!: Money",
                  initial_seconds as "initial_seconds!", increment_seconds as "increment_seconds!",
                  max_seconds as "max_seconds!", blocked as "blocked!",
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

/// What the lists up to a version announced for later, and a newer one took back.
async fn announced(
    connection: &mut PgConnection,
    version: i64,
    now: OffsetDateTime,
) -> Result<BTreeMap<String, Vec<Announced>>, Fault> {
    let rows = sqlx::query!(
        r#"select prefix, valid_from, case when ended_by <= $1 then valid_to end as "end", destination,
                  kind as "kind: RateKind", per_minute, connection_fee as "connection_fee: Money",
                  initial_seconds, increment_seconds, max_seconds, blocked
           from withdrawn_rate where price_list_id <= $1 and withdrawn_by > $1 and valid_from > $2"#,
        version,
        now
    )
    .fetch_all(connection)
    .await?;
    let mut announced: BTreeMap<String, Vec<Announced>> = BTreeMap::new();
    for row in rows {
        let steps = [row.initial_seconds, row.increment_seconds, row.max_seconds];
        let rate = Rate {
            prefix: row.prefix.clone(),
            destination: row.destination,
            kind: row.kind,
            pricing: rates::pricing(row.per_minute, row.connection_fee, steps)?,
            blocked: row.blocked,
        };
        announced.entry(row.prefix).or_default().push(Announced {
            from: row.valid_from,
            rate,
            end: row.end,
        });
    }
    Ok(announced)
}
