//! What the session remembers while someone signs in, and after.

use domain::CustomerId;
use http::header::HeaderName;
use time::Duration;
use uuid::Uuid;

use super::{
    Visitor, broken, browser_secret, device, keep_language, ledger, refused, session, set_header,
    visitor,
};
use crate::address::ReturnTo;
use crate::error::AppError;
use crate::pages::sign_in::Step;
use crate::speech;

/// What was typed as the e-mail address, right or wrong: a page loaded anew shows it again.
const TYPED_EMAIL: &str = "typed_email";
/// Whether a code is on its way to it.
const CODE_SENT: &str = "code_sent";
/// The random name of this browser, to which a code is bound.
const BROWSER: &str = "browser";
/// When the person last proved who they are, in seconds since 1970.
pub(super) const SIGNED_IN_AT: &str = "signed_in_at";
/// The passkey that opened the session; none where a code did.
const PASSKEY: &str = "passkey_id";

/// For how long a sign-in counts as recent.
const RECENT_FOR: Duration = Duration::minutes(10);

/// Where signing in stands.
pub(crate) async fn step() -> Result<Step, AppError> {
    let session = session().await?;
    let email = session
        .get(TYPED_EMAIL)
        .await
        .map_err(broken)?
        .unwrap_or_default();
    let code_sent = session
        .get(CODE_SENT)
        .await
        .map_err(broken)?
        .unwrap_or(false);
    Ok(Step { email, code_sent })
}

/// Keeps what was typed; a code sent earlier counts no longer.
pub(crate) async fn remember(typed: &str) -> Result<(), AppError> {
    let session = session().await?;
    let typed: String = typed.trim().chars().take(254).collect();
    session.insert(TYPED_EMAIL, typed).await.map_err(broken)?;
    session.insert(CODE_SENT, false).await.map_err(broken)
}

/// A code is on its way.
pub(crate) async fn asked_for_code() -> Result<(), AppError> {
    session()
        .await?
        .insert(CODE_SENT, true)
        .await
        .map_err(broken)
}

/// Back to the first step, with the address still there to correct.
pub(crate) async fn forget() -> Result<(), AppError> {
    session()
        .await?
        .insert(CODE_SENT, false)
        .await
        .map_err(broken)
}

/// The name of this browser, made on first use.
pub(crate) async fn browser_binding() -> Result<String, AppError> {
    let session = session().await?;
    if let Some(browser) = session.get(BROWSER).await.map_err(broken)? {
        return Ok(browser);
    }
    let browser = Uuid::now_v7().to_string();
    session.insert(BROWSER, &browser).await.map_err(broken)?;
    Ok(browser)
}

/// Makes the session this customer's, opened by this passkey or by a code. Its id changes, so that one
/// planted before is worth nothing.
pub(crate) async fn sign_in(
    customer_id: CustomerId,
    passkey_id: Option<Uuid>,
) -> Result<(), AppError> {
    let wallet_id = ledger()
        .customer(customer_id)
        .await
        .map_err(refused)?
        .wallet_id;
    agree_on_language(customer_id).await?;
    ledger()
        .note_sign_in(customer_id, wallet_id, &browser_secret(), &device())
        .await
        .map_err(refused)?;
    let session = session().await?;
    session.cycle_id().await.map_err(broken)?;
    for key in [TYPED_EMAIL, CODE_SENT, BROWSER, PASSKEY] {
        session.remove_value(key).await.map_err(broken)?;
    }
    if let Some(passkey_id) = passkey_id {
        session.insert(PASSKEY, passkey_id).await.map_err(broken)?;
    }
    let now = ledger().clock().now().unix_timestamp();
    session
        .insert("customer_id", customer_id)
        .await
        .map_err(broken)?;
    session
        .insert("wallet_id", wallet_id)
        .await
        .map_err(broken)?;
    session
        .insert("session_id", Uuid::now_v7())
        .await
        .map_err(broken)?;
    session.insert(SIGNED_IN_AT, now).await.map_err(broken)?;
    session.insert("device", device()).await.map_err(broken)
}

/// This browser speaks the language the person chose; a person who chose none, that of this browser.
async fn agree_on_language(customer_id: CustomerId) -> Result<(), AppError> {
    let (ledger, here) = (ledger(), speech::language());
    match ledger.language(customer_id).await.map_err(refused)? {
        Some(chosen) if chosen != here => keep_language(chosen),
        Some(_) => {}
        None => ledger
            .choose_language(customer_id, here)
            .await
            .map_err(refused)?,
    }
    Ok(())
}

/// The person whose session this is, if they signed in within the last ten minutes: for what a thief
/// of an open browser must not do. Others are led to sign in again, and from there to `back`.
pub(crate) async fn recent_visitor(back: &str) -> Result<Visitor, AppError> {
    let visitor = visitor().await?;
    let signed_in_at = session().await?.get(SIGNED_IN_AT).await.map_err(broken)?;
    let now = ledger().clock().now().unix_timestamp();
    if is_recent(signed_in_at, now) {
        return Ok(visitor);
    }
    let customer = ledger().customer(visitor.customer_id).await;
    remember(customer.map_err(refused)?.email.as_str()).await?;
    leptos_axum::redirect(&ReturnTo::read(back).sign_in());
    Err(refused(AppError::SignInAgain))
}

/// The passkey that opened this session, if one did. It may have been removed since.
pub(crate) async fn opened_by() -> Result<Option<Uuid>, AppError> {
    session().await?.get(PASSKEY).await.map_err(broken)
}

fn is_recent(signed_in_at: Option<i64>, now: i64) -> bool {
    signed_in_at.is_some_and(|at| now - at <= RECENT_FOR.whole_seconds())
}

/// Ends the session, and has the browser drop what it kept of our pages.
pub(crate) async fn sign_out() -> Result<(), AppError> {
    session().await?.flush().await.map_err(broken)?;
    set_header(
        HeaderName::from_static("clear-site-data"),
        "\"cache\", \"storage\"",
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_recent;

    #[test]
    fn a_sign_in_is_recent_for_ten_minutes() {
        for (signed_in_at, recent) in [
            (None, false),
            (Some(1_000), true),
            (Some(400), true),
            (Some(399), false),
        ] {
            assert_eq!(is_recent(signed_in_at, 1_000), recent, "{signed_in_at:?}");
        }
    }
}
