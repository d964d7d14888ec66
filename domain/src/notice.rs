//! What a customer is told, once for each event: on the page and by e-mail, in the same words.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::transfer::words;
use crate::{Money, TopUpId};

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

    /// What the settings call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LowBalance => "Low balance",
            Self::TopUpSettled => "Credit added",
            Self::RefillSucceeded => "Auto-refill charged your card",
            Self::RefillFailed => "Auto-refill failed",
            Self::RefillNeedsYou => "Auto-refill needs you",
            Self::RefillCapNear => "Auto-refill is near its monthly cap",
            Self::Refund => "Refunds",
            Self::CreditExpiring => "Promotional credit is about to expire",
            Self::Dispute => "Disputes",
            Self::NewDevice => "Sign-in from a new device",
        }
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

    /// What happened, in one sentence: the line on the page and the subject of the letter.
    pub fn headline(&self) -> String {
        match self {
            Self::LowBalance { available, .. } => {
                format!("Your balance is {}", available.balance_text())
            }
            Self::TopUpSettled { amount, .. } => {
                format!("{} was added to your wallet", amount.exact_text())
            }
            Self::RefillSucceeded { amount, card, .. } => {
                format!("Auto-refill charged {} to {card}", amount.exact_text())
            }
            Self::RefillFailed { amount, .. } => {
                format!("Auto-refill of {} failed", amount.exact_text())
            }
            Self::RefillNeedsYou { amount, .. } => format!(
                "Your bank asks you to confirm the auto-refill of {}",
                amount.exact_text()
            ),
            Self::RefillCapNear { used, cap } => format!(
                "Auto-refill has used {} of {} this month",
                used.exact_text(),
                cap.exact_text()
            ),
            Self::Refund {
                amount, outcome, ..
            } => match outcome {
                RefundOutcome::Sent => {
                    format!("{} is on its way back to your card", amount.exact_text())
                }
                RefundOutcome::GivenBack => {
                    format!("Your refund of {} did not arrive", amount.exact_text())
                }
            },
            Self::CreditExpiring { amount, days, .. } => format!(
                "{} of promotional credit ends in {days} days",
                amount.exact_text()
            ),
            Self::Dispute { amount, stage, .. } => {
                let amount = amount.exact_text();
                match stage {
                    DisputeStage::Inquiry => {
                        format!("Your bank asks about your payment of {amount}")
                    }
                    DisputeStage::Withdrawn => format!("Your bank took {amount} back"),
                    DisputeStage::Won => format!("{amount} came back after a dispute"),
                    DisputeStage::Lost => {
                        format!("The dispute of {amount} ended in your favor at the bank")
                    }
                }
            }
            Self::NewDevice { device, .. } => format!("New sign-in from {device}"),
        }
    }

    /// What it means and what to do.
    pub fn detail(&self) -> String {
        match self {
            Self::LowBalance { level, .. } => format!(
                "It fell below {}. Add credit to keep calling.",
                level.exact_text()
            ),
            Self::TopUpSettled {
                bonus, debt_paid, ..
            } => {
                let bonus = bonus.is_positive().then(|| {
                    format!("A bonus of {} came with it.", bonus.exact_text())
                });
                let debt = debt_paid.is_positive().then(|| {
                    format!("{} of it paid what you owed.", debt_paid.exact_text())
                });
                let parts: Vec<String> = [bonus, debt].into_iter().flatten().collect();
                if parts.is_empty() {
                    "It is ready to be spent.".into()
                } else {
                    parts.join(" ")
                }
            }
            Self::RefillSucceeded { .. } => {
                "The credit is in your wallet. You can turn auto-refill off at any time.".into()
            }
            Self::RefillFailed {
                card,
                reason,
                again_at,
                ..
            } => {
                let next = again_at.map_or_else(
                    || "Auto-refill is off until you turn it on again.".to_owned(),
                    |at| format!("We try again on {}.", moment(at)),
                );
                format!("{card}: {reason} {next}")
            }
            Self::RefillNeedsYou { card, .. } => format!(
                "Nothing was charged to {card}. Pay on the payment page, where your bank can ask you."
            ),
            Self::RefillCapNear { .. } => {
                "At the cap it pauses until the month turns. You can raise the cap, or add credit yourself."
                    .into()
            }
            Self::Refund { outcome, .. } => match outcome {
                RefundOutcome::Sent => "Banks take 5 to 10 days to show it.".into(),
                RefundOutcome::GivenBack => {
                    "The card’s bank did not take it. The credit is back in your wallet.".into()
                }
            },
            Self::CreditExpiring { on, .. } => format!(
                "What is left of it on {} is lost. It is spent before credit you paid for.",
                day(*on)
            ),
            Self::Dispute { stage, debt, .. } => match stage {
                DisputeStage::Inquiry => {
                    "No money moved. Refunds wait until the bank has decided. If you know the payment, tell your bank.".into()
                }
                DisputeStage::Withdrawn if debt.is_positive() => format!(
                    "It was spent already, so {} is owed. Calls stop until your next top-up pays it. Auto-refill is off.",
                    debt.exact_text()
                ),
                DisputeStage::Withdrawn => {
                    "It was taken from your balance. Auto-refill is off and refunds wait until the bank has decided.".into()
                }
                DisputeStage::Won => {
                    "The bank decided for the payment. Auto-refill stays off until you turn it on.".into()
                }
                DisputeStage::Lost if debt.is_positive() => {
                    format!("{} is still owed; your next top-up pays it first.", debt.exact_text())
                }
                DisputeStage::Lost => "Nothing more is taken from your wallet.".into(),
            },
            Self::NewDevice { at, .. } => format!(
                "On {}. If this was not you, sign that session out and write to us.",
                moment(*at)
            ),
        }
    }

    /// The page where it can be acted on, and the words that lead there.
    pub fn link(&self) -> (String, &'static str) {
        match self {
            Self::LowBalance { .. } => ("/add-credit".into(), "Add credit"),
            Self::TopUpSettled { top_up_id, .. } | Self::RefillSucceeded { top_up_id, .. } => {
                (format!("/top-ups/{top_up_id}"), "See the top-up")
            }
            Self::RefillFailed { .. }
            | Self::RefillNeedsYou { .. }
            | Self::RefillCapNear { .. } => ("/auto-refill".into(), "Open auto-refill"),
            Self::Refund { top_up_id, .. } => (format!("/refunds/{top_up_id}"), "See the refund"),
            Self::CreditExpiring { .. } => ("/call".into(), "Call"),
            Self::Dispute { debt, .. } if debt.is_positive() => {
                ("/add-credit".into(), "Add credit")
            }
            Self::Dispute { .. } => ("/wallet#history".into(), "See the history"),
            Self::NewDevice { .. } => ("/account".into(), "See your sessions"),
        }
    }
}

/// `December 12, 2026`, in UTC: a letter does not know where it is read.
fn day(at: OffsetDateTime) -> String {
    format!("{} {}, {}", at.month(), at.day(), at.year())
}

/// `December 12, 2026, 14:05 UTC`
fn moment(at: OffsetDateTime) -> String {
    format!("{}, {:02}:{:02} UTC", day(at), at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn every_notice() -> Vec<Notice> {
        let (top_up_id, amount) = (TopUpId(Uuid::nil()), Money::from_dollars(25));
        let at = OffsetDateTime::from_unix_timestamp(1_797_084_300).unwrap();
        let dispute = |stage, debt| Notice::Dispute {
            top_up_id,
            amount,
            stage,
            debt,
        };
        let card = || "Visa ····4242".to_owned();
        vec![
            Notice::LowBalance {
                available: amount,
                level: amount,
            },
            Notice::TopUpSettled {
                top_up_id,
                amount,
                bonus: amount,
                debt_paid: amount,
            },
            Notice::TopUpSettled {
                top_up_id,
                amount,
                bonus: Money::ZERO,
                debt_paid: Money::ZERO,
            },
            Notice::RefillSucceeded {
                top_up_id,
                amount,
                card: card(),
            },
            Notice::RefillFailed {
                amount,
                card: card(),
                reason: "Declined.".into(),
                again_at: Some(at),
            },
            Notice::RefillFailed {
                amount,
                card: card(),
                reason: "Declined.".into(),
                again_at: None,
            },
            Notice::RefillNeedsYou {
                amount,
                card: card(),
            },
            Notice::RefillCapNear {
                used: amount,
                cap: amount,
            },
            Notice::Refund {
                top_up_id,
                amount,
                outcome: RefundOutcome::Sent,
            },
            Notice::Refund {
                top_up_id,
                amount,
                outcome: RefundOutcome::GivenBack,
            },
            Notice::CreditExpiring {
                amount,
                on: at,
                days: 14,
            },
            dispute(DisputeStage::Inquiry, Money::ZERO),
            dispute(DisputeStage::Withdrawn, Money::ZERO),
            dispute(DisputeStage::Withdrawn, amount),
            dispute(DisputeStage::Won, Money::ZERO),
            dispute(DisputeStage::Lost, amount),
            Notice::NewDevice {
                device: "Firefox on Linux".into(),
                at,
            },
        ]
    }

    #[test]
    fn every_notice_is_read_back_and_says_something() {
        let mut kinds = Vec::new();
        for notice in every_notice() {
            let written = serde_json::to_value(&notice).unwrap();
            assert_eq!(written["kind"], notice.kind().word());
            assert_eq!(serde_json::from_value::<Notice>(written).unwrap(), notice);
            assert!(
                notice.headline().len() < 78,
                "a subject is one line: {}",
                notice.headline()
            );
            assert!(notice.detail().ends_with('.'), "{}", notice.detail());
            assert!(notice.link().0.starts_with('/'));
            kinds.push(notice.kind());
        }
        kinds.dedup();
        assert_eq!(kinds, NoticeKind::ALL);
    }

    #[test]
    fn a_moment_in_a_letter_names_its_zone() {
        let at = OffsetDateTime::from_unix_timestamp(1_797_084_300).unwrap();
        assert_eq!(moment(at), "December 12, 2026, 14:05 UTC");
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
