//! After the last word.

use domain::call::{self, CallRefusal, CallState, Settlement};
use domain::rate::Pricing;
use domain::{Money, TransferKind, Wallet, WalletId};
use sqlx::PgConnection;

use super::hold::{back, capture, hold};
use super::row::CallRow;
use super::{CallRef, Ended, row, spent};
use crate::Ledger;
use crate::books;
use crate::error::{Error, Fault};

struct AtOnce {
    released: Money,
    available: Money,
}

impl Ledger {
    /// Charges the talked seconds (none: nobody answered) and gives the rest of the hold back.
    ///
    /// Asked again, the same answer again; with other seconds `Conflict`, which is noted on the
    /// call and changes nothing. More talked than granted takes at most the hold, then at most what
    /// is available; the rest is noted as shrinkage. A call that was given up is corrected by the
    /// late report.
    pub async fn end_call(&self, call: CallRef, talked: u32, cause: &str) -> Result<Ended, Error> {
        let cause = cause.to_owned();
        self.act(move |ledger| {
            let (call, cause) = (call.clone(), cause.clone());
            async move {
                let ended = ledger.end(&call, talked, &cause).await?;
                ledger.inner.memo.forget(&call);
                ledger.changes().tell(call.wallet_id);
                Ok(ended)
            }
        })
        .await
    }

    async fn end(&self, call: &CallRef, talked: u32, cause: &str) -> Result<Ended, Fault> {
        let known = self.inner.memo.find(call);
        let pricing = match known {
            Some(pricing) => pricing,
            None => {
                let found = self.read_call(call).await?;
                found.ok_or(Fault::NotFound)?.copied_rate()?.pricing
            }
        };
        match self.end_at_once(call, &pricing, talked, cause).await? {
            Some(ended) => Ok(ended),
            None => self.end_by_the_rules(call, talked, cause).await,
        }
    }

    async fn end_at_once(
        &self,
        call: &CallRef,
        pricing: &Pricing,
        talked: u32,
        cause: &str,
    ) -> Result<Option<Ended>, Fault> {
        let charge = pricing.charge(talked);
        let billed_seconds = seconds(pricing.billed_seconds(talked));
        let mut lane = self.lane_for(call.wallet_id).await?;
        let done = sqlx::query_file_as!(
            AtOnce,
            "src/call/end.sql",
            call.wallet_id as WalletId,
            call.call_id,
            call.switch_id,
            i64::from(talked),
            billed_seconds,
            charge as Money,
            cause,
            self.offset()
        )
        .fetch_optional(lane.connection())
        .await;
        match lane.done(done) {
            Ok(done) => Ok(done.map(|done| Ended {
                charge,
                released: done.released,
                available: done.available,
                billed_seconds,
                is_too_late: false,
            })),
            // Undone, for it would have left an unsound row: the rules say what is right, or fail themselves.
            Err(sqlx::Error::Database(error)) if error.is_check_violation() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn end_by_the_rules(
        &self,
        call: &CallRef,
        talked: u32,
        cause: &str,
    ) -> Result<Ended, Fault> {
        let mut tx = self.begin_switch().await?;
        let row = row::lock(&mut tx, call).await?;
        let ended = match row.state {
            CallState::Authorized | CallState::Answered => {
                let (wallet, _) = super::lock_wallet(&mut tx, call.wallet_id).await?;
                let pricing = row.copied_rate()?.pricing;
                let free = call::spendable(&wallet, row.kind);
                let settlement = call::settle(&pricing, row.held, free, talked);
                let closing = Closing {
                    state: CallState::Ended,
                    give_back: TransferKind::Release,
                    talked,
                    cause,
                };
                self.close_call(&mut tx, call, &row, wallet, &settlement, &closing)
                    .await?
            }
            CallState::Ended if row.talked_seconds == Some(i64::from(talked)) => {
                self.last_answer(&mut tx, call, &row).await?
            }
            CallState::Ended => {
                note_conflict(&mut tx, call, &row, talked).await?;
                tx.commit().await?;
                return Err(CallRefusal::Conflict.into());
            }
            CallState::Expired => {
                let answer = self
                    .correct_late(&mut tx, call, &row, talked, cause)
                    .await?;
                tx.commit().await?;
                return answer.ok_or_else(|| CallRefusal::Conflict.into());
            }
        };
        tx.commit().await?;
        Ok(ended)
    }

    /// Captures and releases as the settlement says, and closes the call.
    pub(super) async fn close_call(
        &self,
        tx: &mut PgConnection,
        call: &CallRef,
        row: &CallRow,
        wallet: Wallet,
        settlement: &Settlement,
        closing: &Closing<'_>,
    ) -> Result<Ended, Fault> {
        let mut drafts = Vec::new();
        if settlement.beyond_hold.is_positive() {
            let number = row.extensions + 1;
            let amount = settlement.beyond_hold;
            drafts.push(hold(&call.call_id, TransferKind::Extend, amount, number));
        }
        if settlement.charge.is_positive() {
            drafts.push(capture(
                &call.call_id,
                row.kind,
                &wallet,
                settlement.charge,
                0,
            ));
        }
        if settlement.released.is_positive() {
            drafts.push(back(
                &call.call_id,
                closing.give_back,
                settlement.released,
                0,
            ));
        }
        let after = books::post(&mut *tx, call.wallet_id, wallet, &drafts).await?;
        super::count_running(&mut *tx, call.wallet_id, -1).await?;
        spent::settle(
            &mut *tx,
            call.wallet_id,
            row.first_held,
            settlement.charge,
            row.authorized_at,
        )
        .await?;
        let billed_seconds = seconds(settlement.billed_seconds);
        sqlx::query!(
            "update call set state = $3, talked_seconds = $4, billed_seconds = $5, charge = $6,
                 released = $7, shrinkage = $8, held = held + $9, estimated = $10, cause = $11,
                 extensions = extensions + $12, ended_at = now() + $13::bigint * interval '1 microsecond'
             where wallet_id = $1 and call_id = $2",
            call.wallet_id as WalletId,
            call.call_id,
            closing.state.word(),
            i64::from(closing.talked),
            billed_seconds,
            settlement.charge as Money,
            settlement.released as Money,
            settlement.shrinkage as Money,
            settlement.beyond_hold as Money,
            closing.state == CallState::Expired,
            closing.cause,
            i32::from(settlement.beyond_hold.is_positive()),
            self.offset()
        )
        .execute(tx)
        .await?;
        if settlement.shrinkage.is_positive() {
            tracing::error!(wallet_id = %call.wallet_id, call_id = call.call_id, shrinkage = %settlement.shrinkage,
                "talked longer than could be charged");
        }
        Ok(Ended {
            charge: settlement.charge,
            released: settlement.released,
            available: after.available(),
            billed_seconds,
            is_too_late: false,
        })
    }

    /// The answer the end of this call got, from the facts it left.
    pub(super) async fn last_answer(
        &self,
        tx: &mut PgConnection,
        call: &CallRef,
        row: &CallRow,
    ) -> Result<Ended, Fault> {
        // A free call moved nothing: what was available then is what the wallet's last move left.
        let available = sqlx::query_scalar!(
            r#"select coalesce(
                   (select available_after from transfer
                    where wallet_id = $1 and subject = 'call' and subject_id = $2 order by seq desc limit 1),
                   (select available_after from transfer
                    where wallet_id = $1 and created_at <= $3 order by seq desc limit 1), 0) as "available!: Money""#,
            call.wallet_id as WalletId,
            call.call_id,
            row.ended_at
        )
        .fetch_one(tx)
        .await?;
        match (row.charge, row.released, row.billed_seconds) {
            (Some(charge), Some(released), Some(billed_seconds)) => Ok(Ended {
                charge,
                released,
                available,
                billed_seconds,
                is_too_late: false,
            }),
            _ => Err(Fault::Inconsistent("a closed call has no end")),
        }
    }
}

/// How a call is closed.
pub(super) struct Closing<'a> {
    pub(super) state: CallState,
    pub(super) give_back: TransferKind,
    pub(super) talked: u32,
    pub(super) cause: &'a str,
}

fn seconds(billed: u64) -> i64 {
    i64::try_from(billed).expect("billed seconds are at most a step more than talked ones")
}

/// Notes a report that contradicts the one that was acted on.
pub(super) async fn note_conflict(
    tx: &mut PgConnection,
    call: &CallRef,
    row: &CallRow,
    talked: u32,
) -> Result<(), Fault> {
    tracing::warn!(wallet_id = %call.wallet_id, call_id = call.call_id, "a second end reports other seconds");
    sqlx::query!(
        "update call set conflicts = conflicts + 1, conflict = $3 where wallet_id = $1 and call_id = $2",
        call.wallet_id as WalletId,
        call.call_id,
        format!(
            "{talked} s reported after {} s",
            row.talked_seconds.unwrap_or_default()
        )
    )
    .execute(tx)
    .await?;
    Ok(())
}
