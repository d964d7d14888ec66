//! Charges: each try to take money, and what became of it.

use super::{balance_transaction, method_card};
use crate::{
    decline::Decline,
    error::ApiResult,
    id, list,
    params::Params,
    state::{State, integer, text},
    template,
    timer::Due,
};
use serde_json::{Value, json};

pub(super) fn answer(
    state: &mut State,
    method: &str,
    steps: &[&str],
    params: Params<'_>,
) -> Option<ApiResult> {
    Some(match (method, steps) {
        ("GET", []) => page(state, params),
        ("GET", [id]) => retrieve(state, id, params),
        _ => return None,
    })
}

fn retrieve(state: &State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    Ok(state.objects.get("charge", id, "id")?.clone())
}

fn page(state: &State, params: Params<'_>) -> ApiResult {
    let own = ["customer", "payment_intent", "created", "created.*"];
    params.only(&[&own[..], &list::PAGING[..]].concat())?;
    let mut found = Vec::new();
    for charge in state.objects.of_kind("charge").rev() {
        if list::field_is(charge, params, "customer")
            && list::field_is(charge, params, "payment_intent")
            && list::created_within(charge, params)?
        {
            found.push(charge);
        }
    }
    list::page(found.into_iter(), params, "/v1/charges")
}

/// Money taken for a PaymentIntent; the id of the charge.
pub(crate) fn create_paid(state: &mut State, payment_intent: &str) -> String {
    let mut charge = drawn(state, payment_intent);
    let amount = integer(&charge, "amount");
    charge["amount_captured"] = json!(amount);
    let id = state.objects.insert(charge);
    let transaction = balance_transaction::for_charge(state, &id, amount);
    state
        .objects
        .update(&id, json!({ "balance_transaction": transaction }));
    if state.receipt_delay > 0 {
        delay_receipt(state, &id, state.receipt_delay);
    }
    id
}

/// Its receipt appears so many seconds from now; an event tells when.
pub(crate) fn delay_receipt(state: &mut State, id: &str, seconds: i64) {
    let at = state.now() + seconds;
    state.objects.update(id, json!({ "_receipt_after": at }));
    state.timers.at(at, Due::ShowReceipt(id.to_owned()));
}

/// A try that the bank declined; the id of the charge.
pub(crate) fn create_failed(state: &mut State, payment_intent: &str, decline: Decline) -> String {
    let mut charge = drawn(state, payment_intent);
    let reason = decline.decline_code.unwrap_or(decline.code);
    template::merge(
        &mut charge,
        json!({
            "captured": false,
            "failure_code": decline.code,
            "failure_message": decline.message,
            "paid": false,
            "status": "failed",
        }),
    );
    template::merge(
        &mut charge["outcome"],
        json!({
            "advice_code": decline.advice_code,
            "network_status": "declined_by_network",
            "reason": reason,
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        }),
    );
    state.objects.insert(charge)
}

/// A charge with what the PaymentIntent and its payment method say.
fn drawn(state: &State, payment_intent: &str) -> Value {
    let intent = state.objects.known(payment_intent);
    let method = state.objects.known(text(intent, "payment_method"));
    let mut charge = template::fill(
        template::charge(),
        json!({
            "id": id::new("ch"),
            "amount": intent["amount"],
            "billing_details": method["billing_details"],
            "created": state.now(),
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "metadata": intent["metadata"],
            "payment_intent": payment_intent,
            "payment_method": method["id"],
            "receipt_email": intent["receipt_email"],
            "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        }),
    );
    let card = &mut charge["payment_method_details"]["card"];
    template::merge(card, method_card::charged_card(method));
    card["amount_authorized"] = intent["amount"].clone();
    card["overcapture"]["maximum_amount_capturable"] = intent["amount"].clone();
    charge
}
