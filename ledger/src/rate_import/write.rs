//! Writing what a price list changes: a statement each for what goes, what ends and what begins, for
//! any number of prices.

use rust_decimal::Decimal;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Period, Plan};
use crate::error::Fault;

pub(super) async fn write(
    connection: &mut PgConnection,
    version: i64,
    plan: &Plan,
) -> Result<(), Fault> {
    withdraw(connection, version, plan).await?;
    // A price of this very list that ends in it, too, is written with its end.
    let ends = plan
        .ends
        .iter()
        .filter(|(key, _)| !plan.begins.contains_key(*key));
    let (keys, moments): (Vec<_>, Vec<_>) = ends.map(|(key, end)| (key.clone(), *end)).unzip();
    let (prefixes, froms): (Vec<_>, Vec<_>) = keys.into_iter().unzip();
    sqlx::query!(
        "update rate set valid_to = ended.valid_to,
             ended_by = case when ended.valid_to is not null then $4::bigint end
         from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as ended (prefix, valid_from, valid_to)
         where rate.prefix = ended.prefix and rate.valid_from = ended.valid_from",
        &prefixes,
        &froms,
        &moments as &[Option<OffsetDateTime>],
        version
    )
    .execute(&mut *connection)
    .await?;
    let mut columns = Columns::default();
    for (key, period) in &plan.begins {
        columns.push(period, plan.ends.get(key).copied().flatten().or(period.to));
    }
    sqlx::query!(
        "insert into rate (prefix, valid_from, valid_to, destination, kind, per_minute, connection_fee,
             initial_seconds, increment_seconds, max_seconds, blocked, price_list_id, ended_by)
         select line.*, $12::bigint, case when line.valid_to is not null then $12 end from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[],
             $5::text[], $6::numeric[], $7::numeric[], $8::integer[], $9::integer[], $10::integer[],
             $11::boolean[]) as line (prefix, valid_from, valid_to, destination, kind, per_minute,
             connection_fee, initial_seconds, increment_seconds, max_seconds, blocked)",
        &columns.prefix,
        &columns.from,
        &columns.to as &[Option<OffsetDateTime>],
        &columns.destination,
        &columns.kind as &[&str],
        &columns.per_minute,
        &columns.connection_fee,
        &columns.initial,
        &columns.increment,
        &columns.longest,
        &columns.blocked,
        version
    )
    .execute(&mut *connection)
    .await?;
    let changes = i32::try_from(plan.diff.changes.len()).unwrap_or(i32::MAX);
    sqlx::query!(
        "update price_list set changes = $2 where price_list_id = $1",
        version,
        changes
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes back what was announced, and keeps it for whoever goes back to an older version.
async fn withdraw(connection: &mut PgConnection, version: i64, plan: &Plan) -> Result<(), Fault> {
    if plan.withdrawn.is_empty() {
        return Ok(());
    }
    let (prefixes, froms): (Vec<_>, Vec<_>) = plan.withdrawn.iter().cloned().unzip();
    sqlx::query!(
        "with gone as (
             delete from rate using unnest($1::text[], $2::timestamptz[]) as gone (prefix, valid_from)
             where rate.prefix = gone.prefix and rate.valid_from = gone.valid_from
             returning rate.*
         )
         insert into withdrawn_rate (prefix, valid_from, withdrawn_by, price_list_id, valid_to, ended_by,
             destination, kind, per_minute, connection_fee, initial_seconds, increment_seconds, max_seconds,
             blocked)
         select prefix, valid_from, $3, price_list_id, valid_to, ended_by, destination, kind, per_minute,
             connection_fee, initial_seconds, increment_seconds, max_seconds, blocked
         from gone",
        &prefixes,
        &froms,
        version
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// One array for each column: any number of prices is one statement.
#[derive(Default)]
struct Columns {
    prefix: Vec<String>,
    from: Vec<OffsetDateTime>,
    to: Vec<Option<OffsetDateTime>>,
    destination: Vec<String>,
    kind: Vec<&'static str>,
    per_minute: Vec<Decimal>,
    connection_fee: Vec<Decimal>,
    initial: Vec<i32>,
    increment: Vec<i32>,
    longest: Vec<i32>,
    blocked: Vec<bool>,
}

impl Columns {
    fn push(&mut self, period: &Period, to: Option<OffsetDateTime>) {
        let rate = &period.rate;
        self.prefix.push(rate.prefix.clone());
        self.from.push(period.from);
        self.to.push(to);
        self.destination.push(rate.destination.clone());
        self.kind.push(rate.kind.word());
        self.per_minute.push(rate.pricing.per_minute());
        self.connection_fee
            .push(rate.pricing.connection_fee().decimal());
        self.initial
            .push(rate.pricing.initial_seconds().cast_signed());
        self.increment
            .push(rate.pricing.increment_seconds().cast_signed());
        self.longest.push(rate.pricing.max_seconds().cast_signed());
        self.blocked.push(rate.blocked);
    }
}
