//! What a declined charge means: whether the card may be tried again, and how to say why.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::SuspendReason;
use crate::transfer::words;

words!(
    /// What a bank's *no* means for the next try.
    DeclineKind {
        /// May succeed later.
        Soft = "soft",
        /// Never will with this card.
        Hard = "hard",
        /// The bank wants to ask the customer.
        NeedsCustomer = "needs_customer",
    }
);

impl DeclineKind {
    /// From Stripe's decline code and the network's advice.
    pub fn of(decline_code: &str, advice_code: Option<&str>) -> Self {
        const HARD: [&str; 5] = [
            "lost_card",
            "stolen_card",
            "pickup_card",
            "expired_card",
            "do_not_try_again",
        ];
        if decline_code == "authentication_required" {
            Self::NeedsCustomer
        } else if HARD.contains(&decline_code) || advice_code == Some("do_not_try_again") {
            Self::Hard
        } else {
            Self::Soft
        }
    }
}

/// Where a decline leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterDecline {
    BackOff { until: OffsetDateTime },
    AskCustomer { until: OffsetDateTime },
    Suspend(SuspendReason),
}

/// What the bank said, for whom it concerns.
pub fn decline_reason(decline_code: &str) -> &'static str {
    match decline_code {
        "insufficient_funds" => "The bank says there is not enough money on the card.",
        "expired_card" => "The card has expired.",
        "lost_card" | "stolen_card" | "pickup_card" => {
            "The bank does not accept this card any more."
        }
        "authentication_required" => "The bank wants you to confirm the payment.",
        "processing_error" => "The bank could not process the payment.",
        _ => "The bank declined the payment; it can say why.",
    }
}
