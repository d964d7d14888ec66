//! `/account/email`: moving to another address, in two steps as at the sign-in.

use domain::{Declined, Email};
use language::{MARK, around};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::address::ReturnTo;
use crate::context;
use crate::error::AppError;
use crate::speech;
use crate::written::Page;

const HERE: &str = "/account/email";

/// Sends a code to the new address.
#[server(endpoint = "request_email_change")]
pub(crate) async fn request_email_change(email: String) -> Result<(), AppError> {
    context::recent_visitor(HERE).await?;
    let address =
        Email::parse(&email).map_err(|_| context::refused_typing(Declined::EmailShape, &email))?;
    let browser = context::browser_binding().await?;
    context::ledger()
        .request_code(
            &address,
            &browser,
            &context::client_address(),
            speech::language(),
        )
        .await
        .map_err(context::refused)?;
    context::remember(address.as_str()).await?;
    context::asked_for_code().await
}

/// Moves the account to the address that received the code.
#[server(endpoint = "change_email")]
pub(crate) async fn change_email(code: String) -> Result<(), AppError> {
    let visitor = context::recent_visitor(HERE).await?;
    let step = context::step().await?;
    let address = Email::parse(&step.email).map_err(|_| context::refused(Declined::CodeGone))?;
    let browser = context::browser_binding().await?;
    let code: String = code.split([' ', '-']).collect();
    context::ledger()
        .change_email(visitor.customer_id, &address, &code, &browser)
        .await
        .map_err(context::refused)?;
    context::forget().await?;
    context::redirect_to(&ReturnTo::read("/account"));
    Ok(())
}

/// Back to the first step.
#[server(endpoint = "forget_new_email")]
pub(crate) async fn forget_new_email() -> Result<(), AppError> {
    context::visitor().await?;
    context::forget().await
}

pub(super) async fn page() -> Result<Page, AppError> {
    let visitor = context::visitor().await?;
    let customer = context::ledger()
        .customer(visitor.customer_id)
        .await
        .map_err(context::refused)?;
    let step = context::step().await?;
    let content = if step.code_sent {
        code_step(step.email).into_any()
    } else {
        address_step(customer.email.to_string()).into_any()
    };
    Ok(Page::narrow(say!(account::CHANGE_EMAIL), content))
}

fn address_step(now: String) -> impl IntoView {
    let (before, after) = around(&say!(email::LEAD, email = MARK));
    view! {
        <p>
            {before} <strong class="address">{now}</strong> {after}
        </p>
        <form method="post" action=RequestEmailChange::PATH>
            <div class="field">
                <label for="new-email">{say!(email::NEW)}</label>
                <input
                    id="new-email"
                    name="email"
                    type="email"
                    inputmode="email"
                    autocomplete="email"
                    autocapitalize="none"
                    spellcheck="false"
                    maxlength="254"
                    required
                />
            </div>
            <button class="button wide" type="submit">
                {say!(sign_in::SEND_CODE)}
            </button>
        </form>
    }
}

fn code_step(address: String) -> impl IntoView {
    let (before, after) = around(&say!(email::ON_ITS_WAY, email = MARK));
    view! {
        <p>
            {before} <strong class="address">{address}</strong> {after}
        </p>
        <form method="post" action=ChangeEmail::PATH>
            <div class="field">
                <label for="code">{say!(sign_in::CODE)}</label>
                <input
                    class="code"
                    id="code"
                    name="code"
                    type="text"
                    inputmode="numeric"
                    autocomplete="one-time-code"
                    spellcheck="false"
                    maxlength="12"
                    required
                />
            </div>
            <button class="button wide" type="submit">
                {say!(account::CHANGE_EMAIL)}
            </button>
        </form>
        <form method="post" action=ForgetNewEmail::PATH>
            <button class="text-button" type="submit">
                {say!(sign_in::OTHER_ADDRESS)}
            </button>
        </form>
    }
}
