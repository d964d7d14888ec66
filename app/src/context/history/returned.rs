//! The rows of money that went back: refunds and disputes.

use domain::Money;
use domain::dispute::DisputeState;
use domain::history::{DisputeItem, HistoryItem, RefundItem};
use domain::refund::RefundState;
use domain::top_up::TopUpState;

use super::super::LocalTime;
use super::plain_row;
use crate::components::icon::Sign;
use crate::pages::wallet::row::{Row, Tone};

/// Where a refund or a dispute stands: for the filter, in words, and why.
type Standing = (TopUpState, &'static str, &'static str);

pub(super) fn refund_row(item: &HistoryItem, refund: &RefundItem, clock: &LocalTime) -> Row {
    let standing = match refund.state {
        RefundState::Due | RefundState::Pending => (
            TopUpState::Pending,
            "On its way",
            "Set aside until your bank has it.",
        ),
        RefundState::Succeeded => (
            TopUpState::Settled,
            "Sent",
            "Sent to the card you paid with. Banks take 5 to 10 days to show it.",
        ),
        RefundState::Refused => (
            TopUpState::Failed,
            "Not sent",
            "It could not be sent. All of it is back in your wallet.",
        ),
        RefundState::Failed => (
            TopUpState::Failed,
            "Came back",
            "The card’s bank did not take it. All of it is back in your wallet.",
        ),
    };
    Row {
        link: Some(format!("/refunds/{}", refund.top_up_id)),
        ..row(item, "Refund", standing, refund.amount, clock)
    }
}

pub(super) fn dispute_row(item: &HistoryItem, dispute: &DisputeItem, clock: &LocalTime) -> Row {
    let standing = match dispute.state {
        DisputeState::Inquiry => (
            TopUpState::Pending,
            "Your bank asks",
            "Your bank asks about this payment. No money moved; refunds wait.",
        ),
        DisputeState::Open => (
            TopUpState::Pending,
            "Your bank decides",
            "Your bank took this payment back and has not decided yet. What of it was spent is owed.",
        ),
        DisputeState::Won => (
            TopUpState::Settled,
            "Came back",
            "Decided for the payment: what was taken came back.",
        ),
        DisputeState::Lost => (
            TopUpState::Settled,
            "Taken back",
            "Decided: the payment went back to you.",
        ),
    };
    row(item, "Dispute", standing, dispute.amount, clock)
}

fn row(
    item: &HistoryItem,
    title: &str,
    (state, said, explanation): Standing,
    asked: Money,
    clock: &LocalTime,
) -> Row {
    let (sign, tone) = match state {
        TopUpState::Pending => (Sign::Waiting, Tone::Hold),
        TopUpState::Failed => (Sign::Declined, Tone::Alert),
        TopUpState::Settled | TopUpState::Expired => (Sign::NotPaid, Tone::Plain),
    };
    let is_over = state == TopUpState::Settled;
    Row {
        state,
        said: said.into(),
        sign,
        tone,
        amount: if is_over { item.amount() } else { asked },
        explanation: Some(explanation.into()),
        ..plain_row(item, title, "", clock)
    }
}
