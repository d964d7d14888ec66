//! A statement on paper: what there was, what each kind of entry did, every entry, what there is.

#![expect(
    clippy::float_arithmetic,
    reason = "places on a page are measured in points; amounts arrive as text"
)]

mod piece;
mod sheet;

use domain::Money;
use domain::statement::Line;
use krilla::Document;
use krilla::metadata::Metadata;
use language::{Language, tell};

use super::Paper;
use sheet::{Fonts, LEFT, RIGHT, Sheet, Text};

/// From one line to the next.
const LINE: f32 = 15.0;
/// Where the first line of a page stands, and below which no entry begins.
const TOP: f32 = 52.0;
const BOTTOM: f32 = 785.0;

/// Where columns begin, and where the change ends; numbers begin at the left, balances end at the right.
const WHEN: f32 = LEFT + 34.0;
const ENTRY: f32 = LEFT + 124.0;
const ABOUT: f32 = LEFT + 250.0;
const CHANGE: f32 = RIGHT - 76.0;

pub(super) fn write(paper: &Paper) -> Vec<u8> {
    let language = paper.language;
    let fonts = Fonts::of(language);
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title(title(paper))
            .authors(vec!["Talkala Wallet".into()])
            .language(language.tag().into()),
    );
    let mut sheets = Vec::new();
    let mut sheet = Sheet::default();
    let mut top = summary(&mut sheet, paper);
    let mut left = paper.statement.lines();
    loop {
        left = entries(&mut sheet, paper, left, top);
        sheets.push(std::mem::take(&mut sheet));
        top = TOP;
        if left.is_empty() {
            break;
        }
    }
    let pages = sheets.len();
    for (index, mut sheet) in sheets.into_iter().enumerate() {
        let place = tell!(
            language,
            statements::PAGE_OF,
            page = (index + 1).to_string(),
            pages = pages.to_string()
        );
        let whose = format!("{} · {}", paper.month.title(language), paper.email);
        sheet.put(LEFT, BOTTOM + 28.0, Text::small(whose).quiet());
        sheet.put(RIGHT, BOTTOM + 28.0, Text::small(place).quiet().ending());
        sheet.draw(&mut document, &fonts);
    }
    document
        .finish()
        .expect("text in fonts of our own is a document")
}

/// The head of the first page; returns where the next thing may begin.
fn summary(sheet: &mut Sheet, paper: &Paper) -> f32 {
    let (statement, month, language) = (paper.statement, paper.month, paper.language);
    let mut at = TOP + 8.0;
    sheet.put(LEFT, at, Text::new("Talkala Wallet").quiet());
    at += 30.0;
    sheet.put(LEFT, at, Text::title(title(paper)));
    at += 22.0;
    let span = tell!(
        language,
        statements::SPAN,
        first = month.first_day(language),
        last = month.last_day(language),
        zone = month.clock.zone_name()
    );
    sheet.put(LEFT, at, Text::new(span).quiet());
    at += LINE;
    sheet.put(LEFT, at, Text::new(paper.email.as_str()).quiet());
    at += 32.0;
    let opening = statement.opening().available();
    let name = tell!(language, statements::OPENING);
    at = balance(sheet, at, name, language::exact(opening, language));
    for total in statement.totals() {
        let count = tell!(language, statements::ENTRIES, count = total.entries);
        sheet.put(
            LEFT,
            at,
            Text::new(app::transfer_name(total.kind, language)),
        );
        sheet.put(ABOUT, at, Text::new(count).quiet());
        sheet.put(RIGHT, at, Text::new(moved(total.effect, language)).ending());
        at = next_row(sheet, at);
    }
    let closing = statement.closing();
    let name = tell!(language, statements::CLOSING);
    let available = language::exact(closing.available(), language);
    at = balance(sheet, at, name, available);
    let told = |amount: Money| (!amount.is_zero()).then(|| language::exact(amount, language));
    let held =
        told(closing.held).map(|amount| tell!(language, statements::HELD_BESIDES, amount = amount));
    let owed =
        told(closing.debt).map(|amount| tell!(language, statements::OWED_BESIDES, amount = amount));
    for beside in [held, owed].into_iter().flatten() {
        sheet.put(LEFT, at, Text::new(beside).quiet());
        at += LINE;
    }
    at + 28.0
}

fn title(paper: &Paper) -> String {
    let language = paper.language;
    tell!(
        language,
        statements::STATEMENT,
        month = paper.month.title(language)
    )
}

fn balance(sheet: &mut Sheet, at: f32, name: String, amount: String) -> f32 {
    sheet.put(LEFT, at, Text::new(name).strong());
    sheet.put(RIGHT, at, Text::new(amount).strong().ending());
    next_row(sheet, at)
}

fn next_row(sheet: &mut Sheet, at: f32) -> f32 {
    sheet.rule(at + 6.0);
    at + LINE + 4.0
}

/// As many entries as fit below this place; returns the others.
fn entries<'a>(sheet: &mut Sheet, paper: &Paper, lines: &'a [Line], top: f32) -> &'a [Line] {
    let language = paper.language;
    if lines.is_empty() {
        let nothing = tell!(language, statements::NOTHING_MOVED);
        sheet.put(LEFT, top, Text::new(nothing).quiet());
        return lines;
    }
    for (x, name) in [
        (LEFT, tell!(language, entries::NUMBER)),
        (WHEN, tell!(language, entries::WHEN)),
        (ENTRY, tell!(language, statements::ENTRY)),
        (ABOUT, tell!(language, statements::ABOUT)),
    ] {
        sheet.put(x, top, Text::small(name).quiet());
    }
    for (x, name) in [
        (CHANGE, tell!(language, statements::CHANGE)),
        (RIGHT, tell!(language, wallet::AVAILABLE)),
    ] {
        sheet.put(x, top, Text::small(name).quiet().ending());
    }
    sheet.rule(top + 5.0);
    let mut at = top + LINE + 2.0;
    let mut left = lines;
    while let [line, others @ ..] = left
        && at <= BOTTOM
    {
        let entry = &line.entry;
        let what = app::transfer_name(entry.kind, language);
        sheet.put(LEFT, at, Text::small(entry.seq.to_string()).quiet());
        sheet.put(
            WHEN,
            at,
            Text::small(paper.month.clock.short(entry.at, language)),
        );
        sheet.put(ENTRY, at, Text::small(what).within(ABOUT - ENTRY - 8.0));
        sheet.put(
            ABOUT,
            at,
            Text::small(line.about.as_str()).within(CHANGE - ABOUT - 64.0),
        );
        let change = moved(entry.effect_on_available(), language);
        sheet.put(CHANGE, at, Text::small(change).ending());
        let available = language::exact(entry.available_after, language);
        sheet.put(RIGHT, at, Text::small(available).ending());
        at += LINE;
        left = others;
    }
    left
}

/// Moves of what was set aside change nothing that may be spent.
fn moved(effect: Money, language: Language) -> String {
    if effect.is_zero() {
        "–".to_owned()
    } else {
        language::signed(effect, language)
    }
}
