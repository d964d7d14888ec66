//! Checkout Sessions: open until paid, expired, or both at once refused.

use super::{customer, payment_intent, session_params};
use crate::{
    error::{ApiError, ApiResult},
    list,
    params::Params,
    state::{State, integer, text},
    template,
    timer::Due,
};
use serde_json::{Map, Value, json};

const KIND: &str = "checkout.session";

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
        ("POST", [id, "expire"]) => expire(state, id, params),
        ("GET", [id, "line_items"]) => line_items(state, id, params),
        _ => return None,
    })
}

fn create(state: &mut State, params: Params<'_>) -> ApiResult {
    let session = session_params::read(state, params)?;
    let expires_at = integer(&session, "expires_at");
    let id = state.objects.insert(session);
    state.timers.at(expires_at, Due::ExpireSession(id.clone()));
    Ok(state.objects.known(&id).clone())
}

fn retrieve(state: &State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    Ok(state.objects.get(KIND, id, "session")?.clone())
}

fn page(state: &State, params: Params<'_>) -> ApiResult {
    let own = [
        "customer",
        "payment_intent",
        "status",
        "created",
        "created.*",
    ];
    params.only(&[&own[..], &list::PAGING[..]].concat())?;
    let mut found = Vec::new();
    for session in state.objects.of_kind(KIND).rev() {
        if ["customer", "payment_intent", "status"]
            .iter()
            .all(|name| list::field_is(session, params, name))
            && list::created_within(session, params)?
        {
            found.push(session);
        }
    }
    list::page(found.into_iter(), params, "/v1/checkout/sessions")
}

fn line_items(state: &State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&list::PAGING)?;
    let session = state.objects.get(KIND, id, "session")?;
    let items = session["_line_items"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    list::page(
        items.iter(),
        params,
        &format!("/v1/checkout/sessions/{id}/line_items"),
    )
}

fn expire(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    let session = state.objects.get(KIND, id, "session")?;
    if session["status"] != "open" {
        let message = format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout \
             Session has a status of `{}`.",
            text(session, "status")
        );
        return Err(ApiError::invalid(message));
    }
    expire_if_open(state, id);
    Ok(state.objects.known(id).clone())
}

/// The end of a session that nobody paid; a paid one stays as it is.
pub(crate) fn expire_if_open(state: &mut State, id: &str) {
    let Some(session) = state.objects.find(KIND, id) else {
        return;
    };
    if session["status"] != "open" {
        return;
    }
    let intent = session["payment_intent"].as_str().map(str::to_owned);
    state
        .objects
        .update(id, json!({ "status": "expired", "url": null }));
    if let Some(intent) = intent {
        payment_intent::close(state, &intent, Some("expired"));
    }
    state.emit("checkout.session.expired", id);
}

/// The session as the hosted page needs it.
pub(crate) fn find<'a>(state: &'a State, id: &str) -> Option<&'a Value> {
    state.objects.find(KIND, id)
}

/// The PaymentIntent of an open session, made at the first submit.
pub(crate) fn payment_intent_of(state: &mut State, id: &str) -> ApiResult<String> {
    let session = state.objects.known(id);
    if let Some(intent) = session["payment_intent"].as_str() {
        return Ok(intent.to_owned());
    }
    let data = Params(&session["_payment_intent_data"]);
    let save = save_wanted(session);
    let mut fields = json!({
        "amount": session["amount_total"],
        "currency": session["currency"],
        "customer": session["customer"],
        "description": data.value("description"),
        "metadata": data.metadata("metadata", &json!({}))?,
        "receipt_email": data.value("receipt_email"),
        "setup_future_usage": data.value("setup_future_usage"),
        "statement_descriptor": data.value("statement_descriptor"),
        "statement_descriptor_suffix": data.value("statement_descriptor_suffix"),
        "_session": id,
    });
    if save {
        fields["setup_future_usage"] = json!("off_session");
    }
    let intent = payment_intent::create_for_session(state, fields);
    state
        .objects
        .update(id, json!({ "payment_intent": intent }));
    Ok(intent)
}

/// The customer has ticked the box that keeps the card.
fn save_wanted(session: &Value) -> bool {
    session["_save"] == true
}

/// What the customer typed about himself, kept on the session and, where allowed, on the customer.
pub(crate) fn note_customer(state: &mut State, id: &str, details: Value) {
    let session = state.objects.known(id);
    let allowed = Params(&session["_customer_update"]);
    let mut learned = Map::new();
    if allowed.text("address") == Some("auto") && details["address"].is_object() {
        learned.insert("address".to_owned(), details["address"].clone());
    }
    let business = [&details["business_name"], &details["name"]];
    let name = business.into_iter().find(|name| name.is_string());
    if let (Some("auto"), Some(name)) = (allowed.text("name"), name) {
        learned.insert("name".to_owned(), name.clone());
    }
    let known = session["customer"].as_str().map(str::to_owned);
    if let Some(customer) = &known {
        customer::learn(state, customer, learned);
    }
    state
        .objects
        .update(id, json!({ "customer_details": details }));
}

/// Its PaymentIntent succeeded: the session is complete, or its slow payment has arrived.
pub(crate) fn paid(state: &mut State, payment_intent: &str) {
    let Some(id) = state.objects.known(payment_intent)["_session"]
        .as_str()
        .map(str::to_owned)
    else {
        return;
    };
    let arrived_later = state.objects.known(&id)["status"] == "complete";
    if !arrived_later && state.objects.known(&id)["customer_creation"] == "always" {
        adopt(state, &id, payment_intent);
    }
    let changes = json!({ "status": "complete", "payment_status": "paid", "url": null });
    state.objects.update(&id, changes);
    state.emit(
        if arrived_later {
            "checkout.session.async_payment_succeeded"
        } else {
            "checkout.session.completed"
        },
        &id,
    );
}

/// Makes a customer of a buyer who was none.
fn adopt(state: &mut State, id: &str, payment_intent: &str) {
    let details = state.objects.known(id)["customer_details"].clone();
    let customer = customer::create_for(state, &details["email"], &details["name"]);
    for object in [id, payment_intent] {
        state
            .objects
            .update(object, json!({ "customer": customer }));
    }
}

/// Its payment is on a slow way: complete for the customer, unpaid for the merchant.
pub(crate) fn paid_later(state: &mut State, payment_intent: &str) {
    if let Some(id) = state.objects.known(payment_intent)["_session"]
        .as_str()
        .map(str::to_owned)
    {
        state
            .objects
            .update(&id, json!({ "status": "complete", "url": null }));
        state.emit("checkout.session.completed", &id);
    }
}

/// Its slow payment did not arrive.
pub(crate) fn later_failed(state: &mut State, payment_intent: &str) {
    if let Some(id) = state.objects.known(payment_intent)["_session"]
        .as_str()
        .map(str::to_owned)
    {
        state.emit("checkout.session.async_payment_failed", &id);
    }
}

/// Where the customer goes after paying.
pub(crate) fn success_url(session: &Value) -> String {
    text(session, "success_url").replace("{CHECKOUT_SESSION_ID}", text(session, "id"))
}

/// Fields of the sandbox's own on a session.
pub(crate) fn remember(state: &mut State, id: &str, fields: Value) {
    let mut session = Value::Object(Map::new());
    template::merge(&mut session, fields);
    state.objects.update(id, session);
}
