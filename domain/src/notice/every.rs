//! One of each notice, and of each way it may go: for the tests here and for those of `language`.

use domain::notice::{DisputeStage, Notice, RefundOutcome};
use domain::{Money, TopUpId};
use time::OffsetDateTime;

pub(super) fn every_notice() -> Vec<Notice> {
    let (top_up_id, amount) = (TopUpId(Default::default()), Money::from_dollars(25));
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
