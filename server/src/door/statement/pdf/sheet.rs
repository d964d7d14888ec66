//! A page before it is drawn: pieces of text, and hairlines between them.

use krilla::Document;
use krilla::color::luma;
use krilla::geom::{PathBuilder, Point};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use language::Language;

use super::piece::{Family, Piece, families, pieces, width};

/// A4 in points.
const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
pub(super) const LEFT: f32 = 48.0;
pub(super) const RIGHT: f32 = WIDTH - 48.0;

/// The fonts of a language, and its direction: a page of Arabic is the mirror of one of English.
pub(super) struct Fonts {
    regular: Family,
    medium: Family,
    is_right_to_left: bool,
}

impl Fonts {
    pub(super) fn of(language: Language) -> Self {
        let (regular, medium) = families(language);
        Self {
            regular,
            medium,
            is_right_to_left: language.is_right_to_left(),
        }
    }

    fn pieces(&self, text: &Text, shown: &str) -> Vec<Piece<'_>> {
        let family = if text.is_strong {
            &self.medium
        } else {
            &self.regular
        };
        pieces(shown, family, self.is_right_to_left)
    }

    /// The pieces of a text, which is shortened until it fits.
    fn fitting(&self, text: &Text) -> Vec<Piece<'_>> {
        let fits = |pieces: &[Piece]| {
            text.widest
                .is_none_or(|widest| width(pieces, text.size) <= widest)
        };
        let whole = self.pieces(text, &text.text);
        if fits(&whole) {
            return whole;
        }
        let mut shown = text.text.clone();
        while shown.pop().is_some() {
            let cut = self.pieces(text, &format!("{}…", shown.trim_end()));
            if fits(&cut) {
                return cut;
            }
        }
        Vec::new()
    }
}

/// A piece of text, and how it is set.
pub(super) struct Text {
    text: String,
    size: f32,
    is_strong: bool,
    is_quiet: bool,
    /// Whether its place is where it ends.
    ends: bool,
    /// What does not fit is cut off.
    widest: Option<f32>,
}

impl Text {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            size: 10.0,
            is_strong: false,
            is_quiet: false,
            ends: false,
            widest: None,
        }
    }

    pub(super) fn small(text: impl Into<String>) -> Self {
        Self {
            size: 8.5,
            ..Self::new(text)
        }
    }

    pub(super) fn title(text: impl Into<String>) -> Self {
        Self {
            size: 20.0,
            ..Self::new(text).strong()
        }
    }

    pub(super) fn strong(self) -> Self {
        Self {
            is_strong: true,
            ..self
        }
    }

    pub(super) fn quiet(self) -> Self {
        Self {
            is_quiet: true,
            ..self
        }
    }

    pub(super) fn ending(self) -> Self {
        Self { ends: true, ..self }
    }

    pub(super) fn within(self, width: f32) -> Self {
        Self {
            widest: Some(width),
            ..self
        }
    }
}

#[derive(Default)]
pub(super) struct Sheet {
    texts: Vec<(f32, f32, Text)>,
    rules: Vec<f32>,
}

impl Sheet {
    pub(super) fn put(&mut self, x: f32, y: f32, text: Text) {
        if !text.text.is_empty() {
            self.texts.push((x, y, text));
        }
    }

    pub(super) fn rule(&mut self, y: f32) {
        self.rules.push(y);
    }

    pub(super) fn draw(self, document: &mut Document, fonts: &Fonts) {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).expect("a page has a size");
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        surface.set_fill(None);
        surface.set_stroke(Some(Stroke {
            paint: luma::Color::new(0xd8).into(),
            width: 0.5,
            ..Stroke::default()
        }));
        for y in self.rules {
            let mut line = PathBuilder::new();
            line.move_to(LEFT, y);
            line.line_to(RIGHT, y);
            if let Some(line) = line.finish() {
                surface.draw_path(&line);
            }
        }
        surface.set_stroke(None);
        for (x, y, text) in self.texts {
            let shade = if text.is_quiet { 0x60 } else { 0x18 };
            surface.set_fill(Some(Fill {
                paint: luma::Color::new(shade).into(),
                opacity: NormalizedF32::ONE,
                rule: FillRule::default(),
            }));
            let pieces = fonts.fitting(&text);
            let (x, ends) = if fonts.is_right_to_left {
                (WIDTH - x, !text.ends)
            } else {
                (x, text.ends)
            };
            let mut x = if ends {
                x - width(&pieces, text.size)
            } else {
                x
            };
            for piece in pieces {
                let from = Point::from_xy(x, y);
                let (font, direction) = (piece.font(), piece.direction);
                surface.draw_text(from, font, text.size, &piece.text, false, direction);
                x += piece.width(text.size);
            }
        }
        surface.finish();
        page.finish();
    }
}
