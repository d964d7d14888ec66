//! The rows of history, made from what the books say.

mod call;
mod message;
mod returned;

pub(crate) use call::duration;

use domain::history::{Entry, HistoryFilter, HistoryItem, HistoryPage, Thing, TopUpItem};
use domain::top_up::{TopUpSource, TopUpState};
use domain::{Money, TransferKind};
use time::OffsetDateTime;

use super::LocalTime;
use crate::components::icon::Sign;
use crate::words;
use crate::written::history::query::{FieldProblem, HistoryQuery};
use crate::written::history::row::{Day, EntryLine, HistoryView, Part, Row, Tone, When};

/// What the query asks of the ledger, with the fields that could not be read left out and named.
pub(crate) fn filter(
    query: &HistoryQuery,
    clock: &LocalTime,
) -> (HistoryFilter, Vec<FieldProblem>) {
    let mut problems = Vec::new();
    let mut amount = |typed: &str, field| {
        HistoryQuery::amount(typed).unwrap_or_else(|()| {
            problems.push(field);
            None
        })
    };
    let at_least = amount(&query.min, FieldProblem::Min);
    let at_most = amount(&query.max, FieldProblem::Max);
    let from = clock.day_start(&query.from);
    let until = clock.day_end(&query.to);
    if from.is_none() && !query.from.is_empty() {
        problems.push(FieldProblem::From);
    }
    if until.is_none() && !query.to.is_empty() {
        problems.push(FieldProblem::To);
    }
    let text = Some(query.text.clone()).filter(|text| !text.is_empty());
    let filter = HistoryFilter {
        kind: query.kind(),
        state: query.state(),
        from,
        until,
        at_least,
        at_most,
        text,
        oldest_first: query.oldest_first(),
    };
    (filter, problems)
}

/// A page of history by local days, as this customer reads it.
pub(crate) fn view(
    page: &HistoryPage,
    query: &HistoryQuery,
    problems: Vec<FieldProblem>,
    clock: &LocalTime,
) -> HistoryView {
    let next = page.next.clone().map(String::from);
    HistoryView {
        days: day_groups(&page.items, query.cursor().is_some(), next.is_some(), clock),
        next,
        zone_note: clock.zone_note(),
        problems,
    }
}

/// Neighbors of one local day under one title.
///
/// A day that may go on before or after this page gets no total: it would be the total of a part.
fn day_groups(
    items: &[HistoryItem],
    begins_inside: bool,
    ends_inside: bool,
    clock: &LocalTime,
) -> Vec<Day> {
    let groups: Vec<&[HistoryItem]> = items
        .chunk_by(|a, b| clock.day(a.at) == clock.day(b.at))
        .collect();
    let last = groups.len().saturating_sub(1);
    let day = |(index, group): (usize, &&[HistoryItem])| {
        let cut = (begins_inside && index == 0) || (ends_inside && index == last);
        let date = clock.day(group[0].at);
        Day {
            date: date.to_string(),
            title: clock.day_title(date),
            total: (!cut).then(|| group.iter().map(HistoryItem::amount).sum()),
            rows: group.iter().map(|item| row(item, clock)).collect(),
        }
    };
    groups.iter().enumerate().map(day).collect()
}

fn row(item: &HistoryItem, clock: &LocalTime) -> Row {
    match &item.thing {
        Thing::TopUp(top_up) => top_up_row(item, top_up, clock),
        Thing::Call(call) => call::row(item, call, clock),
        Thing::Message(message) => message::row(item, message, clock),
        Thing::Refund(refund) => returned::refund_row(item, refund, clock),
        Thing::Dispute(dispute) => returned::dispute_row(item, dispute, clock),
        Thing::Grant(grant) => Row {
            // Given credit ends, and the row says when.
            explanation: grant
                .expires_at
                .map(|at| say!(row::SPEND_UNTIL, date = clock.date(at))),
            ..plain_row(item, say!(row::GRANT), &grant.reason, clock)
        },
        Thing::Adjustment(adjustment) => {
            plain_row(item, say!(row::CORRECTION), &adjustment.reason, clock)
        }
    }
}

/// A thing that is told by its title, a word beside it and its entries.
fn plain_row(item: &HistoryItem, title: String, beside: &str, clock: &LocalTime) -> Row {
    Row {
        reference: item.thing.reference(),
        title,
        with: (!beside.is_empty()).then(|| beside.to_owned()),
        state: TopUpState::Settled,
        said: say!(row::DONE),
        sign: if item.amount().is_negative() {
            Sign::NotPaid
        } else {
            Sign::Added
        },
        tone: if item.amount().is_negative() {
            Tone::Plain
        } else {
            Tone::Credit
        },
        amount: item.amount(),
        parts: Vec::new(),
        at: when(item.at, clock),
        explanation: None,
        lines: Vec::new(),
        charge: None,
        hidden: None,
        steps: entry_lines(&item.entries, clock),
        balance_after: item.balance_after(),
        link: None,
        papers: Vec::new(),
    }
}

fn top_up_row(item: &HistoryItem, top_up: &TopUpItem, clock: &LocalTime) -> Row {
    let path = format!("/top-ups/{}", top_up.top_up_id);
    let title = match top_up.source {
        TopUpSource::Manual => say!(row::TOP_UP),
        TopUpSource::Refill => say!(wallet::AUTO_REFILL),
    };
    let explanation = match top_up.state {
        TopUpState::Failed => Some(words::decline(top_up.decline_code.as_deref())),
        TopUpState::Expired => Some(say!(row::PAGE_CLOSED)),
        TopUpState::Pending | TopUpState::Settled => None,
    };
    let (said, sign, tone) = top_up_state(top_up.state);
    Row {
        reference: item.thing.reference(),
        title,
        said,
        sign,
        tone,
        with: words::card(top_up.card_brand.as_deref(), top_up.card_last4.as_deref()),
        state: top_up.state,
        amount: top_up.amount,
        parts: parts(&item.entries),
        at: when(item.at, clock),
        explanation,
        lines: Vec::new(),
        charge: None,
        hidden: None,
        steps: entry_lines(&item.entries, clock),
        balance_after: item.balance_after(),
        link: matches!(top_up.state, TopUpState::Pending | TopUpState::Settled)
            .then(|| path.clone()),
        papers: papers(top_up, &path),
    }
}

/// What Stripe wrote about it, each by our own way: Stripe's links expire.
fn papers(top_up: &TopUpItem, path: &str) -> Vec<(String, String)> {
    let mut papers = Vec::new();
    if top_up.has_receipt {
        papers.push((say!(row::RECEIPT), format!("{path}/receipt")));
    }
    if top_up.has_invoice {
        papers.push((say!(row::INVOICE), format!("{path}/invoice")));
        papers.push((say!(row::INVOICE_PDF), format!("{path}/invoice.pdf")));
    }
    papers
}

/// Where a top-up stands: a short word, and its sign.
fn top_up_state(state: TopUpState) -> (String, Sign, Tone) {
    match state {
        TopUpState::Pending => (say!(row::WAITING), Sign::Waiting, Tone::Hold),
        TopUpState::Settled => (say!(row::ADDED), Sign::Added, Tone::Credit),
        TopUpState::Failed => (say!(row::DECLINED), Sign::Declined, Tone::Alert),
        TopUpState::Expired => (say!(row::NOT_PAID), Sign::NotPaid, Tone::Quiet),
    }
}

/// What came with the main amount: everything but the purchase itself.
fn parts(entries: &[Entry]) -> Vec<Part> {
    let beside = entries
        .iter()
        .filter(|entry| entry.kind != TransferKind::TopUp);
    let part = |entry: &Entry| Part {
        label: words::transfer(entry.kind),
        amount: entry.effect_on_available(),
    };
    beside
        .map(part)
        .filter(|part| part.amount != Money::ZERO)
        .collect()
}

pub(crate) fn entry_lines(entries: &[Entry], clock: &LocalTime) -> Vec<EntryLine> {
    let line = |entry: &Entry| EntryLine {
        seq: entry.seq,
        label: words::transfer(entry.kind),
        until: entry.expires_at.map(|end| clock.date(end)),
        amount: entry.amount,
        effect: entry.effect_on_available(),
        available_after: entry.available_after,
        held_after: entry.held_after,
        at: when(entry.at, clock),
        day: clock.short_day(entry.at),
    };
    entries.iter().map(line).collect()
}

fn when(at: OffsetDateTime, clock: &LocalTime) -> When {
    When {
        short: clock.clock(at),
        full: clock.full(at),
        machine: clock.machine(at),
    }
}

#[cfg(test)]
mod tests;
