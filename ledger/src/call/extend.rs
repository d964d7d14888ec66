//! More time for a running call, in the common case: it is the only one of its wallet, and there is
//! more than enough. Two statements without a transaction, where the rules take many in one.

use domain::call::{self, CallState, Grant};
use domain::rate::RateKind;
use domain::{Money, Wallet, WalletId};

use super::CallRef;
use super::row::CallRow;
use crate::Ledger;
use crate::error::Fault;

impl Ledger {
    /// Holds as much as the rules give a wallet that is never short; none if this one may be, or for
    /// any other reason: then the rules decide.
    pub(super) async fn extend_at_once(
        &self,
        call: &CallRef,
        seq: i64,
        talked: u32,
    ) -> Result<Option<Grant>, Fault> {
        let Some(row) = self.read_call(call).await? else {
            return Ok(None);
        };
        let is_usual = row.state == CallState::Answered
            && row.update_seq < seq
            && !row.is_final
            && row.kind != RateKind::Special;
        let pricing = row.copied_rate()?.pricing;
        let book = self.book().await;
        let spend = &book.guards.spend;
        if !is_usual || spend.is_dear(&pricing) {
            return Ok(None);
        }
        let before = row.grant();
        let after = call::extend(
            &pricing,
            row.kind,
            &never_short(),
            &book.guards.call,
            1,
            before,
            confirmed(&row, talked),
        );
        if after.held <= before.held {
            return Ok(None);
        }
        // With enough for one more step the grant is not final, whatever else is there.
        let enough = if after.is_final {
            after.held
        } else {
            pricing.charge(after.seconds + 1)
        };
        let mut lane = self.lane_for(call.wallet_id).await?;
        let written = sqlx::query_file!(
            "src/call/extend.sql",
            call.wallet_id as WalletId,
            call.call_id,
            call.switch_id,
            seq,
            i32::try_from(talked).unwrap_or(i32::MAX),
            before.held as Money,
            before.seconds.cast_signed(),
            after.held as Money,
            after.seconds.cast_signed(),
            after.is_final,
            (enough - before.held) as Money,
            self.offset(),
            i64::try_from(self.rules().call.grace.whole_microseconds()).unwrap_or(i64::MAX / 4),
            spend.per_day as Money,
            spend.new_per_day.min(spend.per_day) as Money,
            i64::try_from(spend.new_for.whole_microseconds()).unwrap_or(i64::MAX / 4),
            book.version.unwrap_or(0)
        )
        .fetch_optional(lane.connection())
        .await;
        Ok(lane.done(written)?.map(|_| after))
    }
}

/// The seconds a call was surely talked for.
pub(super) fn confirmed(row: &CallRow, talked: u32) -> u32 {
    talked.max(row.confirmed_seconds.unsigned_abs())
}

/// A wallet that has all a call may ask for.
fn never_short() -> Wallet {
    Wallet {
        paid: Money::from_dollars(1_000_000),
        ..Wallet::default()
    }
}
