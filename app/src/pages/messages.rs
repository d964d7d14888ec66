//! What the page of messages asks for; the page itself is written on the server.

use leptos::prelude::*;

use crate::error::AppError;

#[server(endpoint = "block_sender")]
pub(crate) async fn block_sender(sender: String) -> Result<(), AppError> {
    use crate::context;
    let visitor = context::visitor().await?;
    context::ledger()
        .block_sender(visitor.wallet_id, &sender)
        .await
        .map_err(context::refused)
}

#[server(endpoint = "unblock_sender")]
pub(crate) async fn unblock_sender(sender: String) -> Result<(), AppError> {
    use crate::context;
    let visitor = context::visitor().await?;
    context::ledger()
        .unblock_sender(visitor.wallet_id, &sender)
        .await
        .map_err(context::refused)
}
