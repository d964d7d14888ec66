//! Inbound messages: somebody writes to a number of the wallet.

use super::line::send;
use crate::{
    error::{ApiError, ApiResult},
    id,
    world::Shared,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// The basic character set of GSM 03.38, without its extension table.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
                     ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Letters that take two places.
const EXTENDED: &str = "^{}\\[~]|€\u{c}";

#[derive(Debug, Deserialize)]
pub(super) struct Message {
    wallet: String,
    from: String,
    to: String,
    body: String,
    segments: Option<u32>,
    message_id: Option<String>,
}

/// Sends it once, and answers with what the wallet said.
pub(super) async fn deliver(world: &Shared, message: Message) -> ApiResult {
    if message.wallet.is_empty() {
        return Err(ApiError::missing_param("wallet"));
    }
    let message_id = message.message_id.unwrap_or_else(|| id::new("msg"));
    let segments = message.segments.unwrap_or_else(|| segments(&message.body));
    let body = json!({
        "message_id": message_id,
        "from": message.from,
        "to": message.to,
        "segments": segments,
        "body": message.body,
    });
    let path = ["wallets", message.wallet.as_str(), "messages"];
    let sent = send(world, &path, body.to_string(), false).await;
    let told = told(&message_id, &sent.reply.body, sent.reply.status);
    world.state().switch.keep_message(sent.exchange);
    Ok(told)
}

fn told(message_id: &str, answer: &Value, status: u16) -> Value {
    json!({ "message_id": message_id, "status": status, "answer": answer })
}

/// How many short messages a text takes: 160 letters of the basic set or 70 others in one, and
/// fewer in each of several, which need a header.
fn segments(text: &str) -> u32 {
    let place = |letter: char| match letter {
        letter if BASIC.contains(letter) => Some(1),
        letter if EXTENDED.contains(letter) => Some(2),
        _ => None,
    };
    let places: Option<Vec<usize>> = text.chars().map(place).collect();
    let (length, alone, joined) = match places {
        Some(places) => (places.into_iter().sum(), 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    let segments = if length <= alone {
        1
    } else {
        length.div_ceil(joined)
    };
    u32::try_from(segments).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_and_rare_letters_take_more_segments() {
        for (text, expected) in [
            (String::new(), 1),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            ("ж".repeat(70), 1),
            ("ж".repeat(71), 2),
            ("😀".repeat(35), 1),
            ("😀".repeat(36), 2),
        ] {
            assert_eq!(segments(&text), expected, "{text}");
        }
    }
}
