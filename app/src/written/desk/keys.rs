//! Keys of telephone switches.

use domain::staff::Right;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Page, cell, laid_out, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

#[server(endpoint = "desk_revoke_key")]
pub(crate) async fn desk_revoke_key(name: String) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::SetKeys).await?;
    let ledger = context::ledger();
    let deed = clerk.deed("revoke_key", "switch_key", name.clone());
    let is_done = ledger
        .deed(deed, ledger.revoke_switch_key(&name))
        .await
        .map_err(context::refused)?;
    if is_done {
        Ok(())
    } else {
        Err(context::refused(AppError::NotFound))
    }
}

pub(super) async fn page(clerk: &Clerk) -> Result<Page, AppError> {
    let ledger = context::ledger();
    ledger
        .note_view(clerk.deed("view_keys", "switch_key", ""))
        .await
        .map_err(context::refused)?;
    let keys = ledger.switch_keys().await.map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let may_set = clerk.may(Right::SetKeys);
    let rows = keys
        .into_iter()
        .rev()
        .map(|key| {
            let end = match key.revoked_at {
                Some(at) => cell(format!("Revoked {}", clock.date(at))),
                None if may_set => {
                    let label = format!("Revoke {}", key.name);
                    view! {
                        <form method="post" action=DeskRevokeKey::PATH>
                            <input type="hidden" name="name" value=key.name.clone() />
                            <button class="text-button" type="submit" aria-label=label>
                                "Revoke"
                            </button>
                        </form>
                    }
                    .into_any()
                }
                None => cell("Valid"),
            };
            vec![
                cell(key.name),
                cell(key.switch_id),
                cell(clock.date(key.created_at)),
                end,
            ]
        })
        .collect();
    let content = view! {
        <p>"A key is made at the console, where it is shown once: " <code>"server switch-key create"</code></p>
        {table("Switch keys", &["Name", "Switch", "Made", "State"], rows, "No switch has a key yet.")}
    };
    Ok(laid_out(clerk, "/desk/keys", "Switch keys", content))
}
