//! Who one is here.

use leptos::prelude::*;

use crate::context::{self, LocalTime, Visitor};
use crate::error::AppError;

pub(super) async fn section(visitor: Visitor) -> Result<impl IntoView, AppError> {
    let customer = context::ledger()
        .customer(visitor.customer_id)
        .await
        .map_err(context::refused)?;
    let since = LocalTime::of_request().date(customer.created_at);
    Ok(view! {
        <dl class="facts">
            <div>
                <dt>"Email"</dt>
                <dd class="address">
                    {customer.email.to_string()} " "
                    <a href="/account/email">"Change e-mail"</a>
                </dd>
            </div>
            <div>
                <dt>"Wallet since"</dt>
                <dd>{since}</dd>
            </div>
        </dl>
    })
}
