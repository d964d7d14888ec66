//! A line of text as pieces that one font draws in one direction, from left to right.
//!
//! An amount in a line of Arabic, a Latin name in one of Hindi: every piece is shaped by itself, in the
//! order that the Unicode algorithm for both directions gives.

#![expect(
    clippy::float_arithmetic,
    reason = "places on a page are measured in points"
)]

use krilla::text::{Font, TextDirection};
use language::Language;
use rustybuzz::{Direction, Face, UnicodeBuffer};
use unicode_bidi::{BidiInfo, Level};

/// A font as it is drawn, and as it is measured.
pub(super) struct Weight {
    font: Font,
    face: Face<'static>,
}

/// In one weight, the fonts that are tried in turn.
pub(super) type Family = Vec<Weight>;

macro_rules! font {
    ($name:literal) => {
        Weight::new(include_bytes!(concat!(
            "../../../../data/fonts/",
            $name,
            ".ttf"
        )))
    };
}

/// Regular and medium, as a language needs them.
pub(super) fn families(language: Language) -> (Family, Family) {
    let latin = (font!("Roboto-Regular"), font!("Roboto-Medium"));
    let own = match language {
        Language::English | Language::Spanish | Language::French => {
            return (vec![latin.0], vec![latin.1]);
        }
        Language::Hindi => (
            font!("NotoSansDevanagari-Regular"),
            font!("NotoSansDevanagari-Medium"),
        ),
        Language::Arabic => (
            font!("NotoSansArabic-Regular"),
            font!("NotoSansArabic-Medium"),
        ),
    };
    (vec![latin.0, own.0], vec![latin.1, own.1])
}

impl Weight {
    fn new(file: &'static [u8]) -> Self {
        Self {
            font: Font::new(file.to_vec().into(), 0).expect("our own file is a font"),
            face: Face::from_slice(file, 0).expect("our own file is a font"),
        }
    }

    fn has(&self, letter: char) -> bool {
        self.face.glyph_index(letter).is_some()
    }
}

/// What is drawn at once.
pub(super) struct Piece<'a> {
    pub(super) text: String,
    weight: &'a Weight,
    pub(super) direction: TextDirection,
}

impl Piece<'_> {
    pub(super) fn font(&self) -> Font {
        self.weight.font.clone()
    }

    pub(super) fn width(&self, size: f32) -> f32 {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&self.text);
        buffer.set_direction(match self.direction {
            TextDirection::RightToLeft => Direction::RightToLeft,
            _ => Direction::LeftToRight,
        });
        buffer.guess_segment_properties();
        let shaped = rustybuzz::shape(&self.weight.face, &[], buffer);
        let units: i32 = shaped
            .glyph_positions()
            .iter()
            .map(|place| place.x_advance)
            .sum();
        #[expect(
            clippy::cast_precision_loss,
            reason = "a line is some thousand units long"
        )]
        let units = units as f32;
        #[expect(clippy::cast_precision_loss, reason = "a font has a thousand or two")]
        let em = self.weight.face.units_per_em() as f32;
        units * size / em
    }
}

/// The pieces of a line, the leftmost first.
pub(super) fn pieces<'a>(text: &str, family: &'a Family, is_right_to_left: bool) -> Vec<Piece<'a>> {
    let level = if is_right_to_left {
        Level::rtl()
    } else {
        Level::ltr()
    };
    let bidi = BidiInfo::new(text, Some(level));
    let Some(paragraph) = bidi.paragraphs.first() else {
        return Vec::new();
    };
    let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
    let mut pieces = Vec::new();
    for run in runs {
        let is_rtl = levels[run.start].is_rtl();
        let mut of_run = of_one_direction(&text[run], family, is_rtl);
        if is_rtl {
            of_run.reverse();
        }
        pieces.append(&mut of_run);
    }
    pieces
}

/// Divided where another font is needed, in the order of reading.
fn of_one_direction<'a>(text: &str, family: &'a Family, is_rtl: bool) -> Vec<Piece<'a>> {
    let direction = if is_rtl {
        TextDirection::RightToLeft
    } else {
        TextDirection::LeftToRight
    };
    let mut pieces: Vec<(usize, String)> = Vec::new();
    // Isolates and marks are for the order, which is made.
    let is_mark = |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}');
    for letter in text.chars().filter(|letter| !is_mark(letter)) {
        let letter = shown(letter, family);
        let before = pieces.last().map(|(font, _)| *font);
        let stays = before.filter(|font| family[*font].has(letter));
        let font = stays.or_else(|| family.iter().position(|weight| weight.has(letter)));
        let font = font.unwrap_or_default();
        match pieces.last_mut() {
            Some((last, text)) if *last == font => text.push(letter),
            _ => pieces.push((font, letter.to_string())),
        }
    }
    let piece = |(font, text): (usize, String)| Piece {
        text,
        weight: &family[font],
        direction,
    };
    pieces.into_iter().map(piece).collect()
}

/// A space that no font has is an ordinary one.
fn shown(letter: char, family: &Family) -> char {
    if letter.is_whitespace() && !family.iter().any(|weight| weight.has(letter)) {
        ' '
    } else {
        letter
    }
}

/// How wide a line is.
pub(super) fn width(pieces: &[Piece], size: f32) -> f32 {
    pieces.iter().map(|piece| piece.width(size)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Money, TransferKind};
    use language::tell;

    #[test]
    fn a_font_has_every_letter_that_a_statement_may_say() {
        for language in Language::ALL {
            let family = families(language).0;
            let amount = language::signed(-Money::from_dollars(1_234_567), language);
            let mut said = vec![
                amount,
                tell!(language, statements::OPENING),
                tell!(language, statements::CLOSING),
                tell!(language, statements::NOTHING_MOVED),
                tell!(language, statements::ENTRIES, count = 1_234_u64),
                tell!(language, statements::HELD_BESIDES, amount = "$1"),
                tell!(language, statements::OWED_BESIDES, amount = "$1"),
                tell!(language, statements::PAGE_OF, page = "1", pages = "2"),
            ];
            let kinds = TransferKind::ALL.iter();
            said.extend(kinds.map(|kind| app::transfer_name(*kind, language)));
            said.extend((1..=12).map(|month| language::month(month, language)));
            for text in said {
                for piece in pieces(&text, &family, language.is_right_to_left()) {
                    for letter in piece.text.chars() {
                        assert!(piece.weight.has(letter), "{language:?} {letter:?}: {text}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_amount_in_a_line_of_arabic_stands_to_the_left_of_what_comes_before_it() {
        let family = families(Language::Arabic).0;
        let pieces = pieces("الرصيد \u{2066}$25.00\u{2069}", &family, true);
        assert_eq!(pieces[0].text, "$25.00");
        assert_eq!(pieces.last().map(|piece| piece.text.trim()), Some("الرصيد"));
        assert!(width(&pieces, 10.0) > 20.0);
    }

    #[test]
    fn letters_that_join_are_narrower_than_by_themselves() {
        let family = families(Language::Hindi).0;
        let whole = width(&pieces("क्ष", &family, false), 10.0);
        let apart: f32 = ["क", "\u{94d}", "ष"]
            .map(|letter| width(&pieces(letter, &family, false), 10.0))
            .iter()
            .sum();
        assert!(whole > 0.0 && whole < apart, "{whole} {apart}");
    }
}
