//! The proof that an entry is in the sealed books, for its owner to keep.

use app::language_of;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use language::{Language, tell};
use ledger::Error;

use crate::door::visitor::Visitor;
use crate::router::Doors;

/// A JSON file that `server verify --proof FILE` checks without this server or its database.
pub(crate) async fn entry_proof(
    State(doors): State<Doors>,
    visitor: Result<Visitor, StatusCode>,
    Path(seq): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Ok(visitor) = visitor else {
        return Redirect::to("/sign-in?next=/wallet").into_response();
    };
    let Ok(seq) = seq.parse::<i64>() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match doors.ledger.proof(visitor.wallet_id, seq).await {
        Ok(proof) => {
            let file = serde_json::to_string_pretty(&proof).expect("a proof is plain data");
            let name = format!("attachment; filename=\"entry-{seq}-proof.json\"");
            let headers = [
                (header::CONTENT_TYPE, "application/json".to_owned()),
                (header::CONTENT_DISPOSITION, name),
            ];
            (headers, file).into_response()
        }
        Err(error) => sorry(&error, language_of(&headers)).into_response(),
    }
}

fn sorry(error: &Error, language: Language) -> (StatusCode, String) {
    match error {
        Error::NotFound | Error::Declined(_) => {
            (StatusCode::NOT_FOUND, tell!(language, entries::NO_PROOF))
        }
        Error::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            tell!(language, refusal::BUSY),
        ),
        Error::Unavailable { reference } => {
            let reference = reference.to_string();
            (
                StatusCode::SERVICE_UNAVAILABLE,
                tell!(language, account::EXPORT_NOT_NOW, reference = reference),
            )
        }
    }
}
