//! Somebody picked up.

use domain::WalletId;
use domain::call::{CallRefusal, CallState};

use super::{Answered, CallRef};
use crate::Ledger;
use crate::error::{Error, Fault};

impl Ledger {
    /// Starts the clock of a call; again changes nothing. A call that is over and was
    /// never answered is `CallEnded`.
    pub async fn answer_call(&self, call: CallRef) -> Result<Answered, Error> {
        self.act(move |ledger| {
            let call = call.clone();
            async move { ledger.answer(&call).await }
        })
        .await
    }

    async fn answer(&self, call: &CallRef) -> Result<Answered, Fault> {
        let grace =
            i64::try_from(self.rules().call.grace.whole_microseconds()).unwrap_or(i64::MAX / 4);
        let mut lane = self.lane().await?;
        let answered = sqlx::query!(
            r#"update call set state = 'answered', answered_at = now() + $4::bigint * interval '1 microsecond',
                   expires_at = now() + ($4 + $5::bigint + granted_seconds * 1000000::bigint) * interval '1 microsecond'
               where wallet_id = $1 and call_id = $2 and switch_id = $3 and state = 'authorized'
               returning answered_at as "answered_at!", granted_seconds, is_final"#,
            call.wallet_id as WalletId,
            call.call_id,
            call.switch_id,
            self.offset(),
            grace
        )
        .fetch_optional(lane.connection())
        .await;
        if let Some(row) = lane.done(answered)? {
            self.changes().tell(call.wallet_id);
            return Ok(Answered {
                answered_at: row.answered_at,
                granted_seconds: row.granted_seconds.unsigned_abs(),
                is_final: row.is_final,
            });
        }
        let row = self.read_call(call).await?.ok_or(Fault::NotFound)?;
        match (row.state, row.answered_at) {
            // What was granted when it was answered: a repeat may come after an extension, or after
            // the end.
            (_, Some(answered_at)) => Ok(Answered {
                answered_at,
                granted_seconds: row.first_seconds.unsigned_abs(),
                is_final: row.first_final,
            }),
            (CallState::Authorized, _) => Err(Fault::Inconsistent(
                "a connection was left in a transaction",
            )),
            _ => Err(CallRefusal::CallEnded.into()),
        }
    }
}
