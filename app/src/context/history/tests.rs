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
        has_invoice: state == TopUpState::Settled,
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
    assert_eq!(row.with.as_deref(), Some("Visa ····4242"));
    let ends: Vec<_> = row
        .papers
        .iter()
        .filter_map(|(_, link)| link.rsplit('/').next())
        .collect();
    assert_eq!(ends, ["receipt", "invoice", "invoice.pdf"]);
    // A refund begins on its page.
    let page = format!("/top-ups/{}", Uuid::from_u128(7));
    assert_eq!(row.link, Some(page));
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
    assert_eq!(row.papers, []);
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
