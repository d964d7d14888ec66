//! One field for everything a customer may quote.

use leptos::prelude::*;
use serde_json::json;

use super::{Page, Query, cell, laid_out, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

pub(super) async fn page(clerk: &Clerk, query: &Query) -> Result<Page, AppError> {
    let typed = query.get("find").to_owned();
    let found = if typed.is_empty() {
        None
    } else {
        Some(answer(clerk, &typed).await?)
    };
    let content = view! {
        <form method="get" action="/desk" role="search">
            <p class="field">
                <label for="find">"Find a customer"</label>
                <input id="find" type="search" name="find" value=typed maxlength="254" autocomplete="off" />
                <span class="hint">
                    "E-mail, number, wallet, call, message, top-up, receipt, Stripe id or code."
                </span>
            </p>
            <button class="button" type="submit">
                "Find"
            </button>
        </form>
        <div id="answer" role="status">
            {found}
        </div>
    };
    Ok(laid_out(clerk, "/desk", "Desk", content))
}

async fn answer(clerk: &Clerk, typed: &str) -> Result<AnyView, AppError> {
    let ledger = context::ledger();
    let found = ledger
        .find_customers(typed)
        .await
        .map_err(context::refused)?;
    // What was typed is personal: noted is what it was, and whom it found.
    let mut deed = clerk.deed("find", "customer", "");
    deed.subject_id = found
        .first()
        .map_or("nobody".into(), |one| one.wallet_id.to_string());
    deed.wallet_id = found
        .first()
        .filter(|_| found.len() == 1)
        .map(|one| one.wallet_id);
    deed.detail = json!({ "found": found.len(), "by": found.first().map(|one| &one.by) });
    ledger.note_view(deed).await.map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let rows = found
        .into_iter()
        .map(|one| {
            let address = format!("/desk/wallets/{}", one.wallet_id);
            vec![
                view! { <a href=address>{one.email.to_string()}</a> }.into_any(),
                cell(one.by),
                cell(clock.date(one.created_at)),
            ]
        })
        .collect();
    Ok(table(
        "Customers found",
        &["Customer", "Found by", "Since"],
        rows,
        "Nobody was found. Type at least three letters, or a whole id.",
    )
    .into_any())
}
