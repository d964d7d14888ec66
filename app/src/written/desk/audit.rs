//! Who looked at what and did what.

use leptos::prelude::*;

use super::{Page, Query, cell, laid_out, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

pub(super) async fn page(clerk: &Clerk, query: &Query) -> Result<Page, AppError> {
    let ledger = context::ledger();
    let typed = |name| Some(query.get(name).to_owned()).filter(|text| !text.is_empty());
    let filter = ledger::AuditFilter {
        wallet_id: query.get("wallet").parse().ok(),
        actor: typed("actor").map(|actor| actor.to_lowercase()),
        before: query.get("before").parse().ok(),
    };
    ledger
        .note_view(clerk.deed("view_audit", "audit", query.get("wallet")))
        .await
        .map_err(context::refused)?;
    let rows = ledger.audit_log(&filter).await.map_err(context::refused)?;
    let next = (rows.len() == 50)
        .then(|| rows.last())
        .flatten()
        .map(|last| {
            format!(
                "/desk/audit?actor={}&wallet={}&before={}",
                form_urlencoded::byte_serialize(query.get("actor").as_bytes()).collect::<String>(),
                filter
                    .wallet_id
                    .map(|id| id.to_string())
                    .unwrap_or_default(),
                last.audit_id
            )
        });
    let clock = LocalTime::of_request();
    let lines = rows
        .into_iter()
        .map(|row| {
            vec![
                cell(clock.full(row.at)),
                cell(row.actor),
                cell(row.act.replace('_', " ")),
                cell(format!("{} {}", row.subject, row.subject_id)),
                cell(row.detail.to_string()),
                cell(row.outcome.unwrap_or_else(|| "looked".into())),
            ]
        })
        .collect();
    let content = view! {
        <form method="get" action="/desk/audit">
            <p class="field">
                <label for="actor">"By"</label>
                <input id="actor" name="actor" value=query.get("actor").to_owned() />
            </p>
            <p class="field">
                <label for="wallet">"Wallet"</label>
                <input id="wallet" name="wallet" value=query.get("wallet").to_owned() />
            </p>
            <button class="quiet-button" type="submit">
                "Show"
            </button>
        </form>
        {table(
            "Audit log",
            &["When", "Who", "Did", "About", "Details", "Outcome"],
            lines,
            "Nobody has looked at anything yet.",
        )}
        {next.map(|address| view! { <a class="quiet-button" href=address>"Older"</a> })}
    };
    Ok(laid_out(clerk, "Audit log", content))
}
