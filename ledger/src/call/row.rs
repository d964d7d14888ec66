//! A call as it is stored.

use domain::call::{CallState, Grant};
use domain::rate::RateKind;
use domain::{Money, WalletId};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{Authorized, CallRate, CallRef};
use crate::error::Fault;
use crate::rates;

/// All of a call but the numbers of the two people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRow {
    pub state: CallState,
    pub(crate) request_hash: Vec<u8>,
    pub prefix: String,
    pub destination: String,
    pub kind: RateKind,
    pub per_minute: Decimal,
    pub connection_fee: Money,
    pub initial_seconds: i32,
    pub increment_seconds: i32,
    pub max_seconds: i32,
    pub(crate) first_held: Money,
    pub(crate) first_seconds: i32,
    pub(crate) first_final: bool,
    pub(crate) first_expires_at: OffsetDateTime,
    /// What is set aside for it, or was when it ended.
    pub held: Money,
    pub granted_seconds: i32,
    pub is_final: bool,
    pub expires_at: OffsetDateTime,
    pub confirmed_seconds: i32,
    pub update_seq: i64,
    pub(crate) extensions: i32,
    pub authorized_at: OffsetDateTime,
    pub answered_at: Option<OffsetDateTime>,
    pub ended_at: Option<OffsetDateTime>,
    pub talked_seconds: Option<i64>,
    pub billed_seconds: Option<i64>,
    pub charge: Option<Money>,
    pub released: Option<Money>,
    /// What the house lost on it.
    pub shrinkage: Money,
    /// Charged for the confirmed seconds because nobody reported its end.
    pub estimated: bool,
    pub corrected_at: Option<OffsetDateTime>,
}

impl CallRow {
    pub fn rate(&self) -> Result<CallRate, crate::Error> {
        Ok(self.copied_rate()?)
    }

    pub(crate) fn copied_rate(&self) -> Result<CallRate, Fault> {
        Ok(CallRate {
            prefix: self.prefix.clone(),
            destination: self.destination.clone(),
            kind: self.kind,
            pricing: rates::pricing(
                self.per_minute,
                self.connection_fee,
                [
                    self.initial_seconds,
                    self.increment_seconds,
                    self.max_seconds,
                ],
            )?,
        })
    }

    /// The first answer, as it was given.
    pub(crate) fn first_answer(&self) -> Result<Authorized, Fault> {
        Ok(Authorized {
            granted_seconds: self.first_seconds.unsigned_abs(),
            held: self.first_held,
            is_final: self.first_final,
            expires_at: self.first_expires_at,
            rate: self.copied_rate()?,
        })
    }

    pub(crate) fn grant(&self) -> Grant {
        Grant {
            held: self.held,
            seconds: self.granted_seconds.unsigned_abs(),
            is_final: self.is_final,
        }
    }
}

macro_rules! select_call {
    ($suffix:literal, $call:expr) => {
        sqlx::query_as!(
            CallRow,
            r#"select state as "state: CallState", request_hash, prefix, destination,
                      kind as "kind: RateKind", per_minute, connection_fee as "connection_fee: Money",
                      initial_seconds, increment_seconds, max_seconds, first_held as "first_held: Money",
                      first_seconds, first_final, first_expires_at, held as "held: Money",
                      granted_seconds, is_final, expires_at, confirmed_seconds, update_seq, extensions,
                      authorized_at, answered_at, ended_at, talked_seconds, billed_seconds,
                      charge as "charge: Money", released as "released: Money",
                      shrinkage as "shrinkage: Money", estimated, corrected_at
               from call where wallet_id = $1 and call_id = $2 and switch_id = $3 "# + $suffix,
            $call.wallet_id as WalletId,
            $call.call_id,
            $call.switch_id
        )
    };
}

pub(crate) async fn read(
    connection: &mut PgConnection,
    call: &CallRef,
) -> Result<Option<CallRow>, sqlx::Error> {
    select_call!("", call).fetch_optional(connection).await
}

/// The call, locked until the transaction ends. Whoever locks a call and its wallet locks the call
/// first, as the statement that ends a call does.
pub(crate) async fn lock(connection: &mut PgConnection, call: &CallRef) -> Result<CallRow, Fault> {
    select_call!("for update", call)
        .fetch_optional(connection)
        .await?
        .ok_or(Fault::NotFound)
}

/// The call of this name, whichever switch made it: a name is used once in a wallet.
pub(crate) async fn read_any(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    call_id: &str,
) -> Result<Option<CallRow>, Fault> {
    let switch_id = sqlx::query_scalar!(
        "select switch_id from call where wallet_id = $1 and call_id = $2",
        wallet_id as WalletId,
        call_id
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(switch_id) = switch_id else {
        return Ok(None);
    };
    let call = CallRef {
        wallet_id,
        call_id: call_id.to_owned(),
        switch_id,
    };
    Ok(read(connection, &call).await?)
}
