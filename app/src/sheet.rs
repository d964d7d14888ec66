//! Pages that the server writes: it sends their markup, and the browser shows it.
//!
//! A page that only says what is so, with links and forms, needs no program in the browser. Such a
//! page is written in `written`, on the server only, and weighs nothing in the bundle, however many
//! there are. This is the one place that shows markup; it comes from our own views, which escape
//! what people typed.

use std::fmt;

use leptos::prelude::*;
use leptos::server_fn::codec::Post;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use serde::{Deserialize, Serialize};

use crate::error::AppError;
use crate::wire::{NotOurs, Wire};

/// A page, or a part of one, as the server wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sheet {
    /// For the window's title; one line. Empty for a part of a page.
    pub(crate) name: String,
    pub(crate) markup: String,
}

impl Sheet {
    /// The first line is the name, the rest the markup.
    pub(crate) fn read(text: &str) -> Self {
        let (name, markup) = text.split_once('\n').unwrap_or((text, ""));
        Self {
            name: name.to_owned(),
            markup: markup.to_owned(),
        }
    }

    /// Tells markup apart from other markup (FNV-1a, four bytes at a time).
    pub(crate) fn sum(&self) -> u32 {
        let add = |sum: u32, part: u32| (sum ^ part).wrapping_mul(16_777_619);
        let (fours, rest) = self.markup.as_bytes().as_chunks::<4>();
        let sum = fours.iter().fold(2_166_136_261, |sum, four| {
            add(sum, u32::from_le_bytes(*four))
        });
        rest.iter()
            .fold(sum, |sum, byte| add(sum, u32::from(*byte)))
    }
}

impl fmt::Display for Sheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.name, self.markup)
    }
}

/// Sent as it is: markup needs no letters for bytes.
pub struct Plain;

impl ContentType for Plain {
    const CONTENT_TYPE: &'static str = "text/plain";
}

impl FormatType for Plain {
    const FORMAT_TYPE: Format = Format::Text;
}

impl Encodes<Sheet> for Plain {
    type Error = NotOurs;

    fn encode(sheet: &Sheet) -> Result<Bytes, NotOurs> {
        Ok(Bytes::from(sheet.to_string()))
    }
}

impl Decodes<Sheet> for Plain {
    type Error = NotOurs;

    fn decode(bytes: Bytes) -> Result<Sheet, NotOurs> {
        std::str::from_utf8(&bytes)
            .map(Sheet::read)
            .map_err(|_| NotOurs)
    }
}

/// What the server writes at an address: a path of ours with its query, or the name of a part.
#[server(endpoint = "load_sheet", input = Wire, output = Post<Plain>)]
pub(crate) async fn load_sheet(address: String) -> Result<Sheet, AppError> {
    crate::written::write(&address).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_read_back() {
        let sheet = Sheet {
            name: "Rates".into(),
            markup: "<p>One\ntwo</p>".into(),
        };
        let sent = Plain::encode(&sheet).expect("has no other way");
        assert_eq!(Plain::decode(sent), Ok(sheet));
    }
}
