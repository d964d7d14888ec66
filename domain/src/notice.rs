//! What a customer is told, once for each event: on the page and by e-mail, in the same words, which
//! the crate `language` finds.

mod resend;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::transfer::words;
use crate::{Money, TopUpId};

pub use resend::{LastLetter, LetterState, RESEND_AFTER, ResendRefusal, resend};

words!(
    /// Kinds of notices, each of which has its own switch where the law lets one have it.
    NoticeKind {
        LowBalance = "low_balance",
        TopUpSettled = "top_up_settled",
        RefillSucceeded = "refill_succeeded",
        RefillFailed = "refill_failed",
        RefillNeedsYou = "refill_needs_you",
        RefillCapNear = "refill_cap_near",
        Refund = "refund",
        CreditExpiring = "credit_expiring",
        Dispute = "dispute",
        NewDevice = "new_device",
    }
);

/// Below this balance one is told, unless the customer or auto-refill says otherwise.
pub const LOW_BALANCE: Money = Money::from_dollars(5);

/// Days before given credit ends on which one is told.
pub const EXPIRY_DAYS: [i64; 2] = [14, 2];

/// An event with its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    LowBalance {
        available: Money,
        level: Money,
    },
    TopUpSettled {
        top_up_id: TopUpId,
        amount: Money,
        bonus: Money,
        debt_paid: Money,
    },
    RefillSucceeded {
        top_up_id: TopUpId,
        amount: Money,
        /// `Visa ····4242`
        card: String,
    },
    RefillFailed {
        amount: Money,
        card: String,
        /// The bank's reason as a sentence of ours.
        reason: String,
        /// When it is tried again; none if auto-refill is off now.
        #[serde(with = "time::serde::rfc3339::option")]
        again_at: Option<OffsetDateTime>,
    },
    /// The bank wants the customer to confirm a refill.
    RefillNeedsYou {
        amount: Money,
        card: String,
    },
    RefillCapNear {
        used: Money,
        cap: Money,
    },
    Refund {
        top_up_id: TopUpId,
        amount: Money,
        outcome: RefundOutcome,
    },
    CreditExpiring {
        amount: Money,
        #[serde(with = "time::serde::rfc3339")]
        on: OffsetDateTime,
        days: i64,
    },
    Dispute {
        top_up_id: TopUpId,
        amount: Money,
        stage: DisputeStage,
        /// What is owed after it.
        debt: Money,
    },
    NewDevice {
        device: String,
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
    },
}

words!(
    /// What became of a refund.
    RefundOutcome {
        Sent = "sent",
        /// The card's bank did not take it: the credit is back in the wallet.
        GivenBack = "given_back",
    }
);

words!(
    /// How a bank's question about a payment stands, as the customer hears of it.
    DisputeStage {
        /// The bank asks; no money moved.
        Inquiry = "inquiry",
        /// The bank took the money back.
        Withdrawn = "withdrawn",
        Won = "won",
        Lost = "lost",
    }
);

impl NoticeKind {
    /// Whether its letters may be refused. Those about one's money, card and account are always sent.
    pub const fn is_optional(self) -> bool {
        matches!(
            self,
            Self::LowBalance | Self::TopUpSettled | Self::RefillCapNear | Self::CreditExpiring
        )
    }
}

impl Notice {
    pub const fn kind(&self) -> NoticeKind {
        match self {
            Self::LowBalance { .. } => NoticeKind::LowBalance,
            Self::TopUpSettled { .. } => NoticeKind::TopUpSettled,
            Self::RefillSucceeded { .. } => NoticeKind::RefillSucceeded,
            Self::RefillFailed { .. } => NoticeKind::RefillFailed,
            Self::RefillNeedsYou { .. } => NoticeKind::RefillNeedsYou,
            Self::RefillCapNear { .. } => NoticeKind::RefillCapNear,
            Self::Refund { .. } => NoticeKind::Refund,
            Self::CreditExpiring { .. } => NoticeKind::CreditExpiring,
            Self::Dispute { .. } => NoticeKind::Dispute,
            Self::NewDevice { .. } => NoticeKind::NewDevice,
        }
    }
}

#[cfg(test)]
mod every;
#[cfg(test)]
mod tests {
    use super::every::every_notice;
    use super::*;

    #[test]
    fn every_notice_is_read_back() {
        let mut kinds = Vec::new();
        for notice in every_notice() {
            let written = serde_json::to_value(&notice).unwrap();
            assert_eq!(written["kind"], notice.kind().word());
            assert_eq!(serde_json::from_value::<Notice>(written).unwrap(), notice);
            kinds.push(notice.kind());
        }
        kinds.dedup();
        assert_eq!(kinds, NoticeKind::ALL);
    }

    #[test]
    fn letters_about_money_and_safety_cannot_be_refused() {
        for kind in [
            NoticeKind::Dispute,
            NoticeKind::Refund,
            NoticeKind::NewDevice,
            NoticeKind::RefillSucceeded,
        ] {
            assert!(!kind.is_optional(), "{kind:?}");
        }
    }
}
