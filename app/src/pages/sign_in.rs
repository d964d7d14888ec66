//! `/sign-in`: an e-mail address, then the code sent to it. A first sign-in opens the wallet.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use crate::components::heading::Heading;
use crate::components::refusal::{FieldError, Summary};
use crate::components::trouble::Trouble;
use crate::error::AppError;

/// Where signing in stands, kept by the session: a page loaded anew goes on from here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// As typed, right or wrong.
    pub(crate) email: String,
    pub(crate) code_sent: bool,
}

#[server(endpoint = "load_step")]
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
        .request_code(&email, &browser, &client)
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
    let ledger = context::ledger();
    let customer = ledger
        .sign_in_with_code(&email, &code, &browser)
        .await
        .map_err(context::refused)?;
    context::sign_in(customer).await?;
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
    let request = ServerAction::<RequestCode>::new();
    let forget = ServerAction::<ForgetEmail>::new();
    let step = Resource::new(
        move || (request.version().get(), forget.version().get()),
        |_| load_step(),
    );
    view! {
        <div class="narrow">
            <Heading text="Sign in" />
            <Transition fallback=|| view! { <div class="skeleton form-space" /> }>
                {move || Suspend::new(async move {
                    match step.await {
                        Ok(step) if step.code_sent => {
                            view! { <CodeStep email=step.email request forget /> }.into_any()
                        }
                        Ok(step) => view! { <EmailStep email=step.email request /> }.into_any(),
                        Err(error) => view! { <Trouble error /> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn EmailStep(email: String, request: ServerAction<RequestCode>) -> impl IntoView {
    let error = Signal::derive(move || request.value().get().and_then(Result::err));
    let sending = request.pending();
    view! {
        <p>"We send a code to your e-mail. No password, and a wallet opens by itself the first time."</p>
        <Summary error field="email" />
        <ActionForm action=request>
            <div class="field">
                <label for="email">"Email"</label>
                <FieldError id="email-error" error />
                <input
                    id="email"
                    name="email"
                    type="email"
                    inputmode="email"
                    autocomplete="email"
                    autocapitalize="none"
                    spellcheck="false"
                    maxlength="254"
                    required
                    value=email
                    aria-describedby="email-error"
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                />
            </div>
            <button class="button wide" type="submit" aria-disabled=move || sending.get().then_some("true")>
                {move || if sending.get() { "Sending the code" } else { "Send code" }}
            </button>
        </ActionForm>
    }
}

#[component]
fn CodeStep(
    email: String,
    request: ServerAction<RequestCode>,
    forget: ServerAction<ForgetEmail>,
) -> impl IntoView {
    let sign_in = ServerAction::<SignIn>::new();
    let query = use_query_map();
    let next = move || query.with(|query| query.get("next").unwrap_or_default());
    let error = Signal::derive(move || sign_in.value().get().and_then(Result::err));
    let again = Signal::derive(move || request.value().get().and_then(Result::err));
    let pending = sign_in.pending();
    view! {
        <p>
            "If " <strong class="address">{email.clone()}</strong>
            " can receive mail, a code of 8 digits is there now. It works for 10 minutes, in this browser."
        </p>
        <Summary error field="code" />
        <Summary error=again field="code" />
        <ActionForm action=sign_in>
            <input type="hidden" name="next" value=next />
            <div class="field">
                <label for="code">"Code"</label>
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
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                />
            </div>
            <button class="button wide" type="submit" aria-disabled=move || pending.get().then_some("true")>
                {move || if pending.get() { "Signing in" } else { "Sign in" }}
            </button>
        </ActionForm>
        <div class="afterthoughts">
            <ActionForm action=request>
                <input type="hidden" name="email" value=email />
                <button class="text-button" type="submit">"Send another code"</button>
            </ActionForm>
            <ActionForm action=forget>
                <button class="text-button" type="submit">"Use another address"</button>
            </ActionForm>
        </div>
    }
}
