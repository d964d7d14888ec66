//! The rows of history, made from what the books say.

use domain::history::{
    CallItem, Entry, HistoryFilter, HistoryItem, HistoryPage, MessageItem, Thing, TopUpItem,
};
use domain::message::MessageState;
use domain::top_up::{TopUpSource, TopUpState};
use domain::{Money, TransferKind};
use time::OffsetDateTime;

use super::LocalTime;
use crate::pages::wallet::query::{FieldProblem, HistoryQuery};
use crate::pages::wallet::row::{Day, EntryLine, HistoryView, Part, Row, When};
use crate::words;

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
        Thing::Call(call) => call_row(item, call, clock),
        Thing::Message(message) => message_row(item, message, clock),
        Thing::Grant(grant) => plain_row(item, "Credit given", &grant.reason, clock),
        Thing::Adjustment(adjustment) => plain_row(item, "Correction", &adjustment.reason, clock),
    }
}

/// A call: where to, and what it cost or has set aside.
fn call_row(item: &HistoryItem, call: &CallItem, clock: &LocalTime) -> Row {
    let is_running = call.state.is_running();
    Row {
        state: if is_running {
            TopUpState::Pending
        } else {
            TopUpState::Settled
        },
        explanation: call.estimated.then(|| {
            "The end of the call was not reported: the confirmed time was charged.".into()
        }),
        ..plain_row(item, "Call", &call.destination, clock)
    }
}

fn message_row(item: &HistoryItem, message: &MessageItem, clock: &LocalTime) -> Row {
    let sender = message.sender.as_deref().unwrap_or_default();
    let (state, explanation) = match message.state {
        MessageState::Delivered => (TopUpState::Settled, None),
        MessageState::Parked => (TopUpState::Pending, Some("Waiting for credit")),
        MessageState::Lapsed => (
            TopUpState::Expired,
            Some("It waited for credit for three days. Nothing was charged."),
        ),
    };
    Row {
        state,
        explanation: explanation.map(str::to_owned),
        ..plain_row(item, "Message", sender, clock)
    }
}

/// A thing that is told by its title, a word beside it and its entries.
fn plain_row(item: &HistoryItem, title: &str, beside: &str, clock: &LocalTime) -> Row {
    Row {
        reference: item.thing.reference(),
        title: title.into(),
        with: (!beside.is_empty()).then(|| beside.to_owned()),
        state: TopUpState::Settled,
        amount: item.amount(),
        parts: Vec::new(),
        at: when(item.at, clock),
        explanation: None,
        steps: entry_lines(&item.entries, clock),
        balance_after: item.balance_after(),
        link: None,
        receipt: None,
    }
}

fn top_up_row(item: &HistoryItem, top_up: &TopUpItem, clock: &LocalTime) -> Row {
    let path = format!("/top-ups/{}", top_up.top_up_id);
    let title = match top_up.source {
        TopUpSource::Manual => "Top-up",
        TopUpSource::Refill => "Auto-refill",
    };
    let explanation = match top_up.state {
        TopUpState::Failed => Some(words::decline(top_up.decline_code.as_deref()).to_owned()),
        TopUpState::Expired => {
            Some("The payment page closed before anything was paid. Nothing was charged.".into())
        }
        TopUpState::Pending | TopUpState::Settled => None,
    };
    Row {
        reference: item.thing.reference(),
        title: title.into(),
        with: words::card(top_up.card_brand.as_deref(), top_up.card_last4.as_deref()),
        state: top_up.state,
        amount: top_up.amount,
        parts: parts(&item.entries),
        at: when(item.at, clock),
        explanation,
        steps: entry_lines(&item.entries, clock),
        balance_after: item.balance_after(),
        link: (top_up.state == TopUpState::Pending).then(|| path.clone()),
        receipt: top_up.has_receipt.then(|| format!("{path}/receipt")),
    }
}

/// What came with the main amount: everything but the purchase itself.
fn parts(entries: &[Entry]) -> Vec<Part> {
    let beside = entries
        .iter()
        .filter(|entry| entry.kind != TransferKind::TopUp);
    let part = |entry: &Entry| Part {
        label: words::transfer(entry.kind).into(),
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
        label: words::transfer(entry.kind).into(),
        until: entry.expires_at.map(|end| clock.date(end)),
        amount: entry.amount,
        effect: entry.effect_on_available(),
        available_after: entry.available_after,
        held_after: entry.held_after,
        at: when(entry.at, clock),
        day: clock.day_title(clock.day(entry.at)),
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
mod tests {
    use super::*;
    use crate::context::local_time::for_tests;
    use domain::{Account, Subject, TopUpId};
    use uuid::Uuid;

    /// 2026-11-22 02:30 UTC.
    const NIGHT: i64 = 1_795_314_600;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    fn entry(seq: i64, kind: TransferKind, amount: Money, at: OffsetDateTime) -> Entry {
        let (from, to) = kind.routes()[0];
        Entry {
            seq,
            kind,
            from,
            to,
            amount,
            promotional: if from == Account::PromotionExpense {
                amount
            } else {
                Money::ZERO
            },
            available_after: amount,
            held_after: Money::ZERO,
            promotional_after: Money::ZERO,
            debt_after: Money::ZERO,
            subject: Subject::TopUp,
            subject_id: "1".into(),
            expires_at: None,
            at,
        }
    }

    fn top_up(state: TopUpState, seconds: i64) -> HistoryItem {
        let at = at(seconds);
        let amount = Money::from_dollars(25);
        let entries = match state {
            TopUpState::Settled => vec![
                entry(1, TransferKind::TopUp, amount, at),
                entry(2, TransferKind::Bonus, Money::from_cents(50), at),
            ],
            _ => vec![],
        };
        let thing = Thing::TopUp(TopUpItem {
            top_up_id: TopUpId(Uuid::from_u128(7)),
            source: TopUpSource::Manual,
            state,
            amount,
            bonus: Money::from_cents(50),
            card_brand: Some("visa".into()),
            card_last4: Some("4242".into()),
            decline_code: Some("insufficient_funds".into()),
            has_receipt: state == TopUpState::Settled,
        });
        HistoryItem { thing, at, entries }
    }

    #[test]
    fn a_bonus_is_a_line_of_its_own_and_in_the_total_of_the_day() {
        let clock = for_tests("", at(NIGHT));
        let days = day_groups(&[top_up(TopUpState::Settled, NIGHT)], false, false, &clock);
        let row = &days[0].rows[0];
        assert_eq!(row.amount, Money::from_dollars(25));
        assert_eq!(
            row.parts,
            [Part {
                label: "Bonus".into(),
                amount: Money::from_cents(50)
            }]
        );
        assert_eq!(days[0].total, Some(Money::from_cents(2550)));
        assert_eq!(row.with.as_deref(), Some("Visa ···· 4242"));
        assert!(
            row.receipt
                .as_deref()
                .is_some_and(|link| link.ends_with("/receipt"))
        );
        assert_eq!(row.link, None);
    }

    #[test]
    fn what_did_not_work_says_why_and_counts_for_nothing() {
        let clock = for_tests("", at(NIGHT));
        let days = day_groups(&[top_up(TopUpState::Failed, NIGHT)], false, false, &clock);
        let row = &days[0].rows[0];
        assert!(
            row.explanation
                .as_deref()
                .is_some_and(|text| text.contains("not enough money"))
        );
        assert_eq!(days[0].total, Some(Money::ZERO));
        assert_eq!(row.receipt, None);
    }

    #[test]
    fn rows_are_grouped_by_the_customers_day() {
        let items = [
            top_up(TopUpState::Settled, NIGHT),
            top_up(TopUpState::Settled, NIGHT - 3 * 3600),
            top_up(TopUpState::Settled, NIGHT - 24 * 3600),
        ];
        let titles = |zone: &str| -> Vec<String> {
            let clock = for_tests(zone, at(NIGHT));
            day_groups(&items, false, false, &clock)
                .into_iter()
                .map(|day| day.title)
                .collect()
        };
        assert_eq!(titles(""), ["Today", "Yesterday"]);
        assert_eq!(titles("Asia/Kolkata"), ["Today", "Yesterday"]);
        assert_eq!(titles("America/Mexico_City"), ["Today", "Yesterday"]);
        assert_eq!(titles("Pacific/Auckland").len(), 2);
    }

    #[test]
    fn a_day_cut_by_the_page_has_no_total() {
        let clock = for_tests("", at(NIGHT));
        let items = [
            top_up(TopUpState::Settled, NIGHT),
            top_up(TopUpState::Settled, NIGHT - 24 * 3600),
            top_up(TopUpState::Settled, NIGHT - 48 * 3600),
        ];
        let days = day_groups(&items, true, true, &clock);
        let known: Vec<bool> = days.iter().map(|day| day.total.is_some()).collect();
        assert_eq!(known, [false, true, false]);
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_left_out_and_named() {
        let clock = for_tests("Europe/Berlin", at(NIGHT));
        let query = HistoryQuery {
            from: "2026-11-01".into(),
            to: "soon".into(),
            min: "1e3".into(),
            max: "$25".into(),
            ..HistoryQuery::default()
        };
        let (filter, problems) = filter(&query, &clock);
        assert_eq!(problems, [FieldProblem::Min, FieldProblem::To]);
        assert_eq!(filter.from, Some(at(1_793_487_600)));
        assert_eq!((filter.until, filter.at_least), (None, None));
        assert_eq!(filter.at_most, Some(Money::from_dollars(25)));
    }
}
