//! What the books say: credit by its source, and the latest entries.

use domain::WalletId;
use leptos::prelude::*;

use super::{cell, section, table};
use crate::context::{self, LocalTime};
use crate::error::AppError;
use crate::words;

pub(super) async fn credit(wallet_id: WalletId) -> Result<AnyView, AppError> {
    let lots = context::ledger()
        .lots(wallet_id)
        .await
        .map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let rows = lots
        .left()
        .map(|lot| {
            vec![
                cell(lot.seq.to_string()),
                cell(words::transfer(lot.kind)),
                cell(lot.amount.exact_text()),
                cell(lot.left.exact_text()),
                cell(lot.expires_at.map_or("never".into(), |at| clock.date(at))),
            ]
        })
        .collect();
    let content = table(
        "Credit by its source",
        &["Entry", "From", "Came in", "Left", "Ends"],
        rows,
        "No credit is left.",
    );
    Ok(section("credit", "Credit by its source", content))
}

pub(super) async fn latest(wallet_id: WalletId) -> Result<AnyView, AppError> {
    let entries = context::ledger()
        .entries(wallet_id, None)
        .await
        .map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let rows = entries
        .iter()
        .map(|entry| {
            vec![
                cell(entry.seq.to_string()),
                cell(clock.lately(entry.at)),
                cell(words::transfer(entry.kind)),
                cell(format!("{} → {}", entry.from.word(), entry.to.word())),
                cell(entry.amount.exact_text()),
                cell(entry.available_after.exact_text()),
                cell(format!("{} {}", entry.subject.word(), entry.subject_id)),
            ]
        })
        .collect();
    let content = table(
        "Latest entries",
        &[
            "No.",
            "When",
            "What",
            "Accounts",
            "Amount",
            "Available",
            "Belongs to",
        ],
        rows,
        "Nothing has moved yet.",
    );
    Ok(section("entries", "Latest entries", content))
}
