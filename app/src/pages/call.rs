//! What the dialer asks for; the page itself is written on the server.

use leptos::prelude::*;
use uuid::Uuid;

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

/// Asks the switch to end the call; what it costs is what the switch then reports.
#[server(endpoint = "hang_up")]
pub(crate) async fn hang_up(call_id: String) -> Result<(), AppError> {
    use crate::address::{ReturnTo, escape};
    use crate::context;
    let (ledger, visitor) = (context::ledger(), context::visitor().await?);
    ledger
        .hang_up(visitor.wallet_id, &call_id)
        .await
        .map_err(context::refused)?;
    let there = format!("/call?call={}", escape(&call_id));
    context::redirect_to(&ReturnTo::read(&there));
    Ok(())
}
