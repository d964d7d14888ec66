//! A page before it is drawn: pieces of text, and hairlines between them.

use krilla::Document;
use krilla::color::luma;
use krilla::geom::{PathBuilder, Point};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::text::{Font, TextDirection};
use ttf_parser::Face;

/// A4 in points.
const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
pub(super) const LEFT: f32 = 48.0;
pub(super) const RIGHT: f32 = WIDTH - 48.0;

static REGULAR: &[u8] = include_bytes!("../../../../data/fonts/Roboto-Regular.ttf");
static MEDIUM: &[u8] = include_bytes!("../../../../data/fonts/Roboto-Medium.ttf");

/// A font as it is drawn, and as it is measured.
struct Weight {
    font: Font,
    face: Face<'static>,
}

impl Weight {
    fn new(file: &'static [u8]) -> Self {
        Self {
            font: Font::new(file.to_vec().into(), 0).expect("our own file is a font"),
            face: Face::parse(file, 0).expect("our own file is a font"),
        }
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        let units: u32 = text
            .chars()
            .filter_map(|letter| self.face.glyph_hor_advance(self.face.glyph_index(letter)?))
            .map(u32::from)
            .sum();
        units as f32 * size / f32::from(self.face.units_per_em())
    }
}

pub(super) struct Fonts {
    regular: Weight,
    medium: Weight,
}

impl Fonts {
    pub(super) fn new() -> Self {
        Self {
            regular: Weight::new(REGULAR),
            medium: Weight::new(MEDIUM),
        }
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
            let weight = if text.is_strong {
                &fonts.medium
            } else {
                &fonts.regular
            };
            let shade = if text.is_quiet { 0x60 } else { 0x18 };
            surface.set_fill(Some(Fill {
                paint: luma::Color::new(shade).into(),
                opacity: NormalizedF32::ONE,
                rule: FillRule::default(),
            }));
            let fitting = fitting(weight, &text);
            let x = if text.ends {
                x - weight.width(&fitting, text.size)
            } else {
                x
            };
            let font = weight.font.clone();
            let from = Point::from_xy(x, y);
            surface.draw_text(
                from,
                font,
                text.size,
                &fitting,
                false,
                TextDirection::LeftToRight,
            );
        }
        surface.finish();
        page.finish();
    }
}

/// The text, shortened until it fits.
fn fitting(weight: &Weight, text: &Text) -> String {
    let fits = |shown: &str| {
        text.widest
            .is_none_or(|widest| weight.width(shown, text.size) <= widest)
    };
    if fits(&text.text) {
        return text.text.clone();
    }
    let mut shown = text.text.clone();
    while shown.pop().is_some() {
        let cut = format!("{}…", shown.trim_end());
        if fits(&cut) {
            return cut;
        }
    }
    String::new()
}
