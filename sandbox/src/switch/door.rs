//! What the wallet asks of the switch, and what developers ask of both.

use super::{board::FASTEST, call::Call, message, plan::Plan};
use crate::{
    control::{answer, body},
    error::{ApiError, ApiResult},
    world::{Shared, World},
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/originate", post(originate))
        .route("/hangup", post(hang_up))
        .route("/_sandbox/switch/originate", post(originate))
        .route("/_sandbox/switch/hangup", post(hang_up))
        .route("/_sandbox/switch/next", get(plans).post(plan_next))
        .route("/_sandbox/switch/pace", post(set_pace))
        .route("/_sandbox/switch/message", post(send_message))
        .route("/_sandbox/switch/calls", get(calls))
        .route("/_sandbox/switch/messages", get(messages))
}

#[derive(Debug, Deserialize)]
struct Origination {
    call_id: String,
    wallet: String,
    from: Option<String>,
    to: String,
    /// For tests that place calls themselves.
    plan: Option<Plan>,
}

#[derive(Debug, Deserialize)]
struct HangUp {
    call_id: String,
}

#[derive(Debug, Deserialize)]
struct Pace {
    factor: u32,
}

/// Places a call: 202, since the wallet is asked afterwards. A repeat places nothing.
async fn originate(State(world): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let result = body::read(&headers, &body).and_then(|asked| place(&world, asked));
    accepted(&headers, result)
}

fn place(world: &World, asked: Origination) -> ApiResult {
    for (name, value) in [
        ("call_id", &asked.call_id),
        ("wallet", &asked.wallet),
        ("to", &asked.to),
    ] {
        if value.trim().is_empty() {
            return Err(ApiError::missing_param(name));
        }
    }
    let from = asked.from.as_deref();
    let call = Call::new(&asked.call_id, &asked.wallet, from, &asked.to);
    let mut state = world.state();
    if let Some(known) = state.switch.find(&call.call_id) {
        if (&known.wallet, &known.from, &known.to) != (&call.wallet, &call.from, &call.to) {
            let mut error = ApiError::invalid("Another call has this call_id.").param("call_id");
            error.status = 409;
            return Err(error);
        }
        return Ok(told(known));
    }
    let answer = told(&call);
    state.switch.place(call, asked.plan);
    world.dial.notify_one();
    Ok(answer)
}

fn told(call: &Call) -> Value {
    json!({ "call_id": call.call_id, "stage": call.stage })
}

/// The caller hangs up; a call that is over stays over.
async fn hang_up(State(world): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let result = body::read(&headers, &body).and_then(|asked: HangUp| {
        let mut state = world.state();
        let found = state.switch.find_mut(&asked.call_id);
        let call = found.ok_or_else(|| ApiError::no_such("call", &asked.call_id, "call_id"))?;
        call.hang_up();
        Ok(told(call))
    });
    accepted(&headers, result)
}

fn accepted(headers: &HeaderMap, result: ApiResult) -> Response {
    let is_done = result.is_ok();
    let response = answer(headers, result);
    if is_done && response.status() == StatusCode::OK {
        return (StatusCode::ACCEPTED, response).into_response();
    }
    response
}

async fn plans(State(world): State<Shared>) -> Json<Value> {
    Json(json!(world.state().switch.plans()))
}

async fn plan_next(State(world): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let result = body::read::<Plan>(&headers, &body).map(|plan| {
        let mut state = world.state();
        state.switch.plan(plan);
        json!(state.switch.plans())
    });
    answer(&headers, result)
}

async fn set_pace(State(world): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let result = body::read(&headers, &body).and_then(|Pace { factor }| {
        if !(1..=FASTEST).contains(&factor) {
            let message = format!("factor must be between 1 and {FASTEST}.");
            return Err(ApiError::invalid(message).param("factor"));
        }
        world.state().switch.set_pace(factor);
        Ok(json!({ "factor": factor }))
    });
    answer(&headers, result)
}

async fn send_message(State(world): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let result = match body::read(&headers, &body) {
        Ok(message) => message::deliver(&world, message).await,
        Err(error) => Err(error),
    };
    answer(&headers, result)
}

#[derive(Debug, Deserialize)]
struct Filter {
    call_id: Option<String>,
    wallet: Option<String>,
}

async fn calls(State(world): State<Shared>, Query(filter): Query<Filter>) -> Json<Value> {
    let is = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|it| it == value);
    let fits =
        |call: &&Call| is(&filter.call_id, &call.call_id) && is(&filter.wallet, &call.wallet);
    let state = world.state();
    let found: Vec<&Call> = state.switch.calls().iter().filter(fits).collect();
    Json(json!(found))
}

async fn messages(State(world): State<Shared>) -> Json<Value> {
    Json(json!(world.state().switch.messages))
}
