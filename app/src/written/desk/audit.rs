//! Who looked at what and did what.

use domain::WalletId;
use leptos::prelude::*;

use super::{Page, Query, cell, laid_out, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

pub(super) async fn page(clerk: &Clerk, query: &Query) -> Result<Page, AppError> {
    let ledger = context::ledger();
    let wallet = query.get("wallet").parse::<WalletId>();
    let wrong = !query.get("wallet").is_empty() && wallet.is_err();
    let typed = |name| Some(query.get(name).to_owned()).filter(|text| !text.is_empty());
    let filter = ledger::AuditFilter {
        wallet_id: wallet.ok(),
        actor: typed("actor").map(|actor| actor.to_lowercase()),
        before: query.get("before").parse().ok(),
    };
    // What was typed may be personal; the id of a wallet is not.
    let looked_at = filter
        .wallet_id
        .map_or_else(String::new, |id| id.to_string());
    ledger
        .note_view(clerk.deed("view_audit", "audit", &looked_at))
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
                about(&row.subject, row.subject_id),
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
                <input
                    id="wallet"
                    name="wallet"
                    value=query.get("wallet").to_owned()
                    aria-invalid=wrong.then_some("true")
                    aria-describedby=wrong.then_some("wallet-error")
                />
                {wrong.then(|| view! { <span class="field-error" id="wallet-error">"Not the id of a wallet, so entries about every wallet are shown."</span> })}
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
    Ok(laid_out(clerk, "/desk/audit", "Audit log", content))
}

/// What an entry is about; a wallet leads to its page.
fn about(subject: &str, id: String) -> AnyView {
    let subject = subject.replace('_', " ");
    if id.parse::<WalletId>().is_err() {
        return cell(format!("{subject} {id}"));
    }
    let address = format!("/desk/wallets/{id}");
    view! {
        {subject}
        " "
        <a href=address>{id}</a>
    }
    .into_any()
}
