//! What the session remembers while someone signs in, and after.

use domain::CustomerId;
use http::header::HeaderName;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{broken, device, ledger, refused, session, set_header};
use crate::error::AppError;
use crate::pages::sign_in::Step;

/// What was typed as the e-mail address, right or wrong: a page loaded anew shows it again.
const TYPED_EMAIL: &str = "typed_email";
/// Whether a code is on its way to it.
const CODE_SENT: &str = "code_sent";
/// The random name of this browser, to which a code is bound.
const BROWSER: &str = "browser";

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

/// Makes the session this customer's. Its id changes, so that one planted before is worth nothing.
pub(crate) async fn sign_in(customer_id: CustomerId) -> Result<(), AppError> {
    let wallet_id = ledger()
        .customer(customer_id)
        .await
        .map_err(refused)?
        .wallet_id;
    let session = session().await?;
    session.cycle_id().await.map_err(broken)?;
    for key in [TYPED_EMAIL, CODE_SENT, BROWSER] {
        session.remove_value(key).await.map_err(broken)?;
    }
    let now = OffsetDateTime::now_utc().unix_timestamp();
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
    session.insert("signed_in_at", now).await.map_err(broken)?;
    session.insert("device", device()).await.map_err(broken)
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
