//! Where the customer is signed in, and ending one of these sessions.

use domain::staff::Right;
use domain::{CustomerId, WalletId};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::json;
use uuid::Uuid;

use super::{cell, section, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

#[server(endpoint = "desk_end_session")]
pub(crate) async fn desk_end_session(
    wallet_id: WalletId,
    session_id: Uuid,
) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::EndSession).await?;
    let ledger = context::ledger();
    let deed = clerk.deed_on("end_session", wallet_id, json!({ "session": session_id }));
    ledger
        .deed(deed, ledger.end_session_of(wallet_id, session_id))
        .await
        .map_err(context::refused)
}

pub(super) async fn section_of(
    clerk: &Clerk,
    wallet_id: WalletId,
    customer_id: CustomerId,
) -> Result<AnyView, AppError> {
    let sessions = context::ledger()
        .sessions(customer_id)
        .await
        .map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let may = clerk.may(Right::EndSession);
    let rows = sessions
        .into_iter()
        .map(|session| {
            let label = format!("End session on {}", session.device);
            let end = may.then(|| {
                view! {
                    <form method="post" action=DeskEndSession::PATH>
                        <input type="hidden" name="wallet_id" value=wallet_id.to_string() />
                        <input type="hidden" name="session_id" value=session.session_id.to_string() />
                        <button class="text-button" type="submit" aria-label=label>
                            "End"
                        </button>
                    </form>
                }
            });
            let mut cells = vec![
                cell(session.device),
                cell(clock.lately(session.created_at)),
                cell(clock.lately(session.last_seen_at)),
            ];
            cells.extend(end.map(IntoAny::into_any));
            cells
        })
        .collect();
    let content = table(
        "Sessions",
        &["Device", "Signed in", "Last seen", "End"],
        rows,
        "Signed in nowhere.",
    );
    Ok(section("sessions", "Sessions", content))
}
