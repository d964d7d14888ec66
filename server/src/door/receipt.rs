//! The way to a receipt: checks the owner, then asks Stripe for a link that works today.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::TopUpId;
use ledger::Error;
use tower_sessions::Session;

use crate::door::visitor::Visitor;
use crate::router::Doors;

/// Stripe's links expire after 30 days, so ours never points to a stored one.
pub(crate) async fn top_up_receipt(
    State(doors): State<Doors>,
    visitor: Result<Visitor, StatusCode>,
    Path(top_up_id): Path<String>,
    _session: Session,
) -> Response {
    let Ok(visitor) = visitor else {
        return Redirect::to(&format!(
            "/sign-in?next=/top-ups/{}",
            escape_path(&top_up_id)
        ))
        .into_response();
    };
    let Ok(top_up_id) = top_up_id.parse::<TopUpId>() else {
        return sorry(StatusCode::NOT_FOUND, "There is no such receipt.");
    };
    match doors.ledger.receipt_url(visitor.wallet_id, top_up_id).await {
        // Stripe must not learn which page of ours led there.
        Ok(url) => (
            [(header::REFERRER_POLICY, "no-referrer")],
            Redirect::to(&url),
        )
            .into_response(),
        Err(Error::NotFound | Error::Declined(_)) => {
            sorry(StatusCode::NOT_FOUND, "There is no such receipt.")
        }
        Err(Error::Busy) => sorry(
            StatusCode::SERVICE_UNAVAILABLE,
            "The receipt is being written. Try again in a minute; the money is in your wallet already.",
        ),
        Err(Error::Unavailable { reference }) => sorry(
            StatusCode::SERVICE_UNAVAILABLE,
            &format!(
                "The receipt cannot be fetched now. Try again later, or quote {reference} to support."
            ),
        ),
    }
}

/// Only what a path of ours can consist of.
fn escape_path(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(64)
        .collect()
}

fn sorry(status: StatusCode, sentence: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>Receipt</title><h1>Receipt</h1><p>{sentence}</p><p><a href=/wallet>Back to the wallet</a></p></html>"
    );
    (status, Html(page)).into_response()
}
