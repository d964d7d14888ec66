//! The rows of money that went back: refunds and disputes.

use domain::Money;
use domain::dispute::DisputeState;
use domain::history::{DisputeItem, HistoryItem, RefundItem};
use domain::refund::RefundState;
use domain::top_up::TopUpState;

use super::super::LocalTime;
use super::plain_row;
use crate::components::icon::Sign;
use crate::written::history::row::{Row, Tone};

/// Where a refund or a dispute stands: for the filter, in words, and why.
type Standing = (TopUpState, String, String);

pub(super) fn refund_row(item: &HistoryItem, refund: &RefundItem, clock: &LocalTime) -> Row {
    let standing = match refund.state {
        RefundState::Due | RefundState::Pending => (
            TopUpState::Pending,
            say!(row::ON_ITS_WAY),
            say!(row::REFUND_WAITING_WHY),
        ),
        RefundState::Succeeded => (
            TopUpState::Settled,
            say!(row::SENT),
            say!(row::REFUND_SENT_WHY),
        ),
        RefundState::Refused => (
            TopUpState::Failed,
            say!(row::NOT_SENT),
            say!(row::REFUND_REFUSED_WHY),
        ),
        RefundState::Failed => (
            TopUpState::Failed,
            say!(row::CAME_BACK),
            say!(row::REFUND_FAILED_WHY),
        ),
    };
    Row {
        link: Some(format!("/refunds/{}", refund.top_up_id)),
        ..row(item, say!(row::REFUND), standing, refund.amount, clock)
    }
}

pub(super) fn dispute_row(item: &HistoryItem, dispute: &DisputeItem, clock: &LocalTime) -> Row {
    let standing = match dispute.state {
        DisputeState::Inquiry => (
            TopUpState::Pending,
            say!(row::BANK_ASKS),
            say!(row::BANK_ASKS_WHY),
        ),
        DisputeState::Open => (
            TopUpState::Pending,
            say!(row::BANK_DECIDES),
            say!(row::BANK_DECIDES_WHY),
        ),
        DisputeState::Won => (
            TopUpState::Settled,
            say!(row::CAME_BACK),
            say!(row::DISPUTE_WON_WHY),
        ),
        DisputeState::Lost => (
            TopUpState::Settled,
            say!(row::TAKEN_BACK),
            say!(row::DISPUTE_LOST_WHY),
        ),
    };
    row(item, say!(row::DISPUTE), standing, dispute.amount, clock)
}

fn row(
    item: &HistoryItem,
    title: String,
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
        said,
        sign,
        tone,
        amount: if is_over { item.amount() } else { asked },
        explanation: Some(explanation),
        ..plain_row(item, title, "", clock)
    }
}
