//! The bank's question: is it you?

use super::{
    MERCHANT,
    html::{self, money},
    submission,
};
use crate::{
    error::ApiError,
    form,
    params::Params,
    payment, setup,
    state::{State as Everything, integer, text},
    world::Shared,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Value, json};

pub(super) async fn show(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let state = world.state();
    let Some(intent) = find(&state, &id) else {
        return nothing_to_answer(StatusCode::NOT_FOUND);
    };
    if intent["status"] != "requires_action" {
        return nothing_to_answer(StatusCode::OK);
    }
    let wish = if intent["object"] == "setup_intent" {
        format!("{MERCHANT} wants to save this card.")
    } else {
        let amount = money(integer(intent, "amount"), text(intent, "currency"));
        format!("{MERCHANT} wants to charge <strong>{amount}</strong>.")
    };
    let body = format!(
        "<h1>Your bank asks <span class=\"amount\">Is it you?</span></h1><p>{wish}</p>\
         <form method=\"post\"><button class=\"main\" name=\"answer\" value=\"complete\">Complete \
         authentication</button><button name=\"answer\" value=\"fail\">Fail authentication</button></form>",
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
        let result = if id.starts_with("seti_") {
            setup::authenticate(state, &id, passed)
        } else {
            payment::authenticate(state, &id, passed)
        };
        next_page(state, &id, result)
    });
    match next {
        Some(url) => Redirect::to(&url).into_response(),
        None => nothing_to_answer(StatusCode::OK),
    }
}

fn find<'a>(state: &'a Everything, id: &str) -> Option<&'a Value> {
    let payment = state.objects.find("payment_intent", id);
    payment.or_else(|| state.objects.find("setup_intent", id))
}

/// After a refusal back to the card form, where it is said in words; else back to the shop.
fn next_page(state: &Everything, id: &str, result: Result<(), ApiError>) -> Option<String> {
    let intent = find(state, id)?;
    match intent["_session"].as_str() {
        Some(session) if result.is_ok() => Some(submission::next_page(state, session, id)),
        Some(session) => Some(format!("{}/c/pay/{session}", state.public_url)),
        None => intent["_return_url"].as_str().map(str::to_owned),
    }
}

fn nothing_to_answer(status: StatusCode) -> Response {
    let text = "Nothing here waits for your bank's question to be answered.";
    html::message(status, "Nothing to answer", text)
}
