//! Links that expire: receipts, invoices, the portal. The token carries what it opens, until
//! when, and a signature, so that a million links need no memory.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

pub(crate) const DAY: i64 = 86_400;

/// Makes and opens links; its key lives as long as the state.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Links {
    key: [u8; 32],
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    Valid(String),
    Expired(String),
    Unknown,
}

impl Links {
    pub(crate) fn new() -> Self {
        Self {
            key: rand::random(),
        }
    }

    /// A token for `id`, good for pages of this `kind` until `expires_at` (seconds since 1970).
    pub(crate) fn mint(&self, kind: &str, id: &str, expires_at: i64) -> String {
        let nonce = crate::id::letters(6);
        let text = format!("{kind}.{id}.{expires_at}.{nonce}");
        let signature = hex::encode(&self.mac(&text).finalize().into_bytes()[..12]);
        URL_SAFE_NO_PAD.encode(format!("{text}.{signature}"))
    }

    pub(crate) fn open(&self, kind: &str, token: &str, now: i64) -> Opened {
        self.read(kind, token)
            .map_or(Opened::Unknown, |(id, expires_at)| {
                if now < expires_at {
                    Opened::Valid(id)
                } else {
                    Opened::Expired(id)
                }
            })
    }

    fn read(&self, kind: &str, token: &str) -> Option<(String, i64)> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        let (text, signature) = text.rsplit_once('.')?;
        let signature = hex::decode(signature).ok()?;
        self.mac(text).verify_truncated_left(&signature).ok()?;
        let mut parts = text.split('.');
        if parts.next()? != kind || signature.len() != 12 {
            return None;
        }
        Some((parts.next()?.to_owned(), parts.next()?.parse().ok()?))
    }

    fn mac(&self, text: &str) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any length of key will do");
        mac.chain_update(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_what_it_was_made_for_until_it_expires() {
        let links = Links::new();
        let token = links.mint("receipt", "ch_1", 100);
        assert_eq!(
            links.open("receipt", &token, 99),
            Opened::Valid("ch_1".into())
        );
        assert_eq!(
            links.open("receipt", &token, 100),
            Opened::Expired("ch_1".into())
        );
        assert_eq!(links.open("invoice", &token, 99), Opened::Unknown);
        assert_eq!(Links::new().open("receipt", &token, 99), Opened::Unknown);
        assert_ne!(token, links.mint("receipt", "ch_1", 100));
    }
}
