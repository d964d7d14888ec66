//! A statement for programs.

use domain::statement::{Line, Statement};
use domain::{Money, Wallet};
use serde::Serialize;
use serde_json::Value;

use super::Paper;
use super::month::Clock;

#[derive(Serialize)]
struct File<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    month: Option<&'a str>,
    time_zone: &'a str,
    currency: &'static str,
    from: String,
    /// Exclusive.
    until: String,
    opening: Balances,
    entries: Vec<Entry<'a>>,
    change: Money,
    closing: Balances,
}

#[derive(Serialize)]
struct Balances {
    number: i64,
    available: Money,
    paid: Money,
    promotional: Money,
    held: Money,
    debt: Money,
}

#[derive(Serialize)]
struct Entry<'a> {
    number: i64,
    time: String,
    entry: &'static str,
    about: &'a str,
    subject: &'static str,
    reference: &'a str,
    change: Money,
    amount: Money,
    promotional: Money,
    available_after: Money,
    held_after: Money,
    promotional_after: Money,
    debt_after: Money,
}

pub(super) fn write(paper: &Paper) -> Vec<u8> {
    let file = file(paper.statement, Some(&paper.month.name), &paper.month.clock);
    serde_json::to_vec_pretty(&file).expect("a statement is plain data")
}

/// The same of any stretch of time, as a part of another file.
pub(super) fn value(statement: &Statement, clock: &Clock) -> Value {
    serde_json::to_value(file(statement, None, clock)).expect("a statement is plain data")
}

fn file<'a>(statement: &'a Statement, month: Option<&'a str>, clock: &'a Clock) -> File<'a> {
    let lines = statement.lines().iter();
    File {
        month,
        time_zone: clock.zone_name(),
        currency: "USD",
        from: clock.exact(statement.from()),
        until: clock.exact(statement.until()),
        opening: balances(statement.opening()),
        entries: lines.map(|line| entry(line, clock)).collect(),
        change: statement.change(),
        closing: balances(statement.closing()),
    }
}

fn balances(wallet: &Wallet) -> Balances {
    Balances {
        number: wallet.version,
        available: wallet.available(),
        paid: wallet.paid,
        promotional: wallet.promotional,
        held: wallet.held,
        debt: wallet.debt,
    }
}

fn entry<'a>(line: &'a Line, clock: &Clock) -> Entry<'a> {
    let entry = &line.entry;
    Entry {
        number: entry.seq,
        time: clock.exact(entry.at),
        entry: entry.kind.word(),
        about: &line.about,
        subject: entry.subject.word(),
        reference: &entry.subject_id,
        change: entry.effect_on_available(),
        amount: entry.amount,
        promotional: entry.promotional,
        available_after: entry.available_after,
        held_after: entry.held_after,
        promotional_after: entry.promotional_after,
        debt_after: entry.debt_after,
    }
}
