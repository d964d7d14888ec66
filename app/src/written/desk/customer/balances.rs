//! The wallet as its owner sees it; freezing it, and letting it go.

use domain::WalletId;
use domain::staff::Right;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::json;

use super::section;
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

#[server(endpoint = "desk_freeze")]
pub(crate) async fn desk_freeze(wallet_id: WalletId, reason: String) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::Freeze).await?;
    let ledger = context::ledger();
    let deed = clerk.deed_on("freeze", wallet_id, json!({ "reason": reason }));
    ledger
        .deed(deed, ledger.freeze(wallet_id, &reason))
        .await
        .map_err(context::refused)
}

#[server(endpoint = "desk_unfreeze")]
pub(crate) async fn desk_unfreeze(wallet_id: WalletId) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::Freeze).await?;
    let ledger = context::ledger();
    let deed = clerk.deed_on("unfreeze", wallet_id, json!({}));
    ledger
        .deed(deed, ledger.unfreeze(wallet_id))
        .await
        .map_err(context::refused)
}

pub(super) async fn section_of(clerk: &Clerk, wallet_id: WalletId) -> Result<AnyView, AppError> {
    let ledger = context::ledger();
    let wallet = ledger.wallet(wallet_id).await.map_err(context::refused)?;
    let frozen = ledger.frozen(wallet_id).await.map_err(context::refused)?;
    let numbers = ledger.numbers(wallet_id).await.map_err(context::refused)?;
    let numbers: Vec<_> = numbers
        .iter()
        .map(|number| ledger::international(&number.number))
        .collect();
    let facts = [
        ("Available balance", wallet.available().exact_text()),
        ("On hold", wallet.held.exact_text()),
        ("Paid", wallet.paid.exact_text()),
        ("Promotional", wallet.promotional.exact_text()),
        ("Debt", wallet.debt.exact_text()),
        ("Numbers", numbers.join(", ")),
        ("Wallet", wallet_id.to_string()),
    ];
    let facts: Vec<_> = facts
        .into_iter()
        .map(|(name, value)| {
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            }
        })
        .collect();
    let may = clerk.may(Right::Freeze);
    let clock = LocalTime::of_request();
    let freezing = match frozen {
        Some(frozen) => view! {
            <p class="note">"Frozen since " {clock.lately(frozen.at)} ": " {frozen.reason}</p>
            {may
                .then(|| {
                    view! {
                        <form method="post" action=DeskUnfreeze::PATH>
                            <input type="hidden" name="wallet_id" value=wallet_id.to_string() />
                            <button class="quiet-button" type="submit">
                                "Unfreeze"
                            </button>
                        </form>
                    }
                })}
        }
        .into_any(),
        None if may => view! {
            <form method="post" action=DeskFreeze::PATH>
                <input type="hidden" name="wallet_id" value=wallet_id.to_string() />
                <p class="field">
                    <label for="freeze-reason">"Reason to freeze, for the customer"</label>
                    <input id="freeze-reason" name="reason" minlength="3" maxlength="500" required />
                </p>
                <button class="quiet-button" type="submit">
                    "Freeze"
                </button>
            </form>
        }
        .into_any(),
        None => ().into_any(),
    };
    let content = view! {
        <dl class="facts">{facts}</dl>
        {freezing}
    };
    Ok(section("wallet", "Wallet", content))
}
