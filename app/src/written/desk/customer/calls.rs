//! Calls that hold credit, and closing one that its switch forgot.

use domain::WalletId;
use domain::staff::Right;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::json;

use super::{cell, section, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

#[server(endpoint = "desk_end_call")]
pub(crate) async fn desk_end_call(wallet_id: WalletId, call_id: String) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::EndCall).await?;
    let ledger = context::ledger();
    let deed = clerk.deed_on("end_call", wallet_id, json!({ "call": call_id }));
    ledger
        .deed(deed, ledger.give_up_call(wallet_id, &call_id))
        .await
        .map(|_| ())
        .map_err(context::refused)
}

pub(super) async fn section_of(clerk: &Clerk, wallet_id: WalletId) -> Result<AnyView, AppError> {
    let calls = context::ledger()
        .holding_calls(wallet_id)
        .await
        .map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let may = clerk.may(Right::EndCall);
    let rows = calls
        .into_iter()
        .map(|call| {
            let label = format!("Close call {}", call.call_id);
            let end = may.then(|| {
                view! {
                    <form method="post" action=DeskEndCall::PATH>
                        <input type="hidden" name="wallet_id" value=wallet_id.to_string() />
                        <input type="hidden" name="call_id" value=call.call_id.clone() />
                        <button class="text-button" type="submit" aria-label=label>
                            "Close"
                        </button>
                    </form>
                }
            });
            let mut cells = vec![
                cell(call.call_id.clone()),
                cell(call.destination),
                cell(call.state.word()),
                cell(call.held.exact_text()),
                cell(format!("{} s", call.confirmed_seconds)),
                cell(clock.lately(call.expires_at)),
            ];
            cells.extend(end.map(IntoAny::into_any));
            cells
        })
        .collect();
    let content = view! {
        <p class="hint">
            "A call that is closed is charged for its confirmed seconds; a late report still corrects it."
        </p>
        {table(
            "Running calls",
            &["Call", "To", "State", "Held", "Confirmed", "Held until", "Close"],
            rows,
            "No call holds credit.",
        )}
    };
    Ok(section("calls", "Running calls", content))
}
