//! Time, faults and the way of events.

use super::{answer, body, done};
use crate::{
    clock,
    error::ApiError,
    fault::Fault,
    state::text,
    webhook::{self, Mode},
    world::Shared,
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use serde_json::{Value, json};
use std::time::Duration;

pub(super) async fn reset(State(world): State<Shared>, headers: HeaderMap) -> Response {
    world.reset();
    done(&headers, json!({ "reset": true }))
}

pub(super) async fn clock(State(world): State<Shared>) -> Json<Value> {
    Json(read_clock(&world))
}

fn read_clock(world: &Shared) -> Value {
    let state = world.state();
    json!({
        "now": state.now(),
        "shown": clock::date_and_time(state.now()),
        "skipped_seconds": state.clock.skipped_seconds(),
    })
}

pub(super) async fn advance(
    State(world): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let result = body::object(&headers, &body).map(|body| {
        let by = Duration::from_secs(body::seconds(&body));
        // What becomes due on the way happens at once, in the order of time.
        world.act(|state| {
            state.clock.advance(by);
            state.tick();
        });
        read_clock(&world)
    });
    answer(&headers, result)
}

pub(super) async fn faults(State(world): State<Shared>) -> Json<Value> {
    Json(json!(world.state().faults.planned()))
}

pub(super) async fn plan_fault(
    State(world): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let result = body::read::<Fault>(&headers, &body).map(|fault| {
        let mut state = world.state();
        state.faults.plan(fault);
        json!(state.faults.planned())
    });
    answer(&headers, result)
}

pub(super) async fn clear_faults(State(world): State<Shared>, headers: HeaderMap) -> Response {
    world.state().faults.clear();
    done(&headers, json!([]))
}

pub(super) async fn webhooks(State(world): State<Shared>) -> Json<Value> {
    Json(read_webhooks(&world))
}

fn read_webhooks(world: &Shared) -> Value {
    let state = world.state();
    json!({
        "paused": state.webhooks.paused,
        "mode": state.webhooks.mode,
        "waiting": state.webhooks.waiting(),
        "delivered": state.webhooks.delivered,
    })
}

pub(super) async fn set_mode(
    State(world): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let result = body::read::<Mode>(&headers, &body).map(|mode| {
        world.state().webhooks.set_mode(mode);
        read_webhooks(&world)
    });
    answer(&headers, result)
}

pub(super) async fn pause(State(world): State<Shared>, headers: HeaderMap) -> Response {
    world.state().webhooks.paused = true;
    done(&headers, read_webhooks(&world))
}

pub(super) async fn resume(State(world): State<Shared>, headers: HeaderMap) -> Response {
    world.act(|state| state.webhooks.paused = false);
    done(&headers, read_webhooks(&world))
}

/// Sends an event again to every endpoint that wants it, whether it arrived or not.
pub(super) async fn resend(
    State(world): State<Shared>,
    Path(event): Path<String>,
    headers: HeaderMap,
) -> Response {
    let result = world.act(|state| {
        let kind = text(state.objects.get("event", &event, "event")?, "type").to_owned();
        let endpoints = webhook::endpoints_for(state, &kind);
        for endpoint in &endpoints {
            state.webhooks.send(&event, endpoint, Duration::ZERO);
        }
        Ok(json!({ "event": event, "endpoints": endpoints }))
    });
    answer(&headers, result)
}

/// From now on receipts appear so many seconds after their charges.
pub(super) async fn receipt_delay(
    State(world): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let result = body::object(&headers, &body).and_then(|body| {
        let seconds = i64::try_from(body::seconds(&body));
        let seconds = seconds.map_err(|_| ApiError::invalid("That is too long."))?;
        world.state().receipt_delay = seconds;
        Ok(json!({ "seconds": seconds }))
    });
    answer(&headers, result)
}
