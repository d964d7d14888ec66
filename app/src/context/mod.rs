//! The server's half: the only module that knows the request, the session and the ledger.
//!
//! Server functions ask here *who is it* and *where are the books*, and hand back what the ledger
//! said; nothing here decides anything about money.

mod clerk;
mod device;
mod head;
mod history;
mod kept;
mod language;
mod local_time;
mod notice;
pub(crate) mod number;
mod overview;
mod refusal;
mod sign_in;

use axum::extract::ConnectInfo;
use domain::{CustomerId, Declined, WalletId};
use http::StatusCode;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HeaderName, HeaderValue, SET_COOKIE, USER_AGENT};
use http::request::Parts;
use ledger::Ledger;
use leptos::prelude::{provide_context, use_context};
use leptos::server_fn::error::ServerFnUrlError;
use leptos_axum::ResponseOptions;
use std::net::SocketAddr;
use tower_sessions::Session;
use uuid::Uuid;

pub(crate) use clerk::{Clerk, acting_clerk, clerk};
pub(crate) use history::{duration, entry_lines, filter, view};
pub use kept::KeptHistory;
pub(crate) use language::keep_language;
pub use language::language_of;
pub(crate) use local_time::LocalTime;
pub(crate) use notice::notice_lines;
pub(crate) use overview::{HistoryLook, history, overview};
pub(crate) use sign_in::{
    asked_for_code, browser_binding, forget, opened_by, recent_visitor, remember, sign_in,
    sign_out, step,
};

use crate::ClientAddress;
use crate::address::ReturnTo;
use crate::components::post_form::Refused;
use crate::error::AppError;

/// Finds out what every page needs to know of its request: its language, and a refusal that came
/// back with its address.
pub fn provide_request() {
    provide_context(language::of_request());
    provide_context(refused_before().unwrap_or_default());
    provide_context(overview::Seen::default());
}

/// Who is signed in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visitor {
    pub(crate) customer_id: CustomerId,
    pub(crate) wallet_id: WalletId,
    /// The session's own name in the list of sessions; not the secret in the cookie.
    pub(crate) session_id: Uuid,
}

/// Who this is, for what is kept of a person whether or not one is signed in.
pub(crate) async fn customer_id() -> Result<CustomerId, AppError> {
    let known = session().await?.get("customer_id").await.map_err(broken)?;
    known.ok_or(AppError::SignedOut)
}

pub(crate) fn ledger() -> Ledger {
    use_context::<Ledger>().expect("the server provides the ledger to every page and function")
}

pub(crate) async fn session() -> Result<Session, AppError> {
    leptos_axum::extract::<Session>()
        .await
        .map_err(|_| broken("no session layer"))
}

/// The person whose session this is.
pub(crate) async fn visitor() -> Result<Visitor, AppError> {
    let session = session().await?;
    let customer_id = session.get("customer_id").await.map_err(broken)?;
    let wallet_id = session.get("wallet_id").await.map_err(broken)?;
    let session_id = session.get("session_id").await.map_err(broken)?;
    match (customer_id, wallet_id, session_id) {
        (Some(customer_id), Some(wallet_id), Some(session_id)) => Ok(Visitor {
            customer_id,
            wallet_id,
            session_id,
        }),
        _ => Err(refused(AppError::SignedOut)),
    }
}

/// Hands a refusal to the page, and says it in the status of the answer too.
pub(crate) fn refused(error: impl Into<AppError>) -> AppError {
    let error = error.into();
    let status = match &error {
        AppError::Declined { why, .. } if matches!(why.read(), Some(Declined::TooMany { .. })) => {
            StatusCode::TOO_MANY_REQUESTS
        }
        AppError::Declined { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        AppError::SignedOut => StatusCode::UNAUTHORIZED,
        AppError::SignInAgain => StatusCode::FORBIDDEN,
        AppError::NotFound => StatusCode::NOT_FOUND,
        AppError::Busy | AppError::Unavailable { .. } | AppError::Unreachable => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        AppError::Outdated => StatusCode::BAD_REQUEST,
    };
    set_status(status);
    error
}

/// Hands a refusal of what was typed to the page, together with it.
pub(crate) fn refused_typing(why: impl Into<Declined>, typed: &str) -> AppError {
    // As much as fits any of our fields; the rest would only make the address of the page long.
    let typed = typed.chars().take(100).collect();
    refused(AppError::declined(&why.into(), Some(typed)))
}

/// The refusal that a form sent without scripts was answered with, which came back in the address.
/// Its words are made anew: anybody can write an address.
fn refused_before() -> Option<Refused> {
    let parts = parts()?;
    let query = parts.uri.query()?.as_bytes();
    let value = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(query);
        pairs.find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
    };
    let (path, error) = (value("__path")?, value("__err")?);
    let told = ServerFnUrlError::<AppError>::decode_err(&error).told_anew()?;
    Some(Refused::by(path, told))
}

/// Hands on what the ledger refused, together with what was typed in another field.
pub(crate) fn refused_beside(error: impl Into<AppError>, typed: &str) -> AppError {
    let error = error.into();
    match error.why() {
        Some(why) => refused_typing(why, typed),
        None => refused(error),
    }
}

impl From<ledger::Error> for AppError {
    fn from(error: ledger::Error) -> Self {
        match error {
            ledger::Error::Declined(why) => why.into(),
            ledger::Error::NotFound => Self::NotFound,
            ledger::Error::Busy => Self::Busy,
            ledger::Error::Unavailable { reference } => Self::Unavailable { reference },
        }
    }
}

impl From<Declined> for AppError {
    fn from(why: Declined) -> Self {
        Self::declined(&why, None)
    }
}

/// A cause from below, logged once under the reference the person is given.
fn broken(cause: impl std::fmt::Display) -> AppError {
    let reference = Uuid::now_v7();
    tracing::error!(%cause, %reference, "page failed");
    refused(AppError::Unavailable { reference })
}

/// Sends the person to a page of ours.
pub(crate) fn redirect_to(page: &ReturnTo) {
    leptos_axum::redirect(page.as_str());
}

/// Sends the person to the payment page, whose address the ledger got from Stripe.
pub(crate) fn redirect_to_payment(address: &str) -> Result<(), AppError> {
    let printable = address.bytes().all(|byte| byte.is_ascii_graphic());
    if !printable {
        return Err(broken("the address of the payment page is not one"));
    }
    leptos_axum::redirect(address);
    Ok(())
}

/// Says that there is no such page, in the status of the answer.
pub(crate) fn not_found() {
    set_status(StatusCode::NOT_FOUND);
}

/// A form sent without JavaScript keeps its redirect: to the browser a refusal is a page like any other.
fn set_status(status: StatusCode) {
    let form = parts().is_some_and(|parts| {
        let sent = parts.headers.get(CONTENT_TYPE).is_some();
        sent && header(&parts, &ACCEPT).contains("text/html")
    });
    if let Some(response) = use_context::<ResponseOptions>()
        && !form
    {
        response.set_status(status);
    }
}

fn set_header(name: HeaderName, value: &'static str) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.insert_header(name, HeaderValue::from_static(value));
    }
}

/// Has the browser name the chosen time zone from now on, or no longer.
pub(crate) fn keep_time_zone(name: Option<&str>) {
    let (value, seconds) = match name {
        Some(name) => (name, 365 * 24 * 60 * 60),
        None => ("", 0),
    };
    set_cookie(format!(
        "chosen_zone={value}; Path=/; Max-Age={seconds}; SameSite=Lax"
    ));
}

fn set_cookie(cookie: String) {
    if let (Some(response), Ok(cookie)) = (
        use_context::<ResponseOptions>(),
        HeaderValue::try_from(cookie),
    ) {
        response.append_header(SET_COOKIE, cookie);
    }
}

fn parts() -> Option<Parts> {
    use_context::<Parts>()
}

fn header<'a>(parts: &'a Parts, name: &HeaderName) -> &'a str {
    parts
        .headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// The browser's own description of itself, as a short name.
pub(crate) fn device() -> String {
    parts().map_or_else(String::new, |parts| {
        device::device_name(header(&parts, &USER_AGENT))
    })
}

/// The random name by which this browser is known, made on first use. It says nothing about whose it is
/// and opens nothing: with it a sign-in from another browser is told from one of the usual.
fn browser_secret() -> String {
    const COOKIE_NAME: &str = "__Host-device";
    let kept = parts().and_then(|parts| {
        let cookies = header(&parts, &COOKIE).split(';');
        let mut pairs = cookies.filter_map(|pair| pair.trim().split_once('='));
        let found = pairs.find(|(name, value)| *name == COOKIE_NAME && value.len() == 36);
        found.map(|(_, value)| value.to_owned())
    });
    let secret = kept.unwrap_or_else(|| Uuid::now_v7().to_string());
    let days = 400;
    let cookie = format!(
        "{COOKIE_NAME}={secret}; Path=/; Max-Age={}; SameSite=Lax; Secure; HttpOnly",
        days * 24 * 60 * 60
    );
    set_cookie(cookie);
    secret
}

/// Where the request came from: as the server worked it out behind its proxies, else the peer.
pub(crate) fn client_address() -> String {
    let Some(parts) = parts() else {
        return String::new();
    };
    let known = parts
        .extensions
        .get::<ClientAddress>()
        .map(|address| address.0);
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|peer| peer.0.ip());
    known
        .or(peer)
        .map_or_else(String::new, |address| address.to_string())
}
