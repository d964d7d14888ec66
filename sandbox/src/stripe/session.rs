//! Checkout Sessions: open until paid, expired, or both at once refused.

use super::{customer, invoice, payment_intent, session_params, setup_intent};
use crate::{
    error::{ApiError, ApiResult},
    list,
    params::Params,
    state::{State, integer, text},
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
    let setup = session["mode"] == "setup";
    let id = state.objects.insert(session);
    if setup {
        add_setup_intent(state, &id, params)?;
    }
    state.timers.at(expires_at, Due::ExpireSession(id.clone()));
    Ok(state.objects.known(&id).clone())
}

/// A session that saves a card has its SetupIntent from the beginning.
fn add_setup_intent(state: &mut State, id: &str, params: Params<'_>) -> ApiResult<()> {
    let session = state.objects.known(id);
    let fields = json!({
        "customer": session["customer"],
        "description": params.value("setup_intent_data.description"),
        "metadata": params.metadata("setup_intent_data.metadata", &json!({}))?,
        "_return_url": success_url(session),
        "_session": id,
    });
    let intent = setup_intent::insert(state, fields);
    state.objects.update(id, json!({ "setup_intent": intent }));
    Ok(())
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
    let payment = session["payment_intent"].as_str().map(str::to_owned);
    let setup = session["setup_intent"].as_str().map(str::to_owned);
    state
        .objects
        .update(id, json!({ "status": "expired", "url": null }));
    if let Some(intent) = payment {
        payment_intent::close(state, &intent, Some("expired"));
    }
    if let Some(intent) = setup {
        setup_intent::close(state, &intent, Some("abandoned"));
    }
    state.emit("checkout.session.expired", id);
}

/// The session as the hosted page needs it.
pub(crate) fn find<'a>(state: &'a State, id: &str) -> Option<&'a Value> {
    state.objects.find(KIND, id)
}

/// The PaymentIntent of an open session, made at the first submit.
///
/// `save` is the customer's consent to keep the card.
pub(crate) fn payment_intent_of(state: &mut State, id: &str, save: bool) -> ApiResult<String> {
    let session = state.objects.known(id);
    let data = Params(&session["_payment_intent_data"]);
    let usage = data
        .text("setup_future_usage")
        .or(save.then_some("off_session"));
    if let Some(intent) = session["payment_intent"].as_str().map(str::to_owned) {
        state
            .objects
            .update(&intent, json!({ "setup_future_usage": usage }));
        return Ok(intent);
    }
    let fields = json!({
        "amount": session["amount_total"],
        "currency": session["currency"],
        "customer": session["customer"],
        "description": data.value("description"),
        "metadata": data.metadata("metadata", &json!({}))?,
        "receipt_email": data.value("receipt_email"),
        "setup_future_usage": usage,
        "statement_descriptor": data.value("statement_descriptor"),
        "statement_descriptor_suffix": data.value("statement_descriptor_suffix"),
        "_return_url": success_url(session),
        "_session": id,
    });
    let wanted = text(
        &session["payment_method_options"]["card"],
        "request_three_d_secure",
    )
    .to_owned();
    let intent = payment_intent::create_for_session(state, fields, &wanted);
    state
        .objects
        .update(id, json!({ "payment_intent": intent }));
    Ok(intent)
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
    let Some(id) = session_of(state, payment_intent) else {
        return;
    };
    let arrived_later = state.objects.known(&id)["status"] == "complete";
    if !arrived_later && state.objects.known(&id)["customer_creation"] == "always" {
        adopt(state, &id, payment_intent);
    }
    let changes = json!({ "status": "complete", "payment_status": "paid", "url": null });
    state.objects.update(&id, changes);
    invoice::for_session(state, &id);
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
    if let Some(id) = session_of(state, payment_intent) {
        state
            .objects
            .update(&id, json!({ "status": "complete", "url": null }));
        state.emit("checkout.session.completed", &id);
    }
}

/// Its slow payment did not arrive.
pub(crate) fn later_failed(state: &mut State, payment_intent: &str) {
    if let Some(id) = session_of(state, payment_intent) {
        state.emit("checkout.session.async_payment_failed", &id);
    }
}

/// Its SetupIntent succeeded: the card is kept and the session complete.
pub(crate) fn saved(state: &mut State, setup_intent: &str) {
    if let Some(id) = session_of(state, setup_intent) {
        state
            .objects
            .update(&id, json!({ "status": "complete", "url": null }));
        state.emit("checkout.session.completed", &id);
    }
}

/// The session that made a PaymentIntent or SetupIntent, if one did.
fn session_of(state: &State, intent: &str) -> Option<String> {
    state.objects.known(intent)["_session"]
        .as_str()
        .map(str::to_owned)
}

/// Where the customer goes after paying.
pub(crate) fn success_url(session: &Value) -> String {
    text(session, "success_url").replace("{CHECKOUT_SESSION_ID}", text(session, "id"))
}
