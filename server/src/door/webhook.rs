//! Stripe's door: raw bytes in, stored before anything is understood, 200 after the commit.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use ledger::{Error, Received};

use crate::router::Doors;

/// Answers 400 to what Stripe did not sign, 503 when the event could not be stored: Stripe sends it again.
pub(crate) async fn receive(
    State(doors): State<Doors>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let Some(signature) = headers
        .get("stripe-signature")
        .and_then(|value| value.to_str().ok())
    else {
        return StatusCode::BAD_REQUEST;
    };
    match doors.ledger.receive_event(body.to_vec(), signature).await {
        Ok(Received::Stored | Received::OtherMode) => StatusCode::OK,
        Ok(Received::BadSignature | Received::BadShape) => StatusCode::BAD_REQUEST,
        Err(Error::Declined(_) | Error::NotFound | Error::Busy | Error::Unavailable { .. }) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
