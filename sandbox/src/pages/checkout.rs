//! The hosted checkout page: who is paid how much, a card form, and what went wrong in words.

use super::{checkout_form, html, submission};
use crate::{form, params::Params, state::State as Everything, stripe::session, world::Shared};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Value, json};

pub(super) async fn show(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let state = world.state();
    match session::find(&state, &id) {
        Some(session) => {
            let declined = last_refusal(&state, session);
            checkout_form::page(&state, session, &json!({}), &[], declined.as_deref())
        }
        None => no_such_session(),
    }
}

/// Why the last try failed, for a customer who comes back from the bank.
fn last_refusal(state: &Everything, session: &Value) -> Option<String> {
    let (intent, error) = match session["setup_intent"].as_str() {
        Some(intent) => (intent, "last_setup_error"),
        None => (session["payment_intent"].as_str()?, "last_payment_error"),
    };
    let error = &state.objects.known(intent)[error];
    if error["code"].as_str()?.ends_with("authentication_failure") {
        let words = "Your bank could not confirm that it is you. Your card failed authentication.";
        return Some(words.to_owned());
    }
    Some(error["message"].as_str()?.to_owned())
}

pub(super) async fn pay(
    State(world): State<Shared>,
    Path(id): Path<String>,
    body: String,
) -> Response {
    let typed = form::parse(&body).unwrap_or_else(|| json!({}));
    let mut state = world.state();
    let Some(found) = session::find(&state, &id) else {
        return no_such_session();
    };
    if found["status"] != "open" {
        return checkout_form::page(&state, found, &typed, &[], None);
    }
    let wrong = submission::check(&state, found, Params(&typed));
    if !wrong.is_empty() {
        return checkout_form::page(&state, found, &typed, &wrong, None);
    }
    let result = submission::submit(&mut state, &id, Params(&typed));
    world.bell.notify_one();
    match (result, session::find(&state, &id)) {
        (Ok(next), _) => Redirect::to(&next).into_response(),
        (Err(error), Some(session)) => {
            checkout_form::page(&state, session, &typed, &[], Some(error.message()))
        }
        (Err(_), None) => no_such_session(),
    }
}

fn no_such_session() -> Response {
    let text = "This checkout page does not exist. Go back to the shop and start again.";
    html::message(StatusCode::NOT_FOUND, "No such page", text)
}
