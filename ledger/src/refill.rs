//! Auto-refill: a top-up nobody clicked.
//!
//! The statement that lowers a balance below the threshold leaves a note (`refill_due`). A worker
//! decides ([`decide`]), in a transaction that locks the wallet and keeps the answer as an attempt,
//! of which a unique index allows one at a time; [`send`] charges the card under the attempt's key
//! until Stripe says what became of it; [`outcome`] notes that in the transaction that credits it.

mod arm;
mod decide;
mod delay;
mod outcome;
mod row;
mod send;
mod tell;
mod unanswered;
mod wait;

use domain::WalletId;
use domain::refill::{RefillState, SuspendReason};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::Fault;

pub use arm::{ArmRefill, RefillView};

/// Where a rule goes, and until when it stays there by itself.
#[derive(Clone, Copy, Debug)]
struct Step {
    state: RefillState,
    reason: Option<SuspendReason>,
    until: Option<OffsetDateTime>,
}

impl Step {
    fn to(state: RefillState) -> Self {
        Self {
            state,
            reason: None,
            until: None,
        }
    }

    fn until(state: RefillState, until: OffsetDateTime) -> Self {
        Self {
            until: Some(until),
            ..Self::to(state)
        }
    }

    fn suspended(reason: SuspendReason) -> Self {
        Self {
            reason: Some(reason),
            ..Self::to(RefillState::Suspended)
        }
    }
}

/// Suspends auto-refill, if it is on: only the customer turns it on again. Within the transaction of
/// the act that is the reason, with the wallet locked. A charge that is under way is settled as ever.
pub(crate) async fn suspend(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    reason: SuspendReason,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    let Some(rule) = row::find(&mut *tx, wallet_id).await? else {
        return Ok(());
    };
    if matches!(rule.state, RefillState::Off | RefillState::Suspended) {
        return Ok(());
    }
    go(tx, wallet_id, Step::suspended(reason), now).await
}

/// Whether auto-refill is on, in whatever state: with the wallet locked.
pub(crate) async fn is_on(tx: &mut PgConnection, wallet_id: WalletId) -> Result<bool, Fault> {
    let rule = row::find(tx, wallet_id).await?;
    let is_on =
        |rule: row::RuleRow| !matches!(rule.state, RefillState::Off | RefillState::Suspended);
    Ok(rule.is_some_and(is_on))
}

/// Turns auto-refill off, if there is any, with the wallet locked.
pub(crate) async fn turn_off(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    go(tx, wallet_id, Step::to(RefillState::Off), now).await
}

/// Writes where the rule stands; while nothing may be charged, falling balances leave no notes.
async fn go(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    step: Step,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    let listens = !matches!(
        step.state,
        RefillState::Off | RefillState::Suspended | RefillState::ActionRequired
    );
    sqlx::query!(
        "with rule as (
             update refill_rule set state = $2, reason = $3, wait_until = $4, changed_at = $5
             where wallet_id = $1 returning threshold
         )
         update wallet set refill_below = case when $6 then rule.threshold end from rule
         where wallet_id = $1 and refill_below is distinct from case when $6 then rule.threshold end",
        wallet_id as WalletId,
        step.state.word(),
        step.reason.map(SuspendReason::word),
        step.until,
        now,
        listens
    )
    .execute(&mut *tx)
    .await?;
    if listens {
        return Ok(());
    }
    sqlx::query!(
        "delete from refill_due where wallet_id = $1",
        wallet_id as WalletId
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Has a wallet decided about now, if auto-refill is on: something that hindered it is gone.
pub(crate) async fn look_now(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    if is_on(&mut *tx, wallet_id).await? {
        note(tx, wallet_id, now).await?;
    }
    Ok(())
}

/// Has a wallet decided about at a moment, unless that is to happen sooner.
async fn note(tx: &mut PgConnection, wallet_id: WalletId, at: OffsetDateTime) -> Result<(), Fault> {
    sqlx::query!(
        "insert into refill_due (wallet_id, fell_at, next_at) values ($1, $2, $2)
         on conflict (wallet_id) do update set next_at = least(refill_due.next_at, excluded.next_at)",
        wallet_id as WalletId,
        at
    )
    .execute(tx)
    .await?;
    Ok(())
}
