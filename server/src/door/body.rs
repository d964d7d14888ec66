//! How long a body may be: forms are short, but for the one with a price list in it.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::staff::{Right, may};
use http_body_util::Limited;
use ledger::Ledger;
use tower_sessions::Session;

/// The longest body of a form of ours.
const FORM_LIMIT: usize = 64 * 1024;
/// The longest of the form with a price list. A list a little too long still meets the page's own words.
const LIST_LIMIT: usize = 2 * domain::price_list::LONGEST_LIST;

/// Refuses a body that says it is longer, and reads no more than that of one that does not say. Within
/// the session: a list is taken from those only who may set prices.
pub(crate) async fn no_longer_than_ours(
    State(ledger): State<Ledger>,
    request: Request,
    next: Next,
) -> Response {
    let session = request.extensions().get::<Session>().cloned();
    let is_list =
        request.uri().path() == app::PRICE_LIST_UPLOAD && may_set_prices(&ledger, session).await;
    let (most, told) = if is_list {
        (
            LIST_LIMIT,
            "This file is longer than any price list we take: 8 MB. Go back and choose another one.",
        )
    } else {
        (FORM_LIMIT, "This form is longer than any of ours.")
    };
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > most) {
        return (StatusCode::PAYLOAD_TOO_LARGE, told).into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, most))))
        .await
}

async fn may_set_prices(ledger: &Ledger, session: Option<Session>) -> bool {
    let Some(session) = session else {
        return false;
    };
    let Ok(Some(customer_id)) = session.get("customer_id").await else {
        return false;
    };
    let roles = ledger.roles(customer_id).await;
    roles.is_ok_and(|roles| may(&roles, Right::SetPrices))
}
