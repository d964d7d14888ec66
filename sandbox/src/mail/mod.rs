//! The mailbox: everything that is sent arrives here, and anybody may read it.

mod inbox;
mod smtp;

pub(crate) use inbox::router;
pub(crate) use smtp::receive;

use crate::id;
use mail_parser::MessageParser;
use serde::{Deserialize, Serialize};

/// The newest messages that are kept; older ones are forgotten.
const KEPT: usize = 2000;

/// Received messages, oldest first.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Mailbox {
    messages: Vec<Message>,
}

/// One message to one recipient, as a person reads it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    /// The recipient of the envelope.
    pub(crate) to: String,
    pub(crate) from: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    /// Seconds since 1970, of the sandbox clock.
    pub(crate) received_at: i64,
}

impl Mailbox {
    /// Keeps a received message once for each recipient.
    pub(crate) fn keep(&mut self, sender: &str, recipients: &[String], raw: &[u8], now: i64) {
        let parsed = MessageParser::default().parse(raw);
        let from = parsed
            .as_ref()
            .and_then(|message| message.from()?.first()?.address().map(str::to_owned))
            .unwrap_or_else(|| sender.to_owned());
        let parsed = parsed.as_ref();
        let subject = parsed
            .and_then(|message| message.subject())
            .unwrap_or_default();
        let text = parsed
            .and_then(|message| message.body_text(0))
            .unwrap_or_default();
        let html = parsed
            .and_then(|message| message.body_html(0))
            .unwrap_or_default();
        for to in recipients {
            self.messages.push(Message {
                id: id::letters(16),
                to: to.clone(),
                from: from.clone(),
                subject: subject.to_owned(),
                text: text.clone().into_owned(),
                html: html.clone().into_owned(),
                received_at: now,
            });
        }
        let surplus = self.messages.len().saturating_sub(KEPT);
        self.messages.drain(..surplus);
    }

    /// Messages newest first, all or to one address.
    pub(crate) fn newest<'a>(&'a self, to: Option<&'a str>) -> impl Iterator<Item = &'a Message> {
        let wanted =
            move |message: &&Message| to.is_none_or(|to| message.to.eq_ignore_ascii_case(to));
        self.messages.iter().rev().filter(wanted)
    }

    fn find(&self, id: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }
}
