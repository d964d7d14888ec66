//! Signing in with what a device keeps. The browser's half of a ceremony is `public/page.js`.

use ledger::{Ceremony, PasskeySummary};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use uuid::Uuid;

use crate::context::{self, LocalTime, Visitor};
use crate::error::AppError;
use crate::speech;

/// Begins to make a passkey.
#[server(endpoint = "begin_passkey")]
pub(crate) async fn begin_passkey() -> Result<String, AppError> {
    let visitor = context::recent_visitor("/account#passkeys").await?;
    let opened_by = context::opened_by().await?;
    let ceremony = context::ledger()
        .begin_passkey(visitor.customer_id, opened_by)
        .await
        .map_err(context::refused)?;
    Ok(told(&ceremony))
}

/// Keeps the passkey that the browser made, under the name of this device.
#[server(endpoint = "add_passkey")]
pub(crate) async fn add_passkey(ceremony_id: Uuid, credential: String) -> Result<(), AppError> {
    let visitor = context::visitor().await?;
    let opened_by = context::opened_by().await?;
    let device = context::device();
    context::ledger()
        .add_passkey(
            visitor.customer_id,
            opened_by,
            ceremony_id,
            &credential,
            &device,
        )
        .await
        .map_err(context::refused)
}

#[server(endpoint = "remove_passkey")]
pub(crate) async fn remove_passkey(passkey_id: Uuid) -> Result<(), AppError> {
    let visitor = context::visitor().await?;
    let opened_by = context::opened_by().await?;
    context::ledger()
        .remove_passkey(
            visitor.customer_id,
            opened_by,
            passkey_id,
            visitor.session_id,
        )
        .await
        .map_err(context::refused)
}

/// Begins a sign-in without asking who it is.
#[server(endpoint = "begin_passkey_sign_in")]
pub(crate) async fn begin_passkey_sign_in() -> Result<String, AppError> {
    let ceremony = context::ledger()
        .begin_passkey_sign_in(&context::client_address())
        .await
        .map_err(context::refused)?;
    Ok(told(&ceremony))
}

/// Opens the session of whom the passkey belongs to.
#[server(endpoint = "passkey_sign_in")]
pub(crate) async fn passkey_sign_in(
    ceremony_id: Uuid,
    credential: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    let client = context::client_address();
    let signed_in = context::ledger()
        .sign_in_with_passkey(ceremony_id, &credential, &client)
        .await
        .map_err(context::refused)?;
    context::sign_in(signed_in.customer_id, Some(signed_in.passkey_id)).await?;
    context::redirect_to(&crate::address::ReturnTo::read(&next));
    Ok(())
}

/// The name of a ceremony, a line break, and what the browser is asked.
fn told(ceremony: &Ceremony) -> String {
    format!("{}\n{}", ceremony.ceremony_id, ceremony.options)
}

pub(super) async fn section(visitor: Visitor) -> Result<impl IntoView, AppError> {
    let passkeys = context::ledger()
        .passkeys(visitor.customer_id)
        .await
        .map_err(context::refused)?;
    let needs_passkey = context::ledger()
        .needs_passkey(visitor.customer_id, context::opened_by().await?)
        .await
        .map_err(context::refused)?;
    let none = passkeys.is_empty();
    let lines: Vec<_> = passkeys.into_iter().map(line).collect();
    let next = if needs_passkey {
        prove().into_any()
    } else {
        add().into_any()
    };
    Ok(view! {
        <section class="card" aria-labelledby="passkeys">
            <h2 id="passkeys">{say!(account::PASSKEYS)}</h2>
            {none
                .then(|| {
                    view! {
                        <p class="quiet">
                            {say!(account::PASSKEYS_LEAD)}
                        </p>
                    }
                })}
            <ul class="sessions" role="list">
                {lines}
            </ul>
            {next}
            <p class="field-error" role="status" data-passkey-said></p>
        </section>
    })
}

fn add() -> impl IntoView {
    view! {
        <p class="scripted">
            <button class="quiet-button" type="button" data-passkey="add">
                {say!(account::ADD_PASSKEY)}
            </button>
        </p>
    }
}

/// For who works at the desk and signed in with a code.
fn prove() -> impl IntoView {
    view! {
        <p>{say!(declined::PASSKEY_NEEDED)}</p>
        <p class="scripted">
            <button class="quiet-button" type="button" data-passkey="sign-in" data-next="/account">
                {say!(sign_in::USE_PASSKEY)}
            </button>
        </p>
    }
}

fn line(passkey: PasskeySummary) -> impl IntoView {
    let clock = LocalTime::of_request();
    let name = language::device(&passkey.name, speech::language());
    let label = say!(account::REMOVE_PASSKEY, name = &name);
    let used = passkey
        .last_used_at
        .map(|at| say!(account::LAST_USED, when = clock.lately(at)));
    view! {
        <li class="session">
            <div>
                <p class="session-device">{name}</p>
                <p class="quiet">{say!(account::MADE, when = clock.lately(passkey.created_at))} {used}</p>
            </div>
            <form method="post" action=RemovePasskey::PATH>
                <input type="hidden" name="passkey_id" value=passkey.passkey_id.to_string() />
                <button class="text-button" type="submit" aria-label=label>
                    {say!(account::REMOVE)}
                </button>
            </form>
        </li>
    }
}
