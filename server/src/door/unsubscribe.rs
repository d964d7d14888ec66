//! The way out of letters, by the address in each of them: no sign-in, one click (RFC 8058).
//!
//! The address holds a random name that only the letter and its reader's page know. All one can do
//! with it is to stop letters of one kind. A GET asks first: programs that check links open them.

use app::language_of;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use domain::WalletId;
use language::notice::kind_name;
use language::{Language, tell};
use uuid::Uuid;

use crate::door::plain;
use crate::router::Doors;

/// The form leads back to the same address, and nothing else may happen on this page.
const POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub(crate) async fn ask(Path(_): Path<(WalletId, Uuid)>, headers: HeaderMap) -> Response {
    let language = language_of(&headers);
    let content = format!(
        "<p>{}</p><form method=post><button>{}</button></form>",
        tell!(language, unsubscribe::ASK),
        tell!(language, unsubscribe::STOP)
    );
    page(StatusCode::OK, language, &content)
}

pub(crate) async fn stop(
    State(doors): State<Doors>,
    Path((wallet_id, notice_id)): Path<(WalletId, Uuid)>,
    headers: HeaderMap,
) -> Response {
    let language = language_of(&headers);
    let (status, told) = match doors.ledger.unsubscribe(wallet_id, notice_id).await {
        Ok(Some(kind)) => {
            let kind = kind_name(kind, language);
            (
                StatusCode::OK,
                tell!(language, unsubscribe::DONE, kind = kind),
            )
        }
        Ok(None) => (StatusCode::NOT_FOUND, tell!(language, unsubscribe::NOTHING)),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            tell!(language, unsubscribe::NOT_NOW),
        ),
    };
    page(status, language, &format!("<p>{told}</p>"))
}

fn page(status: StatusCode, language: Language, content: &str) -> Response {
    let headers: [(HeaderName, &str); 2] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let content = format!(
        "{content}<p><a href=/wallet>{}</a></p>",
        tell!(language, not_found::OPEN_WALLET)
    );
    let page = plain::page(language, &tell!(language, unsubscribe::TITLE), &content);
    (status, headers, Html(page)).into_response()
}
