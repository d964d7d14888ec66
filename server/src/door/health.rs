//! Whether the process runs, and whether it can do its work.

use axum::extract::State;
use axum::http::StatusCode;

use crate::router::Doors;

pub(crate) async fn alive() -> StatusCode {
    StatusCode::OK
}

/// Not ready while stopping, so that no new work is sent here.
pub(crate) async fn ready(State(doors): State<Doors>) -> StatusCode {
    if !doors.stop.is_cancelled() && doors.ledger.ready().await.is_ok() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}
