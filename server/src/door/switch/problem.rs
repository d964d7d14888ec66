//! Every *no* of the charging API: problem documents (RFC 9457) whose type is a stable word and
//! whose numbers are fields.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::call::{CallRefusal, FreezeReason};
use domain::{Declined, Money};
use ledger::Error;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::answer::{amount, moment};
use super::openapi::{Amount, Reason};

/// Why a request is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Problem {
    /// 402: the balance does not cover the least a call on this route takes.
    BelowMinimum {
        #[serde(serialize_with = "amount")]
        #[schema(value_type = Amount)]
        required: Money,
        #[serde(serialize_with = "amount")]
        #[schema(value_type = Amount)]
        available: Money,
        #[serde(serialize_with = "amount")]
        #[schema(value_type = Amount)]
        shortfall: Money,
        refill_possible: bool,
    },
    /// 403: this destination is never called.
    BlockedDestination,
    /// 403: the wallet pays for nothing until this is settled.
    WalletFrozen {
        #[schema(value_type = Reason)]
        reason: FreezeReason,
    },
    /// 404: no price for this number.
    NoRate,
    /// 404: also where the number of a message is rented to another wallet by now; look it up again.
    NoSuchWallet,
    /// 404: also another switch's call.
    NoSuchCall,
    /// 404: no such address below `/switch/v1`.
    NoSuchResource,
    /// 405
    MethodNotAllowed,
    /// 409: the same id came with other content; nothing was changed.
    Conflict,
    /// 409: the call is over.
    CallEnded,
    /// 413: the body is too long.
    TooLarge,
    /// 422: this field is missing or malformed.
    InvalidField {
        /// Name of the field; `[3].cause` in a list.
        field: String,
    },
    /// 422: the body is not JSON of the right shape.
    InvalidBody,
    /// 429: as many calls run as may.
    TooManyCalls { limit: u32 },
    /// 429: calls took as much as they may in a day.
    SpendLimit {
        #[serde(serialize_with = "amount")]
        #[schema(value_type = Amount)]
        limit: Money,
        #[serde(serialize_with = "moment")]
        #[schema(value_type = String, format = DateTime)]
        resets_at: OffsetDateTime,
    },
    /// 503: the books could not answer in time; the same request may be sent again. Do not ring.
    TryAgain,
}

impl Problem {
    pub(super) fn field(name: impl Into<String>) -> Self {
        Self::InvalidField { field: name.into() }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::BelowMinimum { .. } => StatusCode::PAYMENT_REQUIRED,
            Self::BlockedDestination | Self::WalletFrozen { .. } => StatusCode::FORBIDDEN,
            Self::NoRate | Self::NoSuchWallet | Self::NoSuchCall | Self::NoSuchResource => {
                StatusCode::NOT_FOUND
            }
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict | Self::CallEnded => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::InvalidField { .. } | Self::InvalidBody => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyCalls { .. } | Self::SpendLimit { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TryAgain => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the ledger refused; `absent` is what was not found.
    pub(super) fn of(error: Error, absent: Self) -> Self {
        match error {
            Error::Declined(Declined::Call(refusal)) => refusal.into(),
            Error::Declined(Declined::MessageChanged) => Self::Conflict,
            Error::NotFound => absent,
            Error::Declined(_) | Error::Busy | Error::Unavailable { .. } => Self::TryAgain,
        }
    }
}

impl From<CallRefusal> for Problem {
    fn from(refusal: CallRefusal) -> Self {
        match refusal {
            CallRefusal::BelowMinimum {
                required,
                available,
                shortfall,
                refill_possible,
            } => Self::BelowMinimum {
                required,
                available,
                shortfall,
                refill_possible,
            },
            CallRefusal::NoRate => Self::NoRate,
            CallRefusal::BlockedDestination => Self::BlockedDestination,
            CallRefusal::WalletFrozen { reason } => Self::WalletFrozen { reason },
            CallRefusal::TooManyCalls { limit } => Self::TooManyCalls { limit },
            CallRefusal::SpendLimit { limit, resets_at } => Self::SpendLimit { limit, resets_at },
            CallRefusal::InvalidNumber => Self::field("to"),
            CallRefusal::Conflict => Self::Conflict,
            CallRefusal::CallEnded => Self::CallEnded,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).expect("a problem is plain text and numbers");
        let kind = (header::CONTENT_TYPE, "application/problem+json");
        match &self {
            Self::TryAgain => {
                (self.status(), [kind, (header::RETRY_AFTER, "1")], body).into_response()
            }
            _ => (self.status(), [kind], body).into_response(),
        }
    }
}

pub(super) async fn nothing_here() -> Problem {
    Problem::NoSuchResource
}

pub(super) async fn another_method() -> Problem {
    Problem::MethodNotAllowed
}
