//! PaymentIntents: one wish to be paid, through all its tries.

use super::{customer, payment_method};
use crate::{
    amount,
    error::{ApiError, ApiResult},
    id, list,
    params::Params,
    payment::{self, Presence},
    state::{State, text},
    template,
};
use serde_json::{Value, json};

pub(super) const REQUEST_3DS: &str = "payment_method_options.card.request_three_d_secure";

const CREATE: [&str; 18] = [
    "allowed_payment_method_types[]",
    "amount",
    "automatic_payment_methods.*",
    "capture_method",
    "confirm",
    "currency",
    "customer",
    "description",
    "metadata.*",
    "off_session",
    "payment_method",
    REQUEST_3DS,
    "receipt_email",
    "return_url",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "error_on_requires_action",
];

pub(super) fn answer(
    state: &mut State,
    method: &str,
    steps: &[&str],
    params: Params<'_>,
) -> Option<ApiResult> {
    Some(match (method, steps) {
        ("POST", []) => create(state, params),
        ("GET", []) => page(state, params),
        ("GET", [id]) => retrieve(state, id, params),
        ("POST", [id]) => update(state, id, params),
        ("POST", [id, "confirm"]) => confirm(state, id, params),
        ("POST", [id, "cancel"]) => cancel(state, id, params),
        _ => return None,
    })
}

fn create(state: &mut State, params: Params<'_>) -> ApiResult {
    params.only(&CREATE)?;
    let fields = requested(state, params)?;
    let confirm = params.flag("confirm")?;
    if params.has("off_session") && !confirm {
        let message = "You cannot pass off_session without confirm=true.";
        return Err(ApiError::invalid(message).param("off_session"));
    }
    let id = insert(state, fields);
    if let Some(wanted) = params.text(REQUEST_3DS) {
        request_3ds(state, &id, wanted);
    }
    state.emit("payment_intent.created", &id);
    if confirm {
        run(state, &id, params)?;
    }
    Ok(state.objects.known(&id).clone())
}

/// The fields that the parameters ask for.
fn requested(state: &mut State, params: Params<'_>) -> ApiResult {
    let amount = params.required_integer("amount")?;
    let currency = params.required("currency")?.to_lowercase();
    amount::check(amount)?;
    if let Some(id) = params.text("customer") {
        customer::existing(state, id, "customer")?;
    }
    let usage = params.one_of("setup_future_usage", &["off_session", "on_session"])?;
    let metadata = params.metadata("metadata", &json!({}))?;
    let method = match params.text("payment_method") {
        Some(method) => Some(payment_method::usable(
            state,
            method,
            params.text("customer"),
        )?),
        None => None,
    };
    let waiting = if method.is_some() {
        "requires_confirmation"
    } else {
        "requires_payment_method"
    };
    Ok(json!({
        "amount": amount,
        "currency": currency,
        "customer": params.value("customer"),
        "description": params.value("description"),
        "metadata": metadata,
        "payment_method": method,
        "receipt_email": params.value("receipt_email"),
        "setup_future_usage": usage,
        "statement_descriptor": params.value("statement_descriptor"),
        "statement_descriptor_suffix": params.value("statement_descriptor_suffix"),
        "status": waiting,
        "_return_url": params.value("return_url"),
    }))
}

/// A PaymentIntent that Checkout makes when the customer submits. Its fields are over the template.
pub(crate) fn create_for_session(state: &mut State, fields: Value, wanted_3ds: &str) -> String {
    let id = insert(state, fields);
    request_3ds(state, &id, wanted_3ds);
    state.emit("payment_intent.created", &id);
    id
}

fn insert(state: &mut State, fields: Value) -> String {
    let id = id::new("pi");
    let mut intent = template::fill(template::payment_intent(), fields);
    let own = json!({
        "id": id,
        "client_secret": payment::client_secret(&id),
        "created": state.now(),
    });
    template::merge(&mut intent, own);
    state.objects.insert(intent)
}

/// Writes down when the bank's question is asked: `automatic`, `any` or `challenge`.
fn request_3ds(state: &mut State, id: &str, wanted: &str) {
    let mut options = state.objects.known(id)["payment_method_options"].clone();
    options["card"]["request_three_d_secure"] = json!(wanted);
    state
        .objects
        .update(id, json!({ "payment_method_options": options }));
}

fn retrieve(state: &State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&["client_secret"])?;
    Ok(state.objects.get("payment_intent", id, "intent")?.clone())
}

fn update(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[
        "amount",
        "description",
        "metadata.*",
        "receipt_email",
        "setup_future_usage",
    ])?;
    let intent = state.objects.get("payment_intent", id, "intent")?;
    let mut changes = json!({ "metadata": params.metadata("metadata", &intent["metadata"])? });
    for name in ["description", "receipt_email", "setup_future_usage"] {
        if params.has(name) {
            changes[name] = params.value(name);
        }
    }
    if let Some(amount) = params.integer("amount")? {
        amount::check(amount)?;
        expect_status(
            intent,
            &["requires_payment_method", "requires_confirmation"],
            "update",
        )?;
        changes["amount"] = json!(amount);
    }
    state.objects.update(id, changes);
    Ok(state.objects.known(id).clone())
}

fn confirm(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[
        "off_session",
        "payment_method",
        "return_url",
        "setup_future_usage",
    ])?;
    let intent = state.objects.get("payment_intent", id, "intent")?;
    let open = ["requires_payment_method", "requires_confirmation"];
    expect_status(intent, &open, "confirm")?;
    let customer = intent["customer"].as_str().map(str::to_owned);
    if let Some(method) = params.text("payment_method") {
        let method = payment_method::usable(state, method, customer.as_deref())?;
        state
            .objects
            .update(id, json!({ "payment_method": method }));
    }
    if params.has("return_url") {
        state
            .objects
            .update(id, json!({ "_return_url": params.value("return_url") }));
    }
    run(state, id, params)?;
    Ok(state.objects.known(id).clone())
}

fn run(state: &mut State, id: &str, params: Params<'_>) -> ApiResult<()> {
    let Some(method) = state.objects.known(id)["payment_method"]
        .as_str()
        .map(str::to_owned)
    else {
        let message =
            "You cannot confirm this PaymentIntent because it's missing a payment method.";
        return Err(ApiError::unexpected_state(
            "payment_intent_unexpected_state",
            message,
        ));
    };
    let away = !matches!(params.text("off_session"), None | Some("false"));
    let presence = if away {
        Presence::OffSession
    } else {
        Presence::OnSession
    };
    payment::confirm(state, id, &method, presence)
}

fn cancel(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&["cancellation_reason"])?;
    let reasons = [
        "abandoned",
        "duplicate",
        "fraudulent",
        "requested_by_customer",
    ];
    let reason = params.one_of("cancellation_reason", &reasons)?;
    let intent = state.objects.get("payment_intent", id, "intent")?;
    if !intent["_session"].is_null() {
        let message = "This PaymentIntent was created by a Checkout Session and cannot be \
                       canceled: expire the session instead.";
        return Err(ApiError::unexpected_state(
            "payment_intent_unexpected_state",
            message,
        ));
    }
    let open = [
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
    ];
    expect_status(intent, &open, "cancel")?;
    close(state, id, reason);
    Ok(state.objects.known(id).clone())
}

/// Cancels without asking, as the end of a Checkout Session does.
pub(crate) fn close(state: &mut State, id: &str, reason: Option<&str>) {
    let changes = json!({
        "status": "canceled",
        "canceled_at": state.now(),
        "cancellation_reason": reason,
        "next_action": null,
    });
    state.objects.update(id, changes);
    state.emit("payment_intent.canceled", id);
}

fn page(state: &State, params: Params<'_>) -> ApiResult {
    params.only(&[&["customer", "created", "created.*"], &list::PAGING[..]].concat())?;
    let mut found = Vec::new();
    for intent in state.objects.of_kind("payment_intent").rev() {
        if list::field_is(intent, params, "customer") && list::created_within(intent, params)? {
            found.push(intent);
        }
    }
    list::page(found.into_iter(), params, "/v1/payment_intents")
}

fn expect_status(intent: &Value, allowed: &[&str], act: &str) -> ApiResult<()> {
    let status = text(intent, "status");
    if allowed.contains(&status) {
        return Ok(());
    }
    let message =
        format!("You cannot {act} this PaymentIntent because it has a status of {status}.");
    Err(
        ApiError::unexpected_state("payment_intent_unexpected_state", message)
            .with("payment_intent", intent.clone()),
    )
}
