//! The row of a call: what it came to, and the arithmetic of it.

use domain::call::CallState;
use domain::history::{CallItem, Entry, HistoryItem};
use domain::meter::Meter;
use domain::rate::Pricing;
use domain::top_up::TopUpState;
use domain::{Account, Money, TransferKind};

use super::super::LocalTime;
use super::super::number::{masked, whole};
use super::plain_row;
use crate::components::icon::Sign;
use crate::pages::wallet::charge::Charge;
use crate::speech::{self, Told};
use crate::written::history::row::{Row, Tone};

pub(super) fn row(item: &HistoryItem, call: &CallItem, clock: &LocalTime) -> Row {
    let plain = plain_row(item, say!(row::CALL), &with(call), clock);
    let lines = lines(item, call);
    let hidden = call.callee.as_deref().map(whole);
    if call.state.is_running() {
        return Row {
            state: TopUpState::Pending,
            said: match call.state {
                CallState::Authorized => say!(row::RINGING),
                _ => say!(row::IN_A_CALL),
            },
            sign: Sign::Call,
            tone: Tone::Hold,
            amount: call.held,
            lines,
            hidden,
            ..plain
        };
    }
    Row {
        said: said(call),
        sign: Sign::Call,
        tone: Tone::Plain,
        explanation: explanation(call),
        lines,
        charge: charge(call),
        hidden,
        ..plain
    }
}

/// What the browser needs to come to the same charge.
fn charge(call: &CallItem) -> Option<Charge> {
    let talked = u32::try_from(call.talked_seconds?).ok()?;
    let meter = Meter {
        steps: call.pricing.steps(),
        covered_seconds: u32::MAX,
    };
    (talked > 0).then_some(Charge {
        charged: call.charge?,
        talked,
        meter,
    })
}

/// Where to: the destination, and enough of the number to know it again.
fn with(call: &CallItem) -> String {
    match &call.callee {
        Some(callee) => format!("{} · {}", call.destination, masked(callee)),
        None => call.destination.clone(),
    }
}

fn said(call: &CallItem) -> String {
    let talked = call.talked_seconds.unwrap_or_default();
    let length = duration(talked);
    match (call.corrected, call.estimated) {
        (true, _) => say!(row::CORRECTED, length = length),
        (false, true) => say!(row::ESTIMATED, length = length),
        (false, false) if talked == 0 && call.answered_at.is_none() => say!(row::NOT_ANSWERED),
        (false, false) => say!(row::ENDED, length = length),
    }
}

fn explanation(call: &CallItem) -> Option<String> {
    match (call.corrected, call.estimated) {
        (true, _) => Some(say!(row::CORRECTED_WHY)),
        (false, true) => Some(say!(row::ESTIMATED_WHY)),
        (false, false) => None,
    }
}

/// `12:41 min`, `1:02:03 h`
pub(crate) fn duration(seconds: i64) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        say!(
            row::LENGTH_HOURS,
            time = format!("{hours}:{minutes:02}:{rest:02}")
        )
    } else {
        say!(row::LENGTH_MINUTES, time = format!("{minutes}:{rest:02}"))
    }
}

fn lines(item: &HistoryItem, call: &CallItem) -> Vec<String> {
    let (Some(charge), Some(billed)) = (call.charge, call.billed_seconds) else {
        return vec![say!(row::SET_ASIDE, amount = call.held.exact_told())];
    };
    let talked = call.talked_seconds.unwrap_or_default();
    if talked == 0 {
        let why = if call.answered_at.is_none() {
            say!(row::NOBODY_ANSWERED)
        } else {
            say!(row::OVER_AT_ONCE)
        };
        return vec![why];
    }
    let mut lines = Vec::new();
    if billed != talked {
        lines.push(billing(&call.pricing, talked, billed));
    }
    lines.push(arithmetic(call, talked, billed, charge));
    lines.extend(paid_by(&item.entries));
    lines
}

/// Which steps made more billed than talked seconds.
fn billing(pricing: &Pricing, talked: i64, billed: i64) -> String {
    say!(
        row::BILLING,
        talked = talked.to_string(),
        billed = billed.to_string(),
        initial = pricing.initial_seconds().to_string(),
        increment = pricing.increment_seconds().to_string()
    )
}

/// `761 s × $0.0217 / 60 = $0.2752`
fn arithmetic(call: &CallItem, talked: i64, billed: i64, charge: Money) -> String {
    let pricing = &call.pricing;
    let fee = pricing.connection_fee();
    let fee = if fee.is_zero() {
        String::new()
    } else {
        format!("{} + ", fee.exact_told())
    };
    let cost = pricing.charge(u32::try_from(talked).unwrap_or(u32::MAX));
    let price = language::price(&pricing.per_minute().to_string(), speech::language());
    let billed = say!(price::SECONDS_SHORT, seconds = billed.to_string());
    let sum = format!("{fee}{billed} × {price} / 60 = {}", cost.exact_told());
    if charge == cost {
        return sum;
    }
    say!(row::OF_WHICH, sum = sum, amount = charge.exact_told())
}

/// Which credit paid, all captures together and what was given back of them.
fn paid_by(entries: &[Entry]) -> Option<String> {
    let captures = entries
        .iter()
        .filter(|entry| entry.kind == TransferKind::Capture);
    let (mut promotional, mut paid) = (Money::ZERO, Money::ZERO);
    for entry in captures {
        let of_paid = entry.amount - entry.promotional;
        if entry.from == Account::CallRevenue {
            promotional -= entry.promotional;
            paid -= of_paid;
        } else {
            promotional += entry.promotional;
            paid += of_paid;
        }
    }
    let of_promotional = promotional
        .is_positive()
        .then(|| say!(row::PROMOTIONAL, amount = promotional.exact_told()));
    let of_paid = paid
        .is_positive()
        .then(|| say!(row::PAID, amount = paid.exact_told()));
    let parts = [of_promotional, of_paid];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| say!(row::PAID_BY, parts = parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::local_time::for_tests;
    use domain::Subject;
    use domain::history::Thing;
    use domain::rate::{RateKind, UncheckedPricing};
    use time::OffsetDateTime;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    fn call(fee: &str, step: u32, talked: i64, charge: &str) -> CallItem {
        let pricing = Pricing::try_from(UncheckedPricing {
            per_minute: "0.0217".parse().unwrap(),
            connection_fee: money(fee),
            initial_seconds: step,
            increment_seconds: step,
            max_seconds: 14_400,
        })
        .unwrap();
        let billed = pricing.billed_seconds(u32::try_from(talked).unwrap());
        CallItem {
            call_id: "c-1".into(),
            state: CallState::Ended,
            callee: Some("525512345678".into()),
            destination: "Mexico".into(),
            kind: RateKind::Landline,
            pricing,
            held: money("0.4"),
            answered_at: Some(OffsetDateTime::UNIX_EPOCH),
            ended_at: Some(OffsetDateTime::UNIX_EPOCH),
            talked_seconds: Some(talked),
            billed_seconds: i64::try_from(billed).ok(),
            charge: Some(money(charge)),
            estimated: false,
            corrected: false,
        }
    }

    fn entry(kind: TransferKind, route: usize, amount: &str, promotional: &str) -> Entry {
        let (from, to) = kind.routes()[route];
        Entry {
            seq: 1,
            kind,
            from,
            to,
            amount: money(amount),
            promotional: money(promotional),
            available_after: money("9"),
            held_after: Money::ZERO,
            promotional_after: Money::ZERO,
            debt_after: Money::ZERO,
            subject: Subject::Call,
            subject_id: "c-1".into(),
            expires_at: None,
            at: OffsetDateTime::UNIX_EPOCH,
        }
    }

    fn shown(call: CallItem, entries: Vec<Entry>) -> Row {
        let item = HistoryItem {
            thing: Thing::Call(call.clone()),
            at: OffsetDateTime::UNIX_EPOCH,
            entries,
        };
        row(&item, &call, &for_tests("", OffsetDateTime::UNIX_EPOCH))
    }

    #[test]
    fn a_call_explains_its_charge_in_one_line() {
        let entries = vec![
            entry(TransferKind::Hold, 0, "0.4", "0"),
            entry(TransferKind::Capture, 0, "0.2752", "0.2"),
            entry(TransferKind::Release, 0, "0.1248", "0"),
        ];
        let row = shown(call("0", 1, 761, "0.2752"), entries);
        assert_eq!(
            row.lines,
            [
                "761 s × $0.0217 / 60 = $0.2752",
                "Paid by promotional $0.20, paid $0.0752"
            ]
        );
        assert_eq!(
            row.with.as_deref(),
            Some("Mexico · +52\u{a0}····\u{a0}5678")
        );
        assert_eq!(row.hidden.as_deref(), Some("+52 55 1234 5678"));
        assert_eq!(row.said, "12:41 min · ended");
        assert_eq!(row.amount, money("-0.2752"));
        let charge = row.charge.unwrap();
        assert_eq!(charge.worked_out(), charge.charged, "{charge:?}");
        assert_eq!(charge.to_string().parse(), Ok(charge));
    }

    #[test]
    fn steps_and_a_fee_are_told() {
        let row = shown(call("0.05", 60, 61, "0.0934"), Vec::new());
        assert_eq!(
            row.lines,
            [
                "Talked 61 s, billed 120 s: the first 60 s, then each begun 60 s",
                "$0.05 + 120 s × $0.0217 / 60 = $0.0934"
            ]
        );
    }

    #[test]
    fn what_could_not_be_charged_is_told_and_a_correction_counts_once() {
        let short = shown(call("0", 1, 761, "0.2"), Vec::new());
        assert!(
            short.lines[0].ends_with("of which $0.20 was charged: no more was set aside"),
            "{:?}",
            short.lines
        );
        let corrected = CallItem {
            estimated: true,
            corrected: true,
            ..call("0", 1, 60, "0.0217")
        };
        let entries = vec![
            entry(TransferKind::Capture, 0, "0.0434", "0.01"),
            entry(TransferKind::Capture, 1, "0.0217", "0"),
        ];
        let row = shown(corrected, entries);
        assert_eq!(row.lines[1], "Paid by promotional $0.01, paid $0.0117");
        assert_eq!(row.said, "1:00 min · corrected");
        assert!(row.explanation.is_some_and(|text| text.contains("late")));
    }

    #[test]
    fn a_running_call_shows_what_is_set_aside_and_one_nobody_answered_cost_nothing() {
        let running = CallItem {
            state: CallState::Answered,
            charge: None,
            billed_seconds: None,
            talked_seconds: None,
            ..call("0", 1, 0, "0")
        };
        let row = shown(running, Vec::new());
        assert_eq!((row.said.as_str(), row.amount), ("In a call", money("0.4")));
        let unanswered = CallItem {
            answered_at: None,
            ..call("0.05", 1, 0, "0")
        };
        let unanswered = shown(unanswered, Vec::new());
        assert_eq!(unanswered.said, "Not answered");
        let at_once = shown(call("0.05", 1, 0, "0"), Vec::new());
        assert_eq!(at_once.said, "0:00 min · ended");
        assert!(at_once.lines[0].contains("within its first second"));
    }
}
