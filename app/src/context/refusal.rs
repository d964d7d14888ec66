//! Refusals in words, in the language of the request.

use domain::Declined;

use crate::error::{AppError, Why};
use crate::words;

impl AppError {
    pub(crate) fn declined(why: &Declined, typed: Option<String>) -> Self {
        Self::Declined {
            said: words::declined(why),
            used_up: matches!(why, Declined::TopUpOver | Declined::TopUpChanged),
            is_code: matches!(why, Declined::Promo(_) | Declined::Referral(_)),
            why: Why::of(why),
            typed,
        }
    }

    /// The same with its words made anew; none if it cannot be read.
    pub(crate) fn told_anew(self) -> Option<Self> {
        match self {
            Self::Declined { why, typed, .. } => Some(Self::declined(&why.read()?, typed)),
            other => Some(other),
        }
    }
}
