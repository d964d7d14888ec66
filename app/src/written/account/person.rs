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
                <dt>{say!(account::EMAIL)}</dt>
                <dd class="address">
                    {customer.email.to_string()} " "
                    <a href="/account/email">{say!(account::CHANGE_EMAIL)}</a>
                </dd>
            </div>
            <div>
                <dt>{say!(account::WALLET_SINCE)}</dt>
                <dd>{since}</dd>
            </div>
        </dl>
    })
}
