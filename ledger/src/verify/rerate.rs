//! V20: every closed call, priced again by the rules at the price it was authorized with.

use domain::Money;
use futures_util::TryStreamExt;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::Check;
use crate::error::Fault;
use crate::rates;

/// Places shown.
const EXAMPLES: usize = 5;

/// What was charged and what was lost is what the talked seconds cost.
pub(super) async fn calls(
    snapshot: &mut PgConnection,
    since: Option<OffsetDateTime>,
) -> Result<Check, Fault> {
    let mut check = Check {
        name: "V20",
        statement: "what a call was charged is its price, calculated again",
        violations: 0,
        examples: Vec::new(),
    };
    let mut closed = sqlx::query!(
        r#"with changed as (
               select wallet_id, call_id from call where $1::timestamptz is null
               union all (
                   select wallet_id, subject_id from transfer where created_at >= $1 and subject = 'call'
                   union
                   select wallet_id, call_id from call where authorized_at >= $1 or ended_at >= $1
               )
           )
           select wallet_id as "wallet_id!", call_id as "call_id!", per_minute,
                  connection_fee as "connection_fee: Money", initial_seconds, increment_seconds, max_seconds,
                  talked_seconds as "talked_seconds!", billed_seconds as "billed_seconds!",
                  charge as "charge!: Money", shrinkage as "shrinkage: Money"
           from changed join call using (wallet_id, call_id) where state in ('ended', 'expired')"#,
        since
    )
    .fetch(snapshot);
    while let Some(call) = closed.try_next().await? {
        let pricing = rates::pricing(
            call.per_minute,
            call.connection_fee,
            [
                call.initial_seconds,
                call.increment_seconds,
                call.max_seconds,
            ],
        )?;
        let is_right = u32::try_from(call.talked_seconds).is_ok_and(|talked| {
            pricing.charge(talked) == call.charge + call.shrinkage
                && i64::try_from(pricing.billed_seconds(talked)) == Ok(call.billed_seconds)
        });
        if !is_right {
            check.violations += 1;
            if check.examples.len() < EXAMPLES {
                check
                    .examples
                    .push(format!("wallet {} call {}", call.wallet_id, call.call_id));
            }
        }
    }
    Ok(check)
}
