//! Payment methods: cards, of test numbers only.

use super::{customer, method_card};
use crate::{
    card::{self, Act, TestCard},
    error::{ApiError, ApiResult},
    id, list,
    params::Params,
    state::State,
    template,
};
use serde_json::{Value, json};

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
        ("POST", [id, "attach"]) => attach(state, id, params),
        ("POST", [id, "detach"]) => detach(state, id, params),
        _ => return None,
    })
}

/// `/v1/customers/{customer}/payment_methods[/{id}]`
pub(super) fn answer_of_customer(
    state: &mut State,
    method: &str,
    customer: &str,
    steps: &[&str],
    params: Params<'_>,
) -> Option<ApiResult> {
    if method != "GET" {
        return None;
    }
    Some(match steps {
        [] => page_of(state, customer, params),
        [id] => retrieve_of(state, customer, id, params),
        _ => return None,
    })
}

fn create(state: &mut State, params: Params<'_>) -> ApiResult {
    let known = [
        "type",
        "card.number",
        "card.exp_month",
        "card.exp_year",
        "card.cvc",
        "billing_details.*",
        "metadata.*",
    ];
    params.only(&known)?;
    params
        .one_of("type", &["card"])?
        .ok_or_else(|| ApiError::missing_param("type"))?;
    let number = params.required("card.number")?;
    let card = card::find(number).ok_or_else(|| {
        ApiError::card(
            "incorrect_number",
            "Your card number is not one of the test numbers.",
        )
    })?;
    let month = params.required_integer("card.exp_month")?;
    let year = params.required_integer("card.exp_year")?;
    let address = customer::address(params, "billing_details.address");
    let detail = |name: &str| params.value(&format!("billing_details.{name}"));
    let details = json!({
        "address": address,
        "email": detail("email"),
        "name": detail("name"),
        "phone": detail("phone"),
        "tax_id": null,
    });
    let id = make(state, card, (month, year), details);
    let metadata = params.metadata("metadata", &json!({}))?;
    state.objects.update(&id, json!({ "metadata": metadata }));
    Ok(state.objects.known(&id).clone())
}

/// A new payment method of a test card, with whom it bills.
pub(crate) fn make(
    state: &mut State,
    card: &TestCard,
    (month, year): (i64, i64),
    billing_details: Value,
) -> String {
    let mut method = template::fill(
        template::payment_method(),
        json!({ "id": id::new("pm"), "created": state.now(), "_number": card.number }),
    );
    template::merge(&mut method["billing_details"], billing_details);
    if method["billing_details"]["address"].is_null() {
        method["billing_details"]["address"] =
            template::payment_method()["billing_details"]["address"].clone();
    }
    template::merge(
        &mut method["card"],
        json!({
            "brand": card.brand,
            "display_brand": card.brand,
            "exp_month": month,
            "exp_year": year,
            "fingerprint": card.fingerprint(),
            "last4": card.last4(),
            "networks": { "available": [card.brand], "preferred": null },
        }),
    );
    method["card"]["checks"]["cvc_check"] = json!("pass");
    state.objects.insert(method)
}

/// A real payment method for one of Stripe's ready-made names, such as `pm_card_visa`.
pub(crate) fn make_ready(state: &mut State, name: &str) -> Option<String> {
    let card = card::ready_made(name)?;
    Some(make(state, card, (12, 2034), json!({})))
}

fn retrieve(state: &State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    Ok(state
        .objects
        .get("payment_method", id, "payment_method")?
        .clone())
}

fn retrieve_of(state: &State, owner: &str, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    customer::existing(state, owner, "customer")?;
    let method = state.objects.get("payment_method", id, "payment_method")?;
    if method["customer"] != owner {
        return Err(ApiError::no_such("payment_method", id, "payment_method"));
    }
    Ok(method.clone())
}

fn page(state: &State, params: Params<'_>) -> ApiResult {
    params.only(&[&["customer", "type", "allow_redisplay"], &list::PAGING[..]].concat())?;
    let owner = params.required("customer")?;
    list_of(state, owner, params, "/v1/payment_methods")
}

fn page_of(state: &State, owner: &str, params: Params<'_>) -> ApiResult {
    params.only(&[&["type", "allow_redisplay"], &list::PAGING[..]].concat())?;
    list_of(
        state,
        owner,
        params,
        &format!("/v1/customers/{owner}/payment_methods"),
    )
}

fn list_of(state: &State, owner: &str, params: Params<'_>, url: &str) -> ApiResult {
    customer::existing(state, owner, "customer")?;
    let found = saved(state, owner).filter(|method| {
        list::field_is(method, params, "type") && list::field_is(method, params, "allow_redisplay")
    });
    list::page(found, params, url)
}

/// The cards of a customer, newest first.
pub(crate) fn saved<'a>(state: &'a State, owner: &'a str) -> impl Iterator<Item = &'a Value> {
    let methods = state.objects.of_kind("payment_method").rev();
    methods.filter(move |method| method["customer"] == owner)
}

fn attach(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&["customer"])?;
    let owner = params.required("customer")?;
    customer::existing(state, owner, "customer")?;
    let id = match make_ready(state, id) {
        Some(made) => made,
        None => id.to_owned(),
    };
    let method = state.objects.get("payment_method", &id, "payment_method")?;
    if method["_detached"] == true {
        let message = "This PaymentMethod was previously detached from a Customer and may not be \
                       used again.";
        return Err(ApiError::invalid(message).param("payment_method"));
    }
    if !method["customer"].is_null() && method["customer"] != owner {
        let message = "The payment method you provided has already been attached to a customer.";
        return Err(ApiError::invalid(message).param("payment_method"));
    }
    if let Act::Decline(decline) = method_card::test_card(method).saving {
        return Err(decline.error());
    }
    bind(state, &id, &json!(owner));
    Ok(state.objects.known(&id).clone())
}

fn bind(state: &mut State, id: &str, owner: &Value) {
    if state.objects.known(id)["customer"] != *owner {
        state.objects.update(id, json!({ "customer": owner }));
        state.emit("payment_method.attached", id);
    }
}

/// Keeps a card for charges without the customer, who has just paid or authenticated with it.
pub(crate) fn save(state: &mut State, id: &str, owner: &Value) {
    let changes = json!({ "_saved_for_later": true, "allow_redisplay": "limited" });
    state.objects.update(id, changes);
    bind(state, id, owner);
}

fn detach(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    let method = state.objects.get("payment_method", id, "payment_method")?;
    if method["customer"].is_null() {
        let message = "The payment method you provided is not attached to a customer so detachment \
                       is impossible.";
        return Err(ApiError::invalid(message).param("payment_method"));
    }
    remove(state, id);
    Ok(state.objects.known(id).clone())
}

/// Takes a card from its customer, also as that customer's default.
pub(crate) fn remove(state: &mut State, id: &str) {
    let owner = state.objects.known(id)["customer"].clone();
    state
        .objects
        .update(id, json!({ "customer": null, "_detached": true }));
    if let Some(owner) = owner.as_str() {
        let settings = &state.objects.known(owner)["invoice_settings"];
        if settings["default_payment_method"] == id {
            let mut settings = settings.clone();
            settings["default_payment_method"] = Value::Null;
            state
                .objects
                .update(owner, json!({ "invoice_settings": settings }));
        }
    }
    state.emit_changed("payment_method.detached", id, json!({ "customer": owner }));
}

/// The id of a payment method that may pay for this customer. Ready-made ones become real.
pub(crate) fn usable(state: &mut State, method: &str, customer: Option<&str>) -> ApiResult<String> {
    if let Some(made) = make_ready(state, method) {
        return Ok(made);
    }
    let found = state
        .objects
        .get("payment_method", method, "payment_method")?;
    match (found["customer"].as_str(), customer) {
        (None, _) if found["_detached"] == true => Err(ApiError::invalid(
            "The provided PaymentMethod was previously used or detached from a Customer and may \
             not be used again.",
        )
        .param("payment_method")),
        (Some(owner), asked) if asked != Some(owner) => Err(ApiError::invalid(format!(
            "The PaymentMethod {method} belongs to another Customer."
        ))
        .param("payment_method")),
        _ => Ok(method.to_owned()),
    }
}
