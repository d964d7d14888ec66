//! A statement on paper: what there was, what each kind of entry did, every entry, what there is.

#![expect(
    clippy::float_arithmetic,
    reason = "places on a page are measured in points; amounts arrive as text"
)]

mod sheet;

use domain::Money;
use domain::statement::Line;
use krilla::Document;
use krilla::metadata::Metadata;

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
    let fonts = Fonts::new();
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title(format!("Statement, {}", paper.month.title))
            .authors(vec!["Talkala Wallet".into()])
            .language("en".into()),
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
        let place = format!("Page {} of {pages}", index + 1);
        let whose = format!("{} · {}", paper.month.title, paper.email);
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
    let (statement, month) = (paper.statement, paper.month);
    let mut at = TOP + 8.0;
    sheet.put(LEFT, at, Text::new("Talkala Wallet").quiet());
    at += 30.0;
    sheet.put(LEFT, at, Text::title(format!("Statement, {}", month.title)));
    at += 22.0;
    let span = format!(
        "{} to {}, times in {}",
        month.first_day(),
        month.last_day(),
        month.clock.zone_name()
    );
    sheet.put(LEFT, at, Text::new(span).quiet());
    at += LINE;
    sheet.put(LEFT, at, Text::new(paper.email.as_str()).quiet());
    at += 32.0;
    at = balance(
        sheet,
        at,
        "Opening balance",
        statement.opening().available(),
    );
    for total in statement.totals() {
        let plural = if total.entries == 1 {
            "entry"
        } else {
            "entries"
        };
        let count = format!("{} {plural}", total.entries);
        sheet.put(
            LEFT,
            at,
            Text::new(app::transfer_name(total.kind, language::Language::English)),
        );
        sheet.put(ABOUT, at, Text::new(count).quiet());
        sheet.put(RIGHT, at, Text::new(moved(total.effect)).ending());
        at = next_row(sheet, at);
    }
    let closing = statement.closing();
    at = balance(sheet, at, "Closing balance", closing.available());
    for (what, amount) in [("on hold", closing.held), ("owed", closing.debt)] {
        if !amount.is_zero() {
            let beside = format!("Besides, {} {what} at the end.", amount.exact_text());
            sheet.put(LEFT, at, Text::new(beside).quiet());
            at += LINE;
        }
    }
    at + 28.0
}

fn balance(sheet: &mut Sheet, at: f32, name: &str, amount: Money) -> f32 {
    sheet.put(LEFT, at, Text::new(name).strong());
    sheet.put(RIGHT, at, Text::new(amount.exact_text()).strong().ending());
    next_row(sheet, at)
}

fn next_row(sheet: &mut Sheet, at: f32) -> f32 {
    sheet.rule(at + 6.0);
    at + LINE + 4.0
}

/// As many entries as fit below this place; returns the others.
fn entries<'a>(sheet: &mut Sheet, paper: &Paper, lines: &'a [Line], top: f32) -> &'a [Line] {
    if lines.is_empty() {
        sheet.put(LEFT, top, Text::new("Nothing moved in this month.").quiet());
        return lines;
    }
    for (x, name) in [
        (LEFT, "No."),
        (WHEN, "When"),
        (ENTRY, "Entry"),
        (ABOUT, "About"),
    ] {
        sheet.put(x, top, Text::small(name).quiet());
    }
    for (x, name) in [(CHANGE, "Change"), (RIGHT, "Available")] {
        sheet.put(x, top, Text::small(name).quiet().ending());
    }
    sheet.rule(top + 5.0);
    let mut at = top + LINE + 2.0;
    let mut left = lines;
    while let [line, others @ ..] = left
        && at <= BOTTOM
    {
        let entry = &line.entry;
        let what = app::transfer_name(entry.kind, language::Language::English);
        sheet.put(LEFT, at, Text::small(entry.seq.to_string()).quiet());
        sheet.put(WHEN, at, Text::small(paper.month.clock.short(entry.at)));
        sheet.put(ENTRY, at, Text::small(what).within(ABOUT - ENTRY - 8.0));
        sheet.put(
            ABOUT,
            at,
            Text::small(line.about.as_str()).within(CHANGE - ABOUT - 64.0),
        );
        let change = moved(entry.effect_on_available());
        sheet.put(CHANGE, at, Text::small(change).ending());
        let available = entry.available_after.exact_text();
        sheet.put(RIGHT, at, Text::small(available).ending());
        at += LINE;
        left = others;
    }
    left
}

/// Moves of what was set aside change nothing that may be spent.
fn moved(effect: Money) -> String {
    if effect.is_zero() {
        "–".to_owned()
    } else {
        effect.signed_text()
    }
}
