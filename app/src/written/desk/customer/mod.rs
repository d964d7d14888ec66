//! A customer: the wallet as they see it, what stands behind it, and what may be done about it.

mod balances;
mod calls;
mod entries;
mod notices;
mod outbox;
mod refill;
mod sessions;
mod top_ups;

use domain::WalletId;
use domain::staff::Right;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::json;
use uuid::Uuid;

use super::corrections::{self, DeskCorrect};
use super::{Page, cell, disputes, laid_out, section, table};
use crate::context::{self, Clerk};
use crate::error::AppError;

pub(super) async fn page(clerk: &Clerk, wallet: &str) -> Result<Page, AppError> {
    let wallet_id: WalletId = wallet
        .parse()
        .map_err(|_| context::refused(AppError::NotFound))?;
    let ledger = context::ledger();
    let customer = ledger
        .customer_of(wallet_id)
        .await
        .map_err(context::refused)?;
    ledger
        .note_view(clerk.deed_on("view_customer", wallet_id, json!({})))
        .await
        .map_err(context::refused)?;
    let content = view! {
        {balances::section_of(clerk, wallet_id).await?}
        {calls::section_of(clerk, wallet_id).await?}
        {correction(clerk, wallet_id).await?}
        {top_ups::section_of(clerk, wallet_id).await?}
        {refill::section_of(wallet_id).await?}
        {disputes(wallet_id).await?}
        {entries::credit(wallet_id).await?}
        {entries::latest(wallet_id).await?}
        {notices::section_of(clerk, wallet_id).await?}
        {outbox::outbox(wallet_id).await?}
        {outbox::events(wallet_id).await?}
        {sessions::section_of(clerk, wallet_id, customer.customer_id).await?}
    };
    Ok(laid_out(clerk, "", customer.email.to_string(), content))
}

async fn correction(clerk: &Clerk, wallet_id: WalletId) -> Result<AnyView, AppError> {
    let known = context::ledger()
        .adjustments(wallet_id)
        .await
        .map_err(context::refused)?;
    let form = clerk.may(Right::Correct).then(|| {
        view! {
            <form method="post" action=DeskCorrect::PATH>
                <input type="hidden" name="wallet_id" value=wallet_id.to_string() />
                <input type="hidden" name="adjustment_id" value=Uuid::now_v7().to_string() />
                <p class="field">
                    <label for="correction-amount">"Amount"</label>
                    <input id="correction-amount" name="amount" maxlength="16" required />
                    <span class="hint">
                        "With a minus it takes. Above $50.00 a colleague approves."
                    </span>
                </p>
                <p class="field">
                    <label for="correction-reason">"Reason, for the customer"</label>
                    <input id="correction-reason" name="reason" minlength="3" maxlength="500" required />
                </p>
                <button class="button" type="submit">
                    "Correct"
                </button>
            </form>
        }
    });
    let content = view! {
        {corrections::rows(known, clerk, "Nothing was corrected.")}
        {form}
    };
    Ok(section("corrections", "Corrections", content))
}

async fn disputes(wallet_id: WalletId) -> Result<AnyView, AppError> {
    let cases = context::ledger()
        .disputes(Some(wallet_id))
        .await
        .map_err(context::refused)?;
    let content = disputes::rows(cases, "No bank asked about a payment.");
    Ok(section("disputes", "Disputes", content))
}
