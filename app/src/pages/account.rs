//! What the account page asks for; the page itself is written on the server.

use leptos::prelude::*;
use uuid::Uuid;

use crate::error::AppError;

#[server(endpoint = "end_session")]
pub(crate) async fn end_session(session_id: Uuid) -> Result<(), AppError> {
    use crate::context;
    let visitor = context::visitor().await?;
    context::ledger()
        .end_session(visitor.customer_id, session_id)
        .await
        .map_err(context::refused)
}

#[server(endpoint = "end_other_sessions")]
pub(crate) async fn end_other_sessions() -> Result<(), AppError> {
    use crate::context;
    let visitor = context::visitor().await?;
    let ledger = context::ledger();
    ledger
        .end_other_sessions(visitor.customer_id, visitor.session_id)
        .await
        .map_err(context::refused)
}

#[server(endpoint = "sign_out")]
pub(crate) async fn sign_out() -> Result<(), AppError> {
    use crate::context;
    context::sign_out().await?;
    context::redirect_to(&crate::address::ReturnTo::read("/"));
    Ok(())
}
