//! The state of the house: what it holds and owes, and how long work waits.

use domain::{Account, Money};
use ledger::HouseAccount;
use leptos::prelude::*;
use time::OffsetDateTime;

use super::{Page, cell, laid_out, section, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

/// Width of the longest bar, in units of the drawing.
const LONGEST: i64 = 300;
const LINE: usize = 24;

pub(super) async fn page(clerk: &Clerk) -> Result<Page, AppError> {
    let ledger = context::ledger();
    ledger
        .note_view(clerk.deed("view_house", "house", ""))
        .await
        .map_err(context::refused)?;
    let accounts = ledger.house_accounts().await.map_err(context::refused)?;
    let queues = ledger.queues().await.map_err(context::refused)?;
    let clock = LocalTime::of_request();
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
    let books = view! {
        <p>"Owed to customers: " <strong>{owed.exact_text()}</strong></p>
        {chart(&accounts)}
        {table("Balances by account", &["Account", "Whose", "Balance"], rows, "Nothing has moved yet.")}
    };
    let now = OffsetDateTime::now_utc();
    let rows = queues
        .into_iter()
        .map(|queue| {
            let age = queue.oldest.filter(|at| *at <= now);
            vec![
                cell(queue.name),
                cell(queue.waiting.to_string()),
                cell(age.map_or("none late".into(), |at| clock.lately(at))),
                cell(queue.dead.to_string()),
            ]
        })
        .collect();
    let waits = table("Queues", &["Work", "Waits", "Oldest", "Given up"], rows, "");
    let content = view! {
        {section("books", "Balances by account", books)}
        {section("queues", "Queues", waits)}
    };
    Ok(laid_out(clerk, "House", content))
}

fn name(account: Account) -> String {
    account.word().replace('_', " ")
}

/// The same balances as bars; the table beside it says them in figures.
fn chart(accounts: &[HouseAccount]) -> Option<impl IntoView + use<>> {
    let cents = |row: &HouseAccount| row.balance.whole_cents().cents().unwrap_or(0).abs();
    let largest = accounts.iter().map(cents).max().filter(|most| *most > 0)?;
    let bars: Vec<_> = accounts
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let y = at * LINE;
            let width = (i128::from(cents(row)) * i128::from(LONGEST) / i128::from(largest)).max(1);
            view! {
                <g>
                    <text x="0" y=y + 16 font-size="12" fill="currentColor">{name(row.account)}</text>
                    <rect x="140" y=y + 5 width=width.to_string() height="14" fill="currentColor" />
                </g>
            }
        })
        .collect();
    let height = accounts.len() * LINE;
    Some(view! {
        <svg viewBox=format!("0 0 440 {height}") role="img" aria-label="Balances by account, as bars">
            {bars}
        </svg>
    })
}
