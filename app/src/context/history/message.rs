//! The row of a message: whose it is, and what it cost. Its text stands on the page of messages.

use domain::history::{HistoryItem, MessageItem};
use domain::message::MessageState;
use domain::top_up::TopUpState;

use super::super::LocalTime;
use super::super::number::{masked, whole};
use super::plain_row;
use crate::components::icon::Sign;
use crate::pages::wallet::row::{Row, Tone};

pub(super) fn row(item: &HistoryItem, message: &MessageItem, clock: &LocalTime) -> Row {
    let sender = message.sender.as_deref().unwrap_or_default();
    let (state, said, tone, explanation) = match message.state {
        MessageState::Delivered => (TopUpState::Settled, "Delivered", Tone::Plain, None),
        MessageState::Parked => (
            TopUpState::Pending,
            "Waiting for credit",
            Tone::Hold,
            Some("It is shown and charged when there is credit. It waits for three days."),
        ),
        MessageState::Lapsed | MessageState::Blocked => (
            TopUpState::Expired,
            "Not taken",
            Tone::Quiet,
            Some("It waited for credit for three days. Nothing was charged."),
        ),
    };
    let segments = message.segments;
    let lines = (segments > 1 && message.state == MessageState::Delivered)
        .then(|| format!("{segments} segments = {}", message.charge.exact_text()));
    Row {
        state,
        said: said.into(),
        sign: Sign::Message,
        tone,
        explanation: explanation.map(str::to_owned),
        lines: lines.into_iter().collect(),
        hidden: Some(whole(sender)).filter(|number| number.len() > 8 && masked(sender) != sender),
        ..plain_row(item, "Message", &masked(sender), clock)
    }
}
