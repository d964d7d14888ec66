//! What a switch is answered. Amounts are decimal strings with four decimals, prices have up to six.

use domain::Money;
use domain::call::CallState;
use domain::rate::RateKind;
use ledger::{Authorized, CallRate, CallRow};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

use super::openapi::{Amount, Kind, State};
use super::problem::Problem;

/// `0.0217`: always four decimals.
pub(super) fn amount<S: Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{:.4}", money.decimal()))
}

pub(super) fn optional_amount<S: Serializer>(
    money: &Option<Money>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match money {
        Some(money) => amount(money, serializer),
        None => serializer.serialize_none(),
    }
}

/// Four decimals, more if the price has more.
fn price<S: Serializer>(price: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    let shortest = price.normalize();
    let decimals = usize::try_from(shortest.scale().max(4)).unwrap_or(4);
    serializer.collect_str(&format_args!("{shortest:.decimals$}"))
}

pub(super) fn moment<S: Serializer>(at: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    let text = at.to_offset(time::UtcOffset::UTC).format(&Rfc3339);
    serializer.serialize_str(&text.map_err(serde::ser::Error::custom)?)
}

fn optional_moment<S: Serializer>(
    at: &Option<OffsetDateTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => moment(at, serializer),
        None => serializer.serialize_none(),
    }
}

/// The price of a call; for a running one as it was when the call was authorized.
#[derive(Serialize, ToSchema)]
pub(super) struct RateTerms {
    pub(super) destination: String,
    #[schema(value_type = Kind)]
    pub(super) kind: RateKind,
    /// Digits of an E.164 number, without the plus.
    pub(super) prefix: String,
    /// US dollars with four to six decimals.
    #[serde(serialize_with = "price")]
    #[schema(value_type = String, example = "0.0217")]
    pub(super) per_minute: Decimal,
    #[serde(serialize_with = "amount")]
    #[schema(value_type = Amount)]
    pub(super) connection_fee: Money,
    pub(super) initial_seconds: u32,
    pub(super) increment_seconds: u32,
}

impl From<CallRate> for RateTerms {
    fn from(rate: CallRate) -> Self {
        Self {
            destination: rate.destination,
            kind: rate.kind,
            prefix: rate.prefix,
            per_minute: rate.pricing.per_minute(),
            connection_fee: rate.pricing.connection_fee(),
            initial_seconds: rate.pricing.initial_seconds(),
            increment_seconds: rate.pricing.increment_seconds(),
        }
    }
}

/// What a call would take. Promises nothing.
#[derive(Serialize, ToSchema)]
pub(super) struct QuoteAnswer {
    #[serde(flatten)]
    pub(super) rate: RateTerms,
    #[serde(serialize_with = "amount")]
    #[schema(value_type = Amount)]
    pub(super) minimum: Money,
    #[serde(serialize_with = "amount")]
    #[schema(value_type = Amount)]
    pub(super) available: Money,
    pub(super) talk_seconds: u32,
    pub(super) allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refusal: Option<Problem>,
}

/// The call may ring.
#[derive(Serialize, ToSchema)]
pub(super) struct AuthorizedAnswer {
    call_id: String,
    #[schema(value_type = State)]
    state: CallState,
    granted_seconds: u32,
    #[serde(serialize_with = "amount")]
    #[schema(value_type = Amount)]
    held: Money,
    #[serde(rename = "final")]
    is_final: bool,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String, format = DateTime)]
    expires_at: OffsetDateTime,
    rate: RateTerms,
}

impl AuthorizedAnswer {
    pub(super) fn new(call_id: String, authorized: Authorized) -> Self {
        Self {
            call_id,
            state: CallState::Authorized,
            granted_seconds: authorized.granted_seconds,
            held: authorized.held,
            is_final: authorized.is_final,
            expires_at: authorized.expires_at,
            rate: authorized.rate.into(),
        }
    }
}

/// The clock of the call runs.
#[derive(Serialize, ToSchema)]
pub(super) struct AnsweredAnswer {
    #[schema(value_type = State)]
    pub(super) state: CallState,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String, format = DateTime)]
    pub(super) answered_at: OffsetDateTime,
    pub(super) granted_seconds: u32,
    #[serde(rename = "final")]
    pub(super) is_final: bool,
}

/// The total granted from the answer on, never less than before.
#[derive(Serialize, ToSchema)]
pub(super) struct UpdatedAnswer {
    pub(super) seq: i64,
    pub(super) granted_seconds: u32,
    #[serde(serialize_with = "amount")]
    #[schema(value_type = Amount)]
    pub(super) held: Money,
    #[serde(rename = "final")]
    pub(super) is_final: bool,
}

/// What the call came to.
#[derive(Serialize, ToSchema)]
pub(super) struct EndedAnswer {
    #[schema(value_type = State)]
    pub(super) state: CallState,
    #[serde(serialize_with = "amount")]
    #[schema(value_type = Amount)]
    pub(super) charge: Money,
    #[serde(serialize_with = "amount")]
    #[schema(value_type = Amount)]
    pub(super) released: Money,
    #[serde(serialize_with = "amount")]
    #[schema(value_type = Amount)]
    pub(super) available: Money,
    pub(super) billed_seconds: i64,
}

/// The call as it stands.
#[derive(Serialize, ToSchema)]
pub(super) struct CallAnswer {
    call_id: String,
    #[schema(value_type = State)]
    state: CallState,
    granted_seconds: i32,
    #[serde(serialize_with = "amount")]
    #[schema(value_type = Amount)]
    held: Money,
    #[serde(rename = "final")]
    is_final: bool,
    /// Number of the last update.
    seq: i64,
    confirmed_seconds: i32,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String, format = DateTime)]
    authorized_at: OffsetDateTime,
    #[serde(serialize_with = "moment")]
    #[schema(value_type = String, format = DateTime)]
    expires_at: OffsetDateTime,
    #[serde(serialize_with = "optional_moment")]
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<OffsetDateTime>,
    #[serde(serialize_with = "optional_moment")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<OffsetDateTime>,
    talked_seconds: Option<i64>,
    billed_seconds: Option<i64>,
    #[serde(serialize_with = "optional_amount")]
    #[schema(value_type = Option<Amount>)]
    charge: Option<Money>,
    #[serde(serialize_with = "optional_amount")]
    #[schema(value_type = Option<Amount>)]
    released: Option<Money>,
    /// Charged for the confirmed seconds because nobody reported the end.
    estimated: bool,
    rate: RateTerms,
}

impl CallAnswer {
    pub(super) fn new(call_id: String, row: &CallRow) -> Result<Self, ledger::Error> {
        Ok(Self {
            call_id,
            state: row.state,
            granted_seconds: row.granted_seconds,
            held: row.held,
            is_final: row.is_final,
            seq: row.update_seq,
            confirmed_seconds: row.confirmed_seconds,
            authorized_at: row.authorized_at,
            expires_at: row.expires_at,
            answered_at: row.answered_at,
            ended_at: row.ended_at,
            talked_seconds: row.talked_seconds,
            billed_seconds: row.billed_seconds,
            charge: row.charge,
            released: row.released,
            estimated: row.estimated,
            rate: row.rate()?.into(),
        })
    }
}
