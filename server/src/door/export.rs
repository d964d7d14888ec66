//! Everything that is stored of a person, as one file for them.

use app::language_of;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use language::tell;
use ledger::Error;
use serde_json::{Map, Value, json};

use super::statement;
use crate::door::visitor::Visitor;
use crate::router::Doors;

/// `/account/export.json`: the lists of things, and every entry of the books with opening and closing.
pub(crate) async fn own_data(
    State(doors): State<Doors>,
    visitor: Result<Visitor, StatusCode>,
    headers: HeaderMap,
) -> Response {
    let Ok(visitor) = visitor else {
        return Redirect::to("/sign-in?next=/account").into_response();
    };
    match file(&doors, &visitor, &headers).await {
        Ok(file) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"talkala-export.json\"",
                ),
            ];
            (headers, file).into_response()
        }
        Err(Error::NotFound | Error::Declined(_)) => StatusCode::NOT_FOUND.into_response(),
        Err(Error::Busy) => (
            StatusCode::SERVICE_UNAVAILABLE,
            tell!(language_of(&headers), refusal::BUSY),
        )
            .into_response(),
        Err(Error::Unavailable { reference }) => (
            StatusCode::SERVICE_UNAVAILABLE,
            tell!(
                language_of(&headers),
                account::EXPORT_NOT_NOW,
                reference = reference.to_string()
            ),
        )
            .into_response(),
    }
}

async fn file(doors: &Doors, visitor: &Visitor, headers: &HeaderMap) -> Result<String, Error> {
    let ledger = &doors.ledger;
    let customer = ledger.customer(visitor.customer_id).await?;
    let export = ledger
        .export(visitor.customer_id, visitor.wallet_id)
        .await?;
    let zone = customer.time_zone.as_deref();
    let mut file = Map::new();
    let made = export.made_at.unix_timestamp();
    file.insert("made_at_unix".into(), Value::from(made));
    file.extend(export.things);
    let books = statement::as_json(&export.statement, zone, headers);
    file.insert("books".into(), books);
    Ok(serde_json::to_string_pretty(&json!(file)).expect("an export is plain data"))
}
