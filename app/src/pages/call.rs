//! `/call`: the calls that run, counted live, over the dialer that the server writes.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use uuid::Uuid;

use super::written::WrittenPage;
use crate::components::at_once::Boxed;
use crate::components::live_calls::LiveCalls;
use crate::error::AppError;

/// Asks for a call under the id the page was given: again is the same call.
#[server(endpoint = "dial")]
pub(crate) async fn dial(call_id: Uuid, to: String) -> Result<(), AppError> {
    use crate::context;
    let (ledger, visitor) = (context::ledger(), context::visitor().await?);
    let digits = context::number::typed(&to)?;
    ledger
        .dial(visitor.wallet_id, call_id, &digits)
        .await
        .map_err(context::refused)?;
    let there = format!("/call?call={call_id}");
    context::redirect_to(&crate::address::ReturnTo::read(&there));
    Ok(())
}

/// Keeps a number under a name; again renames it.
#[server(endpoint = "keep_favorite")]
pub(crate) async fn keep_favorite(number: String, name: String) -> Result<(), AppError> {
    use crate::context;
    let visitor = context::visitor().await?;
    let digits = context::number::typed(&number)?;
    context::ledger()
        .keep_favorite(visitor.wallet_id, &digits, &name)
        .await
        .map_err(context::refused)
}

#[server(endpoint = "drop_favorite")]
pub(crate) async fn drop_favorite(number: String) -> Result<(), AppError> {
    use crate::context;
    let visitor = context::visitor().await?;
    context::ledger()
        .drop_favorite(visitor.wallet_id, &number)
        .await
        .map_err(context::refused)
}

#[component]
pub(crate) fn CallPage() -> impl IntoView {
    let address = use_query_map();
    let named = Signal::derive(move || {
        address.with(|address| address.get_str("call").unwrap_or_default().to_owned())
    });
    view! {
        <LiveCalls named />
        <WrittenPage />
    }
    .boxed()
}
