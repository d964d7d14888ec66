//! What a customer agrees to when auto-refill is turned on, and what is refused.

use serde::{Deserialize, Serialize};

use crate::{Declined, Money};

/// What the customer agreed to: below the threshold the amount is charged, at most the cap a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefillTerms {
    pub threshold: Money,
    pub amount: Money,
    pub monthly_cap: Money,
}

/// Why auto-refill cannot be turned on like this, with the limits to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefillRefusal {
    Threshold {
        smallest: Money,
        largest: Money,
    },
    Amount {
        smallest: Money,
        largest: Money,
    },
    /// At least one refill must fit.
    Cap {
        smallest: Money,
        largest: Money,
    },
    /// There is no saved card to charge.
    NoCard,
    /// The balance is below the threshold now: the customer must agree to a charge at once.
    ChargesNow {
        amount: Money,
    },
    /// The wallet owes after a dispute; a top-up pays that first.
    Owes,
}

impl RefillRefusal {
    /// The term it is about, as the form names it; none if it is about none of them.
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Threshold { .. } => Some("threshold"),
            Self::Amount { .. } => Some("amount"),
            Self::Cap { .. } => Some("cap"),
            Self::NoCard | Self::ChargesNow { .. } | Self::Owes => None,
        }
    }
}

impl From<RefillRefusal> for Declined {
    fn from(refusal: RefillRefusal) -> Self {
        Self::Refill(refusal)
    }
}
