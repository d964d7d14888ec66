//! The state of the house: what asks for a person, what it holds and owes, what the checks found, and
//! how long work waits.

use domain::{Account, Money};
use ledger::{Alarm, CheckRun, HouseAccount, Queue, RefillDay, late};
use leptos::prelude::*;
use time::OffsetDateTime;

use super::chart::bars;
use super::{Page, cell, laid_out, section, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

/// Days of auto-refill that are shown.
const REFILL_DAYS: i64 = 30;

pub(super) async fn page(clerk: &Clerk) -> Result<Page, AppError> {
    let ledger = context::ledger();
    ledger
        .note_view(clerk.deed("view_house", "house", ""))
        .await
        .map_err(context::refused)?;
    let accounts = ledger.house_accounts().await.map_err(context::refused)?;
    let queues = ledger.queues().await.map_err(context::refused)?;
    let runs = ledger.check_runs().await.map_err(context::refused)?;
    let days = ledger
        .refill_days(REFILL_DAYS)
        .await
        .map_err(context::refused)?;
    let now = ledger.clock().now();
    let mut alarms = ledger.alarms().await.map_err(context::refused)?;
    alarms.extend(late(&queues, &runs, now));
    let content = view! {
        {section("alarms", "Alarms", alarmed(alarms))}
        {section("books", "Balances by account", books(&accounts))}
        {section("checks", "Checks of the books", checked(runs))}
        {section("refills", "Auto-refill", refilled(&days))}
        {section("queues", "Queues", waiting(queues, now))}
    };
    Ok(laid_out(clerk, "/desk/house", "House", content))
}

fn alarmed(alarms: Vec<Alarm>) -> impl IntoView {
    let clock = LocalTime::of_request();
    let rows = alarms
        .into_iter()
        .map(|alarm| {
            vec![
                cell(alarm.name),
                cell(alarm.count.to_string()),
                cell(alarm.since.map_or(String::new(), |at| clock.lately(at))),
            ]
        })
        .collect();
    table(
        "Alarms",
        &["What", "How many", "Since"],
        rows,
        "Nothing asks for a person.",
    )
}

fn books(accounts: &[HouseAccount]) -> impl IntoView + use<> {
    let owed: Money = accounts
        .iter()
        .filter(|row| matches!(row.account, Account::Available | Account::Held))
        .map(|row| row.balance)
        .sum();
    let rows = accounts
        .iter()
        .map(|row| {
            let whose = if row.account.is_house() {
                "House"
            } else {
                "Customers"
            };
            vec![
                cell(name(row.account)),
                cell(whose),
                cell(row.balance.signed_text()),
            ]
        })
        .collect();
    let sizes = accounts
        .iter()
        .map(|row| {
            let cents = row.balance.whole_cents().cents().unwrap_or(0);
            (name(row.account), cents)
        })
        .collect();
    view! {
        <p>"Owed to customers: " <strong>{owed.exact_text()}</strong></p>
        {bars("Balances by account, as bars", sizes)}
        {table("Balances by account", &["Account", "Whose", "Balance"], rows, "Nothing has moved yet.")}
    }
}

fn name(account: Account) -> String {
    account.word().replace('_', " ")
}

fn checked(runs: Vec<CheckRun>) -> impl IntoView {
    let clock = LocalTime::of_request();
    let findings: Vec<_> = runs
        .iter()
        .filter(|run| run.found.unwrap_or(0) > 0)
        .filter_map(|run| run.findings.as_ref()?.as_array())
        .flatten()
        .filter_map(|line| line.as_str())
        .map(|line| view! { <li>{line.to_owned()}</li> })
        .collect();
    let rows = runs
        .into_iter()
        .map(|run| {
            let said = match (run.found, run.trouble) {
                (Some(0), _) => "nothing".to_owned(),
                (Some(found), _) => found.to_string(),
                (None, Some(trouble)) => format!("came to no end: {trouble}"),
                (None, None) => "under way".to_owned(),
            };
            vec![
                cell(run.kind.replace('_', " ")),
                cell(clock.lately(run.started_at)),
                cell(run.asked_by),
                cell(run.checked.map_or(String::new(), |count| count.to_string())),
                cell(said),
            ]
        })
        .collect();
    view! {
        {table(
            "Checks of the books",
            &["Check", "When", "By", "Looked at", "Found"],
            rows,
            "No check has run yet. A worker begins one within minutes; server verify runs one now.",
        )}
        {(!findings.is_empty()).then(|| view! { <ul>{findings}</ul> })}
    }
}

/// The part of all charges that ended and succeeded, in whole percent.
fn success_rate(days: &[RefillDay]) -> Option<i64> {
    let succeeded: i64 = days.iter().map(|day| day.succeeded).sum();
    let all: i64 = days
        .iter()
        .map(|day| day.succeeded + day.declined + day.closed)
        .sum();
    (succeeded * 100).checked_div(all)
}

fn refilled(days: &[RefillDay]) -> impl IntoView + use<> {
    let rate = success_rate(days).map(|rate| {
        view! { <p>"Succeeded in the last 30 days: " <strong>{format!("{rate} %")}</strong></p> }
    });
    let sizes = days
        .iter()
        .map(|day| (day.day.to_string(), day.succeeded))
        .collect();
    let rows = days
        .iter()
        .rev()
        .map(|day| {
            vec![
                cell(day.day.to_string()),
                cell(day.succeeded.to_string()),
                cell(day.declined.to_string()),
                cell(day.closed.to_string()),
            ]
        })
        .collect();
    view! {
        {rate}
        {bars("Refills that succeeded by day, as bars", sizes)}
        {table(
            "Refills by day",
            &["Day (UTC)", "Succeeded", "Declined", "Not charged"],
            rows,
            "No refill has ended in the last 30 days.",
        )}
    }
}

fn waiting(queues: Vec<Queue>, now: OffsetDateTime) -> impl IntoView {
    let clock = LocalTime::of_request();
    let late = |queue: &Queue| queue.oldest.filter(|at| *at <= now);
    let sizes = queues
        .iter()
        .map(|queue| {
            let age = late(queue).map_or(0, |at| (now - at).whole_seconds());
            (queue.name.clone(), age)
        })
        .collect();
    let rows = queues
        .into_iter()
        .map(|queue| {
            let age = late(&queue);
            vec![
                cell(queue.name),
                cell(queue.waiting.to_string()),
                cell(age.map_or("none late".into(), |at| clock.lately(at))),
                cell(queue.dead.to_string()),
            ]
        })
        .collect();
    view! {
        {bars("Age of the oldest in each queue, as bars", sizes)}
        {table("Queues", &["Work", "Waits", "Oldest", "Given up"], rows, "")}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn a_rate_needs_something_to_be_a_part_of() {
        assert_eq!(success_rate(&[]), None);
        let day = RefillDay {
            day: date!(2026 - 11 - 22),
            succeeded: 9,
            declined: 2,
            closed: 1,
        };
        assert_eq!(success_rate(&[day]), Some(75));
    }
}
