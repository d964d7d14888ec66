//! What can go wrong: [`Error`] for the doors, with nothing from below in it; `Fault` within.

use domain::Declined;
use domain::adjustment::AdjustmentRefusal;
use domain::call::CallRefusal;
use domain::statement::DoesNotAddUp;
use domain::wallet::Impossible;
use uuid::Uuid;

use crate::stripe::Trouble;

/// What a door is told. A cause from below is logged once, under the reference.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A *no* the customer understands.
    #[error("declined: {0:?}")]
    Declined(Declined),
    /// Absent, or another's: the two look alike.
    #[error("not found")]
    NotFound,
    /// Not now; the same request may be sent again.
    #[error("busy, try again")]
    Busy,
    /// Something is broken; the person can quote the reference.
    #[error("unavailable, reference {reference}")]
    Unavailable { reference: Uuid },
}

/// What goes wrong inside an act, with its cause.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("declined: {0:?}")]
    Declined(Declined),
    #[error("not found")]
    NotFound,
    #[error("use the database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("post to the books: {0}")]
    Impossible(#[from] Impossible),
    #[error("ask stripe: {0}")]
    Stripe(#[from] Trouble),
    #[error("{0}")]
    Statement(#[from] DoesNotAddUp),
    #[error("keep the books: {0}")]
    Inconsistent(&'static str),
}

/// SQLSTATE of conflicts that a repeat of the whole transaction resolves.
const SERIALIZATION_FAILURE: &str = "40001";
const DEADLOCK_DETECTED: &str = "40P01";
/// SQLSTATE of waits that were cut short: the database is busy, nothing was written.
const LOCK_NOT_AVAILABLE: &str = "55P03";
const QUERY_CANCELED: &str = "57014";

impl Fault {
    fn sqlstate(&self) -> Option<String> {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                error.code().map(|code| code.into_owned())
            }
            _ => None,
        }
    }

    /// Whether the transaction was undone by a conflict and may simply be run again.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(
            self.sqlstate().as_deref(),
            Some(SERIALIZATION_FAILURE | DEADLOCK_DETECTED)
        ) || self.is_number_taken()
    }

    /// Two price lists asked for the next number at once.
    fn is_number_taken(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error))
            if error.constraint() == Some("price_list_pkey"))
    }

    fn is_busy(&self) -> bool {
        matches!(
            self,
            Self::Stripe(Trouble::Busy) | Self::Database(sqlx::Error::PoolTimedOut)
        ) || matches!(
            self.sqlstate().as_deref(),
            Some(LOCK_NOT_AVAILABLE | QUERY_CANCELED)
        ) || self.is_conflict()
    }
}

impl From<Declined> for Fault {
    fn from(declined: Declined) -> Self {
        Self::Declined(declined)
    }
}

impl From<CallRefusal> for Fault {
    fn from(refusal: CallRefusal) -> Self {
        Self::Declined(Declined::Call(refusal))
    }
}

impl From<AdjustmentRefusal> for Fault {
    fn from(refusal: AdjustmentRefusal) -> Self {
        Self::Declined(Declined::Adjustment(refusal))
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Declined(declined) => Self::Declined(declined),
            Fault::NotFound => Self::NotFound,
            fault if fault.is_busy() => {
                tracing::warn!(%fault, "busy");
                Self::Busy
            }
            fault => {
                let reference = Uuid::now_v7();
                tracing::error!(%fault, %reference, "act failed");
                Self::Unavailable { reference }
            }
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Fault::from(error).into()
    }
}
