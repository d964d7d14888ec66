//! What a call moves: credit is set aside, taken and given back.

use domain::call::{self, Grant};
use domain::rate::RateKind;
use domain::wallet::Move;
use domain::{Account, Money, Subject, TransferKind, Wallet, WalletId};
use sqlx::PgConnection;

use super::{AuthorizeCall, Authorized};
use crate::Ledger;
use crate::books::{self, Draft};
use crate::error::Fault;

impl Ledger {
    /// Keeps a new call with its first answer and the rate it is charged by.
    pub(super) async fn insert_call(
        &self,
        tx: &mut PgConnection,
        ask: &AuthorizeCall,
        answer: &Authorized,
    ) -> Result<(), Fault> {
        let terms = domain::rate::UncheckedPricing::from(answer.rate.pricing);
        sqlx::query!(
            "insert into call (wallet_id, call_id, switch_id, caller, callee, request_hash, prefix,
                 destination, kind, per_minute, connection_fee, initial_seconds, increment_seconds,
                 max_seconds, first_held, first_seconds, first_final, first_expires_at, held,
                 granted_seconds, is_final, expires_at, authorized_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $15, $16, $17, $18, now() + $19::bigint * interval '1 microsecond')",
            ask.wallet_id as WalletId,
            ask.call_id,
            ask.switch_id,
            ask.caller,
            ask.callee,
            ask.hash(),
            answer.rate.prefix,
            answer.rate.destination,
            answer.rate.kind.word(),
            terms.per_minute,
            terms.connection_fee as Money,
            terms.initial_seconds.cast_signed(),
            terms.increment_seconds.cast_signed(),
            terms.max_seconds.cast_signed(),
            answer.held as Money,
            answer.granted_seconds.cast_signed(),
            answer.is_final,
            answer.expires_at,
            self.offset()
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// Sets the first hold aside; a free call holds nothing and moves nothing.
pub(super) async fn write_hold(
    tx: &mut PgConnection,
    ask: &AuthorizeCall,
    wallet: Wallet,
    grant: &Grant,
) -> Result<(), Fault> {
    if grant.held.is_zero() {
        return Ok(());
    }
    let hold = hold(&ask.call_id, TransferKind::Hold, grant.held, 0);
    books::post(tx, ask.wallet_id, wallet, &[hold]).await?;
    Ok(())
}

/// Credit set aside for a call.
pub(super) fn hold(call_id: &str, kind: TransferKind, amount: Money, number: i32) -> Draft {
    Draft {
        step: Move {
            kind,
            from: Account::Available,
            to: Account::Held,
            amount,
            promotional: Money::ZERO,
        },
        subject: Subject::Call,
        subject_id: call_id.to_owned(),
        number,
        expires_at: None,
    }
}

/// A charge taken from what was set aside.
pub(super) fn capture(
    call_id: &str,
    kind: RateKind,
    wallet: &Wallet,
    amount: Money,
    number: i32,
) -> Draft {
    Draft {
        step: Move {
            kind: TransferKind::Capture,
            from: Account::Held,
            to: Account::CallRevenue,
            amount,
            promotional: call::promotional_part(wallet, kind, amount),
        },
        subject: Subject::Call,
        subject_id: call_id.to_owned(),
        number,
        expires_at: None,
    }
}

/// What was set aside and not needed.
pub(super) fn back(call_id: &str, kind: TransferKind, amount: Money, number: i32) -> Draft {
    Draft {
        step: Move {
            kind,
            from: Account::Held,
            to: Account::Available,
            amount,
            promotional: Money::ZERO,
        },
        subject: Subject::Call,
        subject_id: call_id.to_owned(),
        number,
        expires_at: None,
    }
}
