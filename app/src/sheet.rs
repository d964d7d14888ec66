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

use crate::error::AppError;
use crate::wire::{NotOurs, Wire};

/// A page, or a part of one, as the server wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sheet {
    /// For the window's title; one line. Empty for a part of a page.
    pub(crate) name: String,
    pub(crate) markup: String,
    /// Tells this markup apart from other markup.
    pub(crate) sum: u32,
}

impl Sheet {
    pub(crate) fn new(name: String, markup: String) -> Self {
        let sum = sum(&markup);
        Self { name, markup, sum }
    }

    /// The first line is the name, the rest the markup.
    pub(crate) fn read(text: &str) -> Self {
        let (name, markup) = halves(text);
        Self::new(name, markup)
    }

    /// The same, where it is known already what the markup sums up to.
    pub(crate) fn summed(text: &str, sum: u32) -> Self {
        let (name, markup) = halves(text);
        Self { name, markup, sum }
    }
}

fn halves(text: &str) -> (String, String) {
    let (name, markup) = text.split_once('\n').unwrap_or((text, ""));
    (name.to_owned(), markup.to_owned())
}

/// Four bytes at a time. The turn brings what changed in the last of four to the bits that the product spreads.
fn sum(markup: &str) -> u32 {
    let add = |sum: u32, part: u32| (sum.rotate_left(5) ^ part).wrapping_mul(0x9E37_79B1);
    let (fours, rest) = markup.as_bytes().as_chunks::<4>();
    let sum = fours.iter().fold(2_166_136_261, |sum, four| {
        add(sum, u32::from_le_bytes(*four))
    });
    rest.iter()
        .fold(sum, |sum, byte| add(sum, u32::from(*byte)))
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

    /// An amount and its balance change together.
    #[test]
    fn no_two_changed_digits_leave_the_sum_as_it_was() {
        let markup = "1".repeat(41);
        let before = sum(&markup);
        for first in 0..markup.len() {
            for second in first..markup.len() {
                for (one, other) in (2..=9).flat_map(|one| (2..=9).map(move |other| (one, other))) {
                    let mut changed = markup.clone();
                    changed.replace_range(first..=first, &one.to_string());
                    changed.replace_range(second..=second, &other.to_string());
                    assert_ne!(sum(&changed), before, "{changed}");
                }
            }
        }
    }

    #[test]
    fn a_sheet_is_read_back() {
        let sheet = Sheet::new("Rates".into(), "<p>One\ntwo</p>".into());
        let sent = Plain::encode(&sheet).expect("has no other way");
        assert_eq!(Plain::decode(sent), Ok(sheet));
    }
}
