//! Calls, as a switch asks for them: may it ring, may it go on, it is over.
//!
//! To authorize and to end are one statement each in the common case; whatever that statement does
//! not settle (a short balance, a repeat, a conflict, a late report) is decided by the rules in a
//! transaction that locks the call first and the wallet second.

mod answer;
mod authorize;
mod end;
mod expire;
mod extend;
mod hold;
mod late;
mod memo;
mod quote;
mod refusal;
mod row;
mod spent;
mod update;

use domain::rate::{Pricing, RateKind};
use domain::{Money, WalletId};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Postgres, Transaction};
use time::OffsetDateTime;

use crate::Ledger;
use crate::error::{Error, Fault};

pub(crate) use memo::Memo;
pub use row::CallRow;

/// A switch asks whether it may ring.
#[derive(Clone, Debug)]
pub struct AuthorizeCall {
    pub wallet_id: WalletId,
    /// The switch's own name of the call: a repeat carries the same one.
    pub call_id: String,
    /// Who asks; sees its own calls only.
    pub switch_id: String,
    pub caller: Option<String>,
    /// E.164 digits without the plus.
    pub callee: String,
}

/// Which call, and who asks about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CallRef {
    pub wallet_id: WalletId,
    pub call_id: String,
    pub switch_id: String,
}

/// The copied rate of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRate {
    pub prefix: String,
    pub destination: String,
    pub kind: RateKind,
    pub pricing: Pricing,
}

/// The call may ring, and be talked for this long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorized {
    pub granted_seconds: u32,
    pub held: Money,
    pub is_final: bool,
    pub expires_at: OffsetDateTime,
    pub rate: CallRate,
}

/// The clock runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub answered_at: OffsetDateTime,
    pub granted_seconds: u32,
    pub is_final: bool,
}

/// What a heartbeat is answered: the total from the answer on, never less than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Updated {
    pub seq: i64,
    pub granted_seconds: u32,
    pub held: Money,
    pub is_final: bool,
}

/// What a call came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    pub charge: Money,
    pub released: Money,
    /// What could be spent right after it.
    pub available: Money,
    pub billed_seconds: i64,
    /// Not by this report: it came when nothing was to be corrected any more.
    pub is_too_late: bool,
}

impl Ledger {
    /// A transaction of the charging door, on connections of its own: on those of the statements
    /// that are whole acts nobody ever begins one, so none can be left open there.
    pub(crate) async fn begin_switch(&self) -> Result<Transaction<'static, Postgres>, Fault> {
        Ok(self.inner.pools.switch_rules.begin().await?)
    }

    /// How far tests have moved the clock: the times of calls are the database's, so that servers
    /// whose clocks differ agree on them.
    pub(crate) fn offset(&self) -> i64 {
        self.clock().offset_micros()
    }

    /// The call as it stands; another switch's is not found.
    pub async fn call(&self, call: &CallRef) -> Result<CallRow, Error> {
        self.read_call(call).await?.ok_or(Error::NotFound)
    }

    pub(crate) async fn read_call(&self, call: &CallRef) -> Result<Option<CallRow>, Fault> {
        let mut lane = self.lane().await?;
        let row = row::read(lane.connection(), call).await;
        Ok(lane.done(row)?)
    }
}

/// One call more or less on the wallet, which is locked.
pub(crate) async fn count_running(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    change: i32,
) -> Result<(), Fault> {
    sqlx::query!(
        "update wallet set running_calls = running_calls + $2 where wallet_id = $1",
        wallet_id as WalletId,
        change
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The balances and how many calls are running, locked until the transaction ends.
pub(crate) async fn lock_wallet(
    connection: &mut PgConnection,
    wallet_id: WalletId,
) -> Result<(domain::Wallet, u32), Fault> {
    let wallet = crate::books::lock(&mut *connection, wallet_id).await?;
    let running = sqlx::query_scalar!(
        "select running_calls from wallet where wallet_id = $1",
        wallet_id as WalletId
    )
    .fetch_one(connection)
    .await?;
    Ok((wallet, running.unsigned_abs()))
}
