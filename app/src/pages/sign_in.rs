//! `/sign-in`: an e-mail address, then the code sent to it. A first sign-in opens the wallet.

use language::{MARK, around};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use crate::ask::ask;
use crate::components::answered::{Answered, show};
use crate::components::at_once::Boxed;
use crate::components::heading::Heading;
use crate::components::post_form::{PostForm, Sending, SubmitButton};
use crate::components::refusal::{FieldError, Summary};
use crate::error::AppError;
use crate::wire::Wire;

/// Where signing in stands, kept by the session: a page loaded anew goes on from here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// As typed, right or wrong.
    pub(crate) email: String,
    pub(crate) code_sent: bool,
}

#[server(endpoint = "load_step", input = Wire, output = Wire)]
pub(crate) async fn load_step() -> Result<Step, AppError> {
    crate::context::step().await
}

/// Sends a code to an address, whether or not someone with this address has a wallet.
#[server(endpoint = "request_code")]
pub(crate) async fn request_code(email: String) -> Result<(), AppError> {
    use crate::context;
    context::remember(&email).await?;
    let browser = context::browser_binding().await?;
    let email = domain::Email::parse(&email)
        .map_err(|_| context::refused_typing(domain::Declined::EmailShape, &email))?;
    let client = context::client_address();
    context::ledger()
        .request_code(&email, &browser, &client, crate::speech::language())
        .await
        .map_err(context::refused)?;
    context::asked_for_code().await
}

/// Opens the session, and the wallet of someone new.
#[server(endpoint = "sign_in")]
pub(crate) async fn sign_in(code: String, #[server(default)] next: String) -> Result<(), AppError> {
    use crate::context;
    let typed = context::step().await?.email;
    let email =
        domain::Email::parse(&typed).map_err(|_| context::refused(domain::Declined::CodeGone))?;
    let browser = context::browser_binding().await?;
    let code: String = code.split([' ', '-']).collect();
    let ledger = context::ledger();
    let customer = ledger
        .sign_in_with_code(&email, &code, &browser)
        .await
        .map_err(context::refused)?;
    context::sign_in(customer, None).await?;
    context::redirect_to(&crate::address::ReturnTo::read(&next));
    Ok(())
}

/// Back to the first step.
#[server(endpoint = "forget_email")]
pub(crate) async fn forget_email() -> Result<(), AppError> {
    crate::context::forget().await
}

#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let request = Sending::to::<RequestCode>();
    let forget = Sending::to::<ForgetEmail>();
    let step = ask(move || (LoadStep {}, request.done() + forget.done()));
    view! {
        <div class="narrow">
            <Heading text=say!(sign_in::TITLE) />
            <Answered
                asked=step
                space="form-space"
                show=show(move |step: Step| {
                    if step.code_sent {
                        view! { <CodeStep email=step.email request forget /> }.boxed()
                    } else {
                        view! { <EmailStep email=step.email request /> }.boxed()
                    }
                })
            />
        </div>
    }
    .boxed()
}

#[component]
fn EmailStep(email: String, request: Sending) -> impl IntoView {
    let error = request.refusal();
    view! {
        <p>{say!(sign_in::LEAD)}</p>
        <Summary error field="email" />
        <PostForm sending=request>
            <div class="field">
                <label for="email">{say!(sign_in::EMAIL)}</label>
                <FieldError id="email-error" error />
                <input
                    id="email"
                    name="email"
                    type="email"
                    inputmode="email"
                    autocomplete="username webauthn"
                    autocapitalize="none"
                    spellcheck="false"
                    maxlength="254"
                    required
                    value=email
                    aria-describedby="email-error"
                    aria-invalid=request.invalid()
                />
            </div>
            <SubmitButton sending=request name=say!(sign_in::SEND_CODE) busy=say!(sign_in::SENDING_CODE) />
        </PostForm>
        <p class="scripted">
            <button class="quiet-button wide" type="button" data-passkey="sign-in">
                {say!(sign_in::USE_PASSKEY)}
            </button>
        </p>
        <p class="field-error" role="status" data-passkey-said></p>
    }
}

#[component]
fn CodeStep(email: String, request: Sending, forget: Sending) -> impl IntoView {
    let sign_in = Sending::to::<SignIn>();
    let query = use_query_map();
    let next = query.with_untracked(|query| query.get("next").unwrap_or_default());
    let error = sign_in.refusal();
    let again = request.refusal();
    let (before, after) = around(&say!(sign_in::SENT, email = MARK));
    view! {
        <p>
            {before} <strong class="address">{email.clone()}</strong> {after}
        </p>
        <Summary error field="code" />
        <Summary error=again field="code" />
        <PostForm sending=sign_in>
            <input type="hidden" name="next" value=next />
            <div class="field">
                <label for="code">{say!(sign_in::CODE)}</label>
                <FieldError id="code-error" error />
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
                    aria-describedby="code-error"
                    aria-invalid=sign_in.invalid()
                />
            </div>
            <SubmitButton sending=sign_in name=say!(sign_in::TITLE) busy=say!(sign_in::SIGNING_IN) />
        </PostForm>
        <div class="afterthoughts">
            <PostForm sending=request>
                <input type="hidden" name="email" value=email />
                <button class="text-button" type="submit">{say!(sign_in::SEND_ANOTHER)}</button>
            </PostForm>
            <PostForm sending=forget>
                <button class="text-button" type="submit">{say!(sign_in::OTHER_ADDRESS)}</button>
            </PostForm>
        </div>
    }
}
