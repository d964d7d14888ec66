//! What calls took from a wallet on one day, for the guards against toll fraud.

use domain::spend::Spent;
use domain::{Money, WalletId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime, Time};

use crate::error::Fault;

/// No call runs longer: what a wallet's calls hold is found among its last ones, not among all that run.
const LONGEST: Duration = Duration::days(2);

/// Today's spending as it stands; to be read with the wallet locked, if it decides anything.
pub(super) async fn read(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    prefix: &str,
    now: OffsetDateTime,
) -> Result<Spent, Fault> {
    let midnight = now.replace_time(Time::MIDNIGHT);
    let row = sqlx::query!(
        r#"select created_at, case when call_day = $4 then call_spend else 0 end
                  + (select coalesce(sum(call.held - first_held), 0) from call
                     where call.wallet_id = $1 and ended_at is null and authorized_at >= $5) as "today!: Money",
                  (select coalesce(sum(coalesce(charge, call.held)), 0) from call
                   where call.wallet_id = $1 and authorized_at >= $3 and prefix = $2) as "to_destination!: Money"
           from wallet where wallet_id = $1"#,
        wallet_id as WalletId,
        prefix,
        midnight,
        now.date(),
        now - LONGEST
    )
    .fetch_one(connection)
    .await?;
    Ok(Spent {
        opened_at: row.created_at,
        today: row.today,
        to_destination: row.to_destination,
    })
}

/// Counts the first hold of a call; what is held later is counted by [`read`] while the call runs.
/// The wallet is locked.
pub(super) async fn count(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    amount: Money,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update wallet set call_spend = case when call_day = $3 then call_spend else 0 end + $2, call_day = $3
         where wallet_id = $1",
        wallet_id as WalletId,
        amount as Money,
        now.date()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Counts the charge in place of the first hold, on the day of the hold; the wallet is locked.
pub(super) async fn settle(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    first_held: Money,
    charge: Money,
    held_at: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update wallet set call_spend = greatest(call_spend + $2, 0)
         where wallet_id = $1 and call_day = ($3::timestamptz at time zone 'UTC')::date",
        wallet_id as WalletId,
        (charge - first_held) as Money,
        held_at
    )
    .execute(connection)
    .await?;
    Ok(())
}
