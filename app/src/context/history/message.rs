//! The row of a message: whose it is, and what it cost. Its text stands on the page of messages.

use domain::history::{HistoryItem, MessageItem};
use domain::message::MessageState;
use domain::top_up::TopUpState;

use super::super::LocalTime;
use super::super::number::{masked, whole};
use super::plain_row;
use crate::components::icon::Sign;
use crate::speech::Told;
use crate::written::history::row::{Row, Tone};

pub(super) fn row(item: &HistoryItem, message: &MessageItem, clock: &LocalTime) -> Row {
    let sender = message.sender.as_deref().unwrap_or_default();
    let (state, said, tone, explanation) = match message.state {
        MessageState::Delivered => (TopUpState::Settled, say!(row::DELIVERED), Tone::Plain, None),
        MessageState::Parked => (
            TopUpState::Pending,
            say!(row::WAITING_FOR_CREDIT),
            Tone::Hold,
            Some(say!(row::PARKED_WHY)),
        ),
        MessageState::Lapsed | MessageState::Blocked => (
            TopUpState::Expired,
            say!(row::NOT_TAKEN),
            Tone::Quiet,
            Some(say!(row::LAPSED_WHY)),
        ),
    };
    let segments = message.segments;
    let lines = (segments > 1 && message.state == MessageState::Delivered).then(|| {
        let amount = message.charge.exact_told();
        say!(
            row::SEGMENTS,
            segments = segments.to_string(),
            amount = amount
        )
    });
    Row {
        state,
        said,
        sign: Sign::Message,
        tone,
        explanation,
        lines: lines.into_iter().collect(),
        hidden: Some(whole(sender)).filter(|number| number.len() > 8 && masked(sender) != sender),
        ..plain_row(item, say!(row::MESSAGE), &masked(sender), clock)
    }
}
