//! A report that comes after its call was given up.

use domain::call::{self, Correction};
use domain::wallet::Move;
use domain::{Account, Money, Subject, TransferKind, Wallet, WalletId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::end::note_conflict;
use super::hold::{back, capture, hold};
use super::row::CallRow;
use super::{CallRef, Ended, row};
use crate::Ledger;
use crate::books::{self, Draft};
use crate::error::Fault;
use crate::lots;

impl Ledger {
    /// Corrects an estimated charge once, within its time; later nothing is taken or given. None is
    /// a report that contradicts the one that corrected it.
    pub(super) async fn correct_late(
        &self,
        tx: &mut PgConnection,
        call: &CallRef,
        row: &CallRow,
        talked: u32,
        cause: &str,
    ) -> Result<Option<Ended>, Fault> {
        let repeated = row.talked_seconds == Some(i64::from(talked));
        if row.corrected_at.is_some() && !repeated {
            note_conflict(tx, call, row, talked).await?;
            return Ok(None);
        }
        let now = self.now_in(tx).await?;
        let ended_at = row.ended_at.unwrap_or(now);
        if row.corrected_at.is_some() || now > ended_at + self.rules().call.correctable_for {
            return Ok(Some(Ended {
                is_too_late: !repeated,
                ..self.last_answer(tx, call, row).await?
            }));
        }
        let (wallet, _) = super::lock_wallet(tx, call.wallet_id).await?;
        let pricing = row.copied_rate()?.pricing;
        let charged = row.charge.unwrap_or_default();
        // A wallet that owes pays nothing but its debt.
        let free = if wallet.debt.is_positive() {
            Money::ZERO
        } else {
            call::spendable(&wallet, row.kind)
        };
        let correction = call::correct(&pricing, charged, row.held, free, talked);
        let drafts = self
            .drafts(tx, call, row, &wallet, &correction, now)
            .await?;
        let after = books::post(tx, call.wallet_id, wallet, &drafts).await?;
        let released = row.held - correction.charge.min(row.held);
        let billed_seconds = i64::try_from(pricing.billed_seconds(talked)).unwrap_or(i64::MAX);
        sqlx::query!(
            "update call set talked_seconds = $3, billed_seconds = $4, charge = $5, released = $6,
                 shrinkage = $7, cause = $8, corrected_at = $9
             where wallet_id = $1 and call_id = $2",
            call.wallet_id as WalletId,
            call.call_id,
            i64::from(talked),
            billed_seconds,
            correction.charge as Money,
            released as Money,
            correction.shrinkage as Money,
            cause,
            now
        )
        .execute(&mut *tx)
        .await?;
        if drafts.is_empty() {
            // Nothing moved: the answer is the one a repeat will get.
            let corrected = row::lock(tx, call).await?;
            return Ok(Some(self.last_answer(tx, call, &corrected).await?));
        }
        Ok(Some(Ended {
            charge: correction.charge,
            released,
            available: after.available(),
            billed_seconds,
            is_too_late: false,
        }))
    }

    /// The difference goes the way the charge went, or the other way; nothing is edited.
    async fn drafts(
        &self,
        tx: &mut PgConnection,
        call: &CallRef,
        row: &CallRow,
        wallet: &Wallet,
        correction: &Correction,
        now: OffsetDateTime,
    ) -> Result<Vec<Draft>, Fault> {
        if correction.given_back.is_positive() {
            let amount = correction.given_back;
            let (promotional, expires_at) = given_credit(tx, call, amount, now).await?;
            let undo = Draft {
                step: Move {
                    kind: TransferKind::Capture,
                    from: Account::CallRevenue,
                    to: Account::Held,
                    amount,
                    promotional,
                },
                subject: Subject::Call,
                subject_id: call.call_id.clone(),
                number: 1,
                expires_at,
            };
            let release = back(&call.call_id, TransferKind::Release, amount, 1);
            return Ok(vec![undo, release]);
        }
        if correction.taken.is_positive() {
            let amount = correction.taken;
            let number = row.extensions + 1;
            return Ok(vec![
                hold(&call.call_id, TransferKind::Extend, amount, number),
                capture(&call.call_id, row.kind, wallet, amount, 1),
            ]);
        }
        Ok(Vec::new())
    }
}

/// How much of what is given back was given credit, and until when it may be spent: paid credit was
/// spent last, so it comes back first.
async fn given_credit(
    tx: &mut PgConnection,
    call: &CallRef,
    amount: Money,
    now: OffsetDateTime,
) -> Result<(Money, Option<OffsetDateTime>), Fault> {
    let captured = sqlx::query!(
        r#"select amount as "amount: Money", promotional as "promotional: Money", seq from transfer
           where wallet_id = $1 and subject = 'call' and subject_id = $2 and kind = 'capture' and step = 0"#,
        call.wallet_id as WalletId,
        call.call_id
    )
    .fetch_one(&mut *tx)
    .await?;
    let paid = captured.amount - captured.promotional;
    let promotional = (amount - paid).max(Money::ZERO);
    if promotional.is_zero() {
        return Ok((promotional, None));
    }
    let until = lots::last_expiry_spent(tx, call.wallet_id, captured.seq).await?;
    // Credit whose date has passed in the meantime may still be spent today.
    Ok((
        promotional,
        until.map(|until| until.max(now + time::Duration::days(1))),
    ))
}
