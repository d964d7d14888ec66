//! SetupIntents: the wish to keep a card.

use super::{customer, payment_method};
use crate::{
    error::{ApiError, ApiResult},
    id,
    params::Params,
    payment::{self, Presence},
    setup,
    state::{State, text},
    template,
};
use serde_json::{Value, json};

const CREATE: [&str; 9] = [
    "allowed_payment_method_types[]",
    "automatic_payment_methods.*",
    "confirm",
    "customer",
    "description",
    "metadata.*",
    "payment_method",
    "return_url",
    "usage",
];

pub(super) fn answer(
    state: &mut State,
    method: &str,
    steps: &[&str],
    params: Params<'_>,
) -> Option<ApiResult> {
    Some(match (method, steps) {
        ("POST", []) => create(state, params),
        ("GET", [id]) => retrieve(state, id, params),
        ("POST", [id, "confirm"]) => confirm(state, id, params),
        ("POST", [id, "cancel"]) => cancel(state, id, params),
        _ => return None,
    })
}

fn create(state: &mut State, params: Params<'_>) -> ApiResult {
    params.only(&CREATE)?;
    let owner = params.text("customer");
    if let Some(id) = owner {
        customer::existing(state, id, "customer")?;
    }
    let method = match params.text("payment_method") {
        Some(method) => Some(payment_method::usable(state, method, owner)?),
        None => None,
    };
    let usage = params.one_of("usage", &["off_session", "on_session"])?;
    let confirm = params.flag("confirm")?;
    let fields = json!({
        "customer": owner,
        "description": params.value("description"),
        "metadata": params.metadata("metadata", &json!({}))?,
        "payment_method": method,
        "status": if method.is_some() { "requires_confirmation" } else { "requires_payment_method" },
        "usage": usage.unwrap_or("off_session"),
        "_return_url": params.value("return_url"),
    });
    let id = insert(state, fields);
    if confirm {
        run(state, &id)?;
    }
    Ok(state.objects.known(&id).clone())
}

/// A SetupIntent with these fields over the template; its id.
pub(crate) fn insert(state: &mut State, fields: Value) -> String {
    let id = id::new("seti");
    let mut intent = template::fill(template::setup_intent(), fields);
    let own = json!({
        "id": id,
        "client_secret": payment::client_secret(&id),
        "created": state.now(),
    });
    template::merge(&mut intent, own);
    state.objects.insert(intent);
    state.emit("setup_intent.created", &id);
    id
}

fn retrieve(state: &State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&["client_secret"])?;
    Ok(state.objects.get("setup_intent", id, "intent")?.clone())
}

fn confirm(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&["payment_method", "return_url"])?;
    let intent = state.objects.get("setup_intent", id, "intent")?;
    expect_open(intent, "confirm")?;
    let owner = intent["customer"].as_str().map(str::to_owned);
    if let Some(method) = params.text("payment_method") {
        let method = payment_method::usable(state, method, owner.as_deref())?;
        state
            .objects
            .update(id, json!({ "payment_method": method }));
    }
    if params.has("return_url") {
        state
            .objects
            .update(id, json!({ "_return_url": params.value("return_url") }));
    }
    run(state, id)?;
    Ok(state.objects.known(id).clone())
}

fn run(state: &mut State, id: &str) -> ApiResult<()> {
    let method = state.objects.known(id)["payment_method"]
        .as_str()
        .map(str::to_owned);
    let Some(method) = method else {
        let message = "You cannot confirm this SetupIntent because it's missing a payment method.";
        return Err(ApiError::unexpected_state(
            "setup_intent_unexpected_state",
            message,
        ));
    };
    setup::confirm(state, id, &method, Presence::OnSession)
}

fn cancel(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&["cancellation_reason"])?;
    let reasons = ["abandoned", "duplicate", "requested_by_customer"];
    let reason = params.one_of("cancellation_reason", &reasons)?;
    let intent = state.objects.get("setup_intent", id, "intent")?;
    if !intent["_session"].is_null() {
        let message = "This SetupIntent was created by a Checkout Session and cannot be canceled: \
                       expire the session instead.";
        return Err(ApiError::unexpected_state(
            "setup_intent_unexpected_state",
            message,
        ));
    }
    expect_open(intent, "cancel")?;
    close(state, id, reason);
    Ok(state.objects.known(id).clone())
}

/// Cancels without asking, as the end of a Checkout Session does.
pub(crate) fn close(state: &mut State, id: &str, reason: Option<&str>) {
    let changes = json!({
        "status": "canceled",
        "cancellation_reason": reason,
        "next_action": null,
    });
    state.objects.update(id, changes);
    state.emit("setup_intent.canceled", id);
}

fn expect_open(intent: &Value, act: &str) -> ApiResult<()> {
    let status = text(intent, "status");
    if matches!(
        status,
        "requires_payment_method" | "requires_confirmation" | "requires_action"
    ) {
        return Ok(());
    }
    let message = format!("You cannot {act} this SetupIntent because it has a status of {status}.");
    Err(ApiError::unexpected_state(
        "setup_intent_unexpected_state",
        message,
    ))
}
