//! Who may ask: the holder of a switch's key, over `Authorization: Bearer`.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Switchboard;
use super::problem::Problem;

/// The switch that asks.
#[derive(Clone)]
pub(super) struct Switch(pub(super) String);

/// Lets the holder of a key pass; everyone else is told nothing but 401, before any body is read.
pub(super) async fn keys_only(
    State(board): State<Switchboard>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(secret) = bearer(request.headers()) else {
        return refuse();
    };
    match board.ledger.switch_of_key(secret).await {
        Ok(Some(switch_id)) => {
            request.extensions_mut().insert(Switch(switch_id));
            next.run(request).await
        }
        Ok(None) => refuse(),
        Err(_) => Problem::TryAgain.into_response(),
    }
}

fn refuse() -> Response {
    (
        StatusCode::UNAUTHORIZED,
        [(header::WWW_AUTHENTICATE, "Bearer")],
    )
        .into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}
