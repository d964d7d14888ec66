//! Calls whose switch went silent.

use domain::TransferKind;
use domain::WalletId;
use domain::call;
use domain::call::CallState;

use super::end::Closing;
use super::{CallRef, row};
use crate::Ledger;
use crate::error::{Error, Fault};

/// Calls looked at in one round.
const BATCH: i64 = 200;

impl Ledger {
    /// Gives up calls nobody has asked about since their grant and the grace ran out: charged are
    /// the confirmed seconds, the rest comes back, the call is marked as estimated. Returns how many.
    ///
    /// Any number of servers may do this at once: each call is locked and looked at again.
    pub async fn expire_calls(&self) -> Result<usize, Error> {
        let due = sqlx::query!(
            r#"select wallet_id as "wallet_id: WalletId", call_id, switch_id from call
               where state in ('authorized', 'answered')
                 and expires_at < now() + $1::bigint * interval '1 microsecond'
               order by expires_at limit $2"#,
            self.offset(),
            BATCH
        )
        .fetch_all(self.worker())
        .await?;
        let mut expired = 0;
        for found in due {
            let call = CallRef {
                wallet_id: found.wallet_id,
                call_id: found.call_id,
                switch_id: found.switch_id,
            };
            let outcome = self
                .act(move |ledger| {
                    let call = call.clone();
                    async move { ledger.expire(&call, false).await }
                })
                .await;
            // One that fails must not keep the others' money.
            expired += usize::from(outcome.unwrap_or(false));
        }
        Ok(expired)
    }

    /// A person gives up a call that hangs, before its time: by the same rules, so a late report
    /// still corrects it. False if it is over; *not found* if there is no such call.
    pub async fn give_up_call(&self, wallet_id: WalletId, call_id: &str) -> Result<bool, Error> {
        let switch_id = sqlx::query_scalar!(
            "select switch_id from call where wallet_id = $1 and call_id = $2",
            wallet_id as WalletId,
            call_id
        )
        .fetch_optional(self.worker())
        .await?
        .ok_or(Error::NotFound)?;
        let call = CallRef {
            wallet_id,
            call_id: call_id.to_owned(),
            switch_id,
        };
        self.act(move |ledger| {
            let call = call.clone();
            async move { ledger.expire(&call, true).await }
        })
        .await
    }

    async fn expire(&self, call: &CallRef, before_its_time: bool) -> Result<bool, Fault> {
        let mut tx = self.worker().begin().await?;
        let row = row::lock(&mut tx, call).await?;
        let now = self.now_in(&mut tx).await?;
        if !row.state.is_running() || (row.expires_at >= now && !before_its_time) {
            return Ok(false);
        }
        let (wallet, _) = super::lock_wallet(&mut tx, call.wallet_id).await?;
        let confirmed = row.confirmed_seconds.unsigned_abs();
        let settlement = call::expire(&row.copied_rate()?.pricing, row.held, confirmed);
        let closing = Closing {
            state: CallState::Expired,
            give_back: TransferKind::Expire,
            talked: confirmed,
            cause: if before_its_time {
                "given up by support"
            } else {
                "no end was reported"
            },
        };
        self.close_call(&mut tx, call, &row, wallet, &settlement, &closing)
            .await?;
        tx.commit().await?;
        self.inner.memo.forget(call);
        self.changes().tell(call.wallet_id);
        tracing::warn!(wallet_id = %call.wallet_id, call_id = call.call_id, "call given up: its switch is silent");
        Ok(true)
    }
}
