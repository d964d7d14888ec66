//! The way out of letters, by the address in each of them: no sign-in, one click (RFC 8058).
//!
//! The address holds a random name that only the letter and its reader's page know. All one can do
//! with it is to stop letters of one kind. A GET asks first: programs that check links open them.

use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use domain::WalletId;
use uuid::Uuid;

use crate::router::Doors;

/// The form leads back to the same address, and nothing else may happen on this page.
const POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub(crate) async fn ask(Path(_): Path<(WalletId, Uuid)>) -> Response {
    page(
        StatusCode::OK,
        "<p>We will not send you letters of this kind any more. You still find them on your wallet’s page.</p>\
         <form method=post><button>Stop these letters</button></form>",
    )
}

pub(crate) async fn stop(
    State(doors): State<Doors>,
    Path((wallet_id, notice_id)): Path<(WalletId, Uuid)>,
) -> Response {
    match doors.ledger.unsubscribe(wallet_id, notice_id).await {
        Ok(Some(kind)) => page(
            StatusCode::OK,
            &format!(
                "<p>Done: no more letters about “{}”. You can turn them on again in your account.</p>",
                language::notice::kind_name(kind, language::Language::English)
            ),
        ),
        Ok(None) => page(
            StatusCode::NOT_FOUND,
            "<p>There is nothing to stop under this address.</p>",
        ),
        Err(_) => page(
            StatusCode::SERVICE_UNAVAILABLE,
            "<p>We cannot do that right now. Try again in a minute.</p>",
        ),
    }
}

fn page(status: StatusCode, content: &str) -> Response {
    let headers: [(HeaderName, &str); 2] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>Letters</title><h1>Letters</h1>{content}<p><a href=/wallet>Open your wallet</a></p></html>"
    );
    (status, headers, Html(page)).into_response()
}
