//! The bank's question: is it you?

use super::{
    checkout,
    html::{self, escape, money},
};
use crate::{
    error::ApiError,
    form,
    params::Params,
    payment,
    state::{State as Everything, integer, text},
    world::Shared,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::json;

pub(super) async fn show(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let state = world.state();
    let Some(intent) = state.objects.find("payment_intent", &id) else {
        return nothing_to_answer(StatusCode::NOT_FOUND);
    };
    if intent["status"] != "requires_action" {
        return nothing_to_answer(StatusCode::OK);
    }
    let amount = money(integer(intent, "amount"), text(intent, "currency"));
    let body = format!(
        "<h1>Your bank asks <span class=\"amount\">Is it you?</span></h1>\
         <p>{} wants to charge <strong>{amount}</strong>.</p>\
         <form method=\"post\"><button class=\"main\" name=\"answer\" value=\"complete\">Complete \
         authentication</button><button name=\"answer\" value=\"fail\">Fail authentication</button></form>",
        escape(checkout::MERCHANT),
    );
    html::page("3-D Secure", &body)
}

pub(super) async fn answer(
    State(world): State<Shared>,
    Path(id): Path<String>,
    body: String,
) -> Response {
    let typed = form::parse(&body).unwrap_or_else(|| json!({}));
    let passed = Params(&typed).text("answer") == Some("complete");
    let next = world.act(|state| {
        let result = payment::authenticate(state, &id, passed);
        next_page(state, &id, result)
    });
    match next {
        Some(url) => Redirect::to(&url).into_response(),
        None => nothing_to_answer(StatusCode::OK),
    }
}

/// After a refusal back to the card form, where it is said in words; else back to the shop.
fn next_page(state: &Everything, id: &str, result: Result<(), ApiError>) -> Option<String> {
    let intent = state.objects.find("payment_intent", id)?;
    match intent["_session"].as_str() {
        Some(session) if result.is_ok() => Some(checkout::next_page(state, session, id)),
        Some(session) => Some(format!("{}/c/pay/{session}", state.public_url)),
        None => intent["_return_url"].as_str().map(str::to_owned),
    }
}

fn nothing_to_answer(status: StatusCode) -> Response {
    html::message(
        status,
        "Nothing to answer",
        "This payment does not wait for your bank.",
    )
}
