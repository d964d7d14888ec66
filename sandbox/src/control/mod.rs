//! The control plane: what developers and tests ask of the world. It has no counterpart at
//! Stripe, and no lock: the sandbox listens on loopback.
//!
//! Acts are POST with a JSON body (or a form), below `/_sandbox/`:
//!
//! | act | body |
//! |---|---|
//! | `reset` | |
//! | `clock/advance` | `{seconds?, minutes?, hours?, days?}`, added up |
//! | `faults`, `faults/clear` | `{path, n?, kind, method?, milliseconds?}`; kinds: [`crate::fault::Kind`] |
//! | `webhooks/mode` | `{mode, copies?, seed?, seconds?, version?, field?}`; modes: [`crate::webhook::Mode`] |
//! | `webhooks/pause`, `/resume`, `/resend/{evt}` | |
//! | `receipt_delay`, `charges/{ch}/receipt_delay` | `{seconds}` |
//! | `sessions/{cs}/pay` | `{card?, save?, saved_card?, authenticate?, delayed?, seconds?, address?, business_name?, tax_id?}` |
//! | `sessions/{cs}/expire` | |
//! | `payment_methods/{pm}/next` | `{outcome}`: `succeeded`, `processing` or a decline code |
//! | `payment_methods/{pm}/update`, `/detach` | `{exp_month?, exp_year?, last4?}` |
//! | `charges/{ch}/refund` | `{amount?}` in cents, as from the dashboard |
//! | `charges/{ch}/dispute`, `/early_fraud_warning` | `{kind?: chargeback or inquiry, reason?}` |
//! | `refunds/{re}/settle`, `/fail` | |
//! | `disputes/{dp}/win`, `/lose`, `/prevent`, `/escalate` | |
//! | `objects/{id}` | fields to overwrite, so that the object lies |
//!
//! `GET` reads: `health`, `log`, `clock`, `faults`, `webhooks`, `mail?to=`, `objects/{id}`.
//!
//! What is asked of the telephone switch is in [`crate::switch`].

pub(crate) mod body;
mod books;
mod calls;
mod network;
mod object;
mod page;
mod tables;

pub(crate) use books::{Asked, Log};

use crate::{error::ApiError, world::Shared};
use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/_sandbox", get(page::show))
        .route(
            "/_sandbox/health",
            get(|| async { Json(json!({ "status": "ok" })) }),
        )
        .route("/_sandbox/log", get(books::read))
        .route("/_sandbox/reset", post(network::reset))
        .route("/_sandbox/clock", get(network::clock))
        .route("/_sandbox/clock/advance", post(network::advance))
        .route(
            "/_sandbox/faults",
            get(network::faults)
                .post(network::plan_fault)
                .delete(network::clear_faults),
        )
        .route("/_sandbox/faults/clear", post(network::clear_faults))
        .route("/_sandbox/webhooks", get(network::webhooks))
        .route("/_sandbox/webhooks/mode", post(network::set_mode))
        .route("/_sandbox/webhooks/pause", post(network::pause))
        .route("/_sandbox/webhooks/resume", post(network::resume))
        .route("/_sandbox/webhooks/resend/{event}", post(network::resend))
        .route("/_sandbox/receipt_delay", post(network::receipt_delay))
        .route("/_sandbox/sessions/{id}/pay", post(object::pay))
        .route("/_sandbox/sessions/{id}/expire", post(object::expire))
        .route(
            "/_sandbox/payment_methods/{id}/next",
            post(object::plan_next),
        )
        .route(
            "/_sandbox/payment_methods/{id}/update",
            post(object::update_card),
        )
        .route(
            "/_sandbox/payment_methods/{id}/detach",
            post(object::detach),
        )
        .route("/_sandbox/charges/{id}/dispute", post(object::dispute))
        .route(
            "/_sandbox/charges/{id}/early_fraud_warning",
            post(object::warn),
        )
        .route(
            "/_sandbox/charges/{id}/receipt_delay",
            post(object::delay_receipt),
        )
        .route("/_sandbox/charges/{id}/refund", post(object::refund))
        .route("/_sandbox/refunds/{id}/{act}", post(object::end_refund))
        .route("/_sandbox/disputes/{id}/{act}", post(object::end_dispute))
        .route(
            "/_sandbox/objects/{id}",
            get(object::read).post(object::tamper),
        )
}

/// The answer to an act: JSON for programs; people go back to the page they came from.
fn done(headers: &HeaderMap, answer: Value) -> Response {
    if is_person(headers) {
        return Redirect::to("/_sandbox").into_response();
    }
    Json(answer).into_response()
}

fn refused(headers: &HeaderMap, error: &ApiError) -> Response {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    if is_person(headers) {
        return crate::pages::html::message(status, "That did not work", error.message());
    }
    (status, Json(error.body())).into_response()
}

pub(crate) fn answer(headers: &HeaderMap, result: Result<Value, ApiError>) -> Response {
    match result {
        Ok(value) => done(headers, value),
        Err(error) => refused(headers, &error),
    }
}

fn is_person(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}
