//! What came from Stripe about this wallet, and what was written down to be sent.

use domain::WalletId;
use leptos::prelude::*;

use super::{cell, section, table};
use crate::context::{self, LocalTime};
use crate::error::AppError;

pub(super) async fn events(wallet_id: WalletId) -> Result<AnyView, AppError> {
    let events = context::ledger()
        .event_traces(wallet_id)
        .await
        .map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let rows = events
        .into_iter()
        .map(|event| {
            vec![
                cell(clock.lately(event.received_at)),
                cell(event.event_type),
                cell(event.state),
                cell(event.event_id),
                cell(event.note.unwrap_or_default()),
            ]
        })
        .collect();
    let content = table(
        "Events from Stripe",
        &["Received", "Type", "State", "Event", "Note"],
        rows,
        "Stripe has told nothing about this wallet.",
    );
    Ok(section("events", "Events from Stripe", content))
}

/// Requests to Stripe by their keys, letters, messages to devices. Of letters only that they are
/// there: some hold a code.
pub(super) async fn outbox(wallet_id: WalletId) -> Result<AnyView, AppError> {
    let entries = context::ledger()
        .outbox(wallet_id)
        .await
        .map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let rows = entries
        .into_iter()
        .map(|row| {
            let then = match (row.done_at, row.next_at) {
                (Some(at), _) => format!("done {}", clock.lately(at)),
                (None, Some(at)) => format!("next {}", clock.lately(at)),
                (None, None) => String::new(),
            };
            vec![
                cell(clock.lately(row.written_at)),
                cell(row.what),
                cell(row.state),
                cell(row.tries.to_string()),
                cell(then),
                cell(row.name),
            ]
        })
        .collect();
    let content = table(
        "Sent and to be sent",
        &["Written", "What", "State", "Tries", "Then", "Key"],
        rows,
        "Nothing was sent for this wallet.",
    );
    Ok(section("outbox", "Sent and to be sent", content))
}
