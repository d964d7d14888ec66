//! Rules and attempts as they are stored.

use domain::refill::{
    Declines, Incoming, RefillRule, RefillState, RefillTerms, Settled, SuspendReason,
};
use domain::{Money, TopUpId, WalletId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime, Time};

use crate::error::Fault;

/// A rule with what is not part of a decision.
#[derive(Clone, Debug)]
pub(super) struct RuleRow {
    pub(super) state: RefillState,
    pub(super) reason: Option<SuspendReason>,
    pub(super) wait_until: Option<OffsetDateTime>,
    pub(super) threshold: Money,
    pub(super) amount: Money,
    pub(super) monthly_cap: Money,
    pub(super) consent: String,
    pub(super) armed_at: OffsetDateTime,
    pub(super) declines: i32,
    pub(super) declined_at: Option<OffsetDateTime>,
    pub(super) answer_top_up_id: Option<TopUpId>,
}

impl RuleRow {
    pub(super) fn terms(&self) -> RefillTerms {
        RefillTerms {
            threshold: self.threshold,
            amount: self.amount,
            monthly_cap: self.monthly_cap,
        }
    }

    pub(super) fn rule(&self) -> RefillRule {
        RefillRule {
            state: self.state,
            terms: self.terms(),
            armed_at: self.armed_at,
        }
    }

    pub(super) fn declines(&self) -> Declines {
        Declines {
            in_a_row: self.declines.unsigned_abs(),
            last_at: self.declined_at,
        }
    }
}

/// The rule of a wallet, if it ever had one.
pub(super) async fn find(
    connection: &mut PgConnection,
    wallet_id: WalletId,
) -> Result<Option<RuleRow>, Fault> {
    Ok(sqlx::query_as!(
        RuleRow,
        r#"select state as "state: RefillState", reason as "reason: SuspendReason", wait_until,
                  threshold as "threshold: Money", amount as "amount: Money",
                  monthly_cap as "monthly_cap: Money", consent, armed_at, declines, declined_at,
                  answer_top_up_id as "answer_top_up_id: TopUpId"
           from refill_rule where wallet_id = $1"#,
        wallet_id as WalletId
    )
    .fetch_optional(connection)
    .await?)
}

/// What came from the card this month and in the last 24 hours, and whether more is under way. To
/// be read with the wallet locked, if it decides anything.
pub(super) async fn incoming(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    now: OffsetDateTime,
) -> Result<Incoming, Fault> {
    let month = now.replace_time(Time::MIDNIGHT).replace_day(1);
    let month = month.unwrap_or(now);
    let settled = sqlx::query_as!(
        Settled,
        r#"select ended_at as "at!", amount as "amount: Money" from refill_attempt
           where wallet_id = $1 and state = 'succeeded' and ended_at >= $2"#,
        wallet_id as WalletId,
        month.min(now - Duration::DAY)
    )
    .fetch_all(&mut *connection)
    .await?;
    let is_open = open(connection, wallet_id).await?.is_some();
    Ok(Incoming { is_open, settled })
}

/// The attempt under way, of which there is at most one.
pub(super) async fn open(
    connection: &mut PgConnection,
    wallet_id: WalletId,
) -> Result<Option<TopUpId>, Fault> {
    Ok(sqlx::query_scalar!(
        r#"select top_up_id as "top_up_id: TopUpId" from refill_attempt
           where wallet_id = $1 and state in ('created', 'sent', 'unknown', 'processing')"#,
        wallet_id as WalletId
    )
    .fetch_optional(connection)
    .await?)
}
