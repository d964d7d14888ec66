//! Acts on single objects: what customers, banks and the merchant's staff do elsewhere.

use super::{answer, body, done, refused};
use crate::{
    clock,
    error::{ApiError, ApiResult},
    expand, pages,
    state::{State as Everything, text},
    stripe::{charge, dispute, method_card, payment_method, refund, session},
    world::Shared,
};
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// Runs an act with the body as its argument; events go out afterwards.
fn act(
    world: &Shared,
    headers: &HeaderMap,
    body: &Bytes,
    change: impl FnOnce(&mut Everything, &Value) -> ApiResult,
) -> Response {
    match body::object(headers, body) {
        Ok(body) => answer(headers, world.act(|state| change(state, &body))),
        Err(error) => refused(headers, &error),
    }
}

/// Pays an open session without its page: `{card?, save?, authenticate?, delayed?, seconds?}`.
pub(super) async fn pay(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(&world, &headers, &body, |state, body| {
        pages::pay_for_customer(state, &id, body)?;
        let session = state.objects.known(&id);
        Ok(expand::snapshot(state, session))
    })
}

pub(super) async fn expire(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(&world, &headers, &body, |state, _| {
        state.objects.get("checkout.session", &id, "session")?;
        session::expire_if_open(state, &id);
        Ok(expand::snapshot(state, state.objects.known(&id)))
    })
}

/// What the next charge of a card does: `{outcome}`.
pub(super) async fn plan_next(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(&world, &headers, &body, |state, body| {
        state.objects.get("payment_method", &id, "payment_method")?;
        let outcome = text(body, "outcome");
        if !method_card::plan_next(state, &id, outcome) {
            let message = "outcome must be succeeded, processing or a decline code.";
            return Err(ApiError::invalid(message).param("outcome"));
        }
        Ok(json!({ "payment_method": id, "next": outcome }))
    })
}

/// The card network tells of a renewed card: `{exp_month?, exp_year?, last4?}`.
pub(super) async fn update_card(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(&world, &headers, &body, |state, body| {
        let method = state.objects.get("payment_method", &id, "payment_method")?;
        let mut card = method["card"].clone();
        let previous = json!({ "card": card });
        for name in ["exp_month", "exp_year", "last4"] {
            if !body[name].is_null() {
                card[name] = body[name].clone();
            }
        }
        state.objects.update(&id, json!({ "card": card }));
        state.emit_changed("payment_method.automatically_updated", &id, previous);
        Ok(expand::snapshot(state, state.objects.known(&id)))
    })
}

/// A card removed at Stripe's own dashboard.
pub(super) async fn detach(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(&world, &headers, &body, |state, _| {
        let method = state.objects.get("payment_method", &id, "payment_method")?;
        if method["customer"].is_null() {
            return Err(ApiError::invalid("This card is not saved.").param("payment_method"));
        }
        payment_method::remove(state, &id);
        Ok(expand::snapshot(state, state.objects.known(&id)))
    })
}

/// A bank disputes a charge: `{kind?: chargeback | inquiry, reason?}`.
pub(super) async fn dispute(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(&world, &headers, &body, |state, body| {
        paid_charge(state, &id)?;
        let kind = match text(body, "kind") {
            "" | "chargeback" => dispute::Kind::Chargeback,
            "inquiry" => dispute::Kind::Inquiry,
            _ => return Err(ApiError::invalid("kind must be chargeback or inquiry.").param("kind")),
        };
        let reason = body["reason"].as_str().unwrap_or("fraudulent");
        let opened = dispute::open(state, &id, kind, reason);
        Ok(expand::snapshot(state, state.objects.known(&opened)))
    })
}

pub(super) async fn warn(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(&world, &headers, &body, |state, _| {
        paid_charge(state, &id)?;
        dispute::warn(state, &id);
        Ok(json!({ "charge": id }))
    })
}

/// The receipt of this charge appears later than the charge: `{seconds}`.
pub(super) async fn delay_receipt(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(&world, &headers, &body, |state, body| {
        paid_charge(state, &id)?;
        let seconds = i64::try_from(body::seconds(body));
        let seconds = seconds.map_err(|_| ApiError::invalid("That is too long."))?;
        charge::delay_receipt(state, &id, seconds);
        Ok(expand::snapshot(state, state.objects.known(&id)))
    })
}

/// A refund from Stripe's dashboard: `{amount?}` in cents.
pub(super) async fn refund(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(&world, &headers, &body, |state, body| {
        let refund = refund::by_hand(state, &id, body["amount"].as_i64())?;
        Ok(expand::snapshot(state, &refund))
    })
}

fn paid_charge(state: &Everything, id: &str) -> ApiResult<()> {
    let charge = state.objects.get("charge", id, "charge")?;
    if charge["paid"] != true {
        return Err(ApiError::invalid("This charge was not paid.").param("charge"));
    }
    Ok(())
}

/// `/refunds/{id}/fail` or `/settle`.
pub(super) async fn end_refund(
    State(world): State<Shared>,
    Path((id, act_name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(&world, &headers, &body, |state, _| {
        state.objects.get("refund", &id, "refund")?;
        match act_name.as_str() {
            "fail" => refund::fail(state, &id),
            "settle" => refund::settle(state, &id),
            other => return Err(ApiError::unknown_route("POST", other)),
        }
        Ok(expand::snapshot(state, state.objects.known(&id)))
    })
}

/// `/disputes/{id}/win`, `/lose`, `/prevent` or `/escalate`.
pub(super) async fn end_dispute(
    State(world): State<Shared>,
    Path((id, act_name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    act(&world, &headers, &body, |state, _| {
        match act_name.as_str() {
            "win" => dispute::end(state, &id, dispute::End::Won)?,
            "lose" => dispute::end(state, &id, dispute::End::Lost)?,
            "prevent" => dispute::end(state, &id, dispute::End::Prevented)?,
            "escalate" => dispute::escalate(state, &id)?,
            other => return Err(ApiError::unknown_route("POST", other)),
        }
        Ok(expand::snapshot(state, state.objects.known(&id)))
    })
}

/// Any object as the API would send it.
pub(super) async fn read(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let state = world.state();
    match state.objects.any(&id) {
        Some(object) => axum::Json(expand::snapshot(&state, object)).into_response(),
        None => (StatusCode::NOT_FOUND, axum::Json(Value::Null)).into_response(),
    }
}

/// Overwrites fields of an object, so that it lies: `{amount_received: 1}`.
pub(super) async fn tamper(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = match body::object(&headers, &body) {
        Ok(fields) => fields,
        Err(error) => return refused(&headers, &error),
    };
    let mut state = world.state();
    if state.objects.any(&id).is_none() {
        return refused(&headers, &ApiError::no_such("object", &id, "id"));
    }
    tracing::info!(object = id, at = clock::wall_clock(), "fields overwritten");
    state.objects.update(&id, fields);
    let object = expand::snapshot(&state, state.objects.known(&id));
    done(&headers, object)
}
