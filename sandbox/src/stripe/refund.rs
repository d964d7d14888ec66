//! Refunds: pending, done, or come back.

use super::balance_transaction;
use crate::{
    card::After,
    error::{ApiError, ApiResult},
    id, list,
    params::Params,
    state::{State, integer, text},
    stripe::method_card,
    template,
    timer::Due,
};
use serde_json::{Value, json};

/// How long a pending refund takes, and how long a doomed one looks well.
const PENDING_SECONDS: i64 = 10;

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
        ("POST", [id, "cancel"]) => cancel(state, id, params),
        _ => return None,
    })
}

fn create(state: &mut State, params: Params<'_>) -> ApiResult {
    params.only(&["amount", "charge", "metadata.*", "payment_intent", "reason"])?;
    let reasons = ["duplicate", "fraudulent", "requested_by_customer"];
    let reason = params.one_of("reason", &reasons)?;
    let charge = charge_of(state, params)?;
    let left = integer(charge, "amount") - integer(charge, "amount_refunded");
    let charge_id = text(charge, "id").to_owned();
    if charge["disputed"] == true && charge["_refundable"] != true {
        let message = format!("Charge {charge_id} has been charged back; cannot issue a refund.");
        return Err(ApiError::unexpected_state("charge_disputed", message));
    }
    if left == 0 {
        let message = format!("Charge {charge_id} has already been refunded.");
        return Err(ApiError::unexpected_state(
            "charge_already_refunded",
            message,
        ));
    }
    let amount = params.integer("amount")?.unwrap_or(left);
    if amount <= 0 {
        return Err(ApiError::invalid("Invalid positive integer").param("amount"));
    }
    if amount > left {
        let message = format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            dollars(amount),
            dollars(left)
        );
        return Err(ApiError::invalid(message).param("amount"));
    }
    let metadata = params.metadata("metadata", &json!({}))?;
    let fields = json!({
        "amount": amount,
        "charge": charge_id,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
    });
    let id = make(state, &charge_id, fields, left == amount);
    Ok(state.objects.known(&id).clone())
}

fn make(state: &mut State, charge_id: &str, fields: Value, all: bool) -> String {
    let charge = state.objects.known(charge_id);
    let refunded_before = integer(charge, "amount_refunded");
    let amount = integer(&fields, "amount");
    let after = charge["payment_method"]
        .as_str()
        .map_or(After::Nothing, |method| {
            method_card::test_card(state.objects.known(method)).after
        });
    let mut refund = template::fill(template::refund(), fields);
    let own = json!({ "id": id::new("re"), "created": state.now() });
    template::merge(&mut refund, own);
    refund["destination_details"]["card"]["reference"] = json!(id::letters(15));
    if after == After::RefundPends {
        refund["status"] = json!("pending");
        refund["pending_reason"] = json!("processing");
    }
    let id = state.objects.insert(refund);
    let transaction = balance_transaction::for_refund(state, &id, amount);
    state
        .objects
        .update(&id, json!({ "balance_transaction": transaction }));
    let changes = json!({ "amount_refunded": refunded_before + amount, "refunded": all });
    state.objects.update(charge_id, changes);
    let due = match after {
        After::RefundPends => Some(Due::SettleRefund(id.clone())),
        After::RefundFails => Some(Due::FailRefund(id.clone())),
        _ => None,
    };
    if let Some(due) = due {
        state.timers.at(state.now() + PENDING_SECONDS, due);
    }
    state.emit("refund.created", &id);
    let previous = json!({ "amount_refunded": refunded_before, "refunded": false });
    state.emit_changed("charge.refunded", charge_id, previous);
    id
}

/// A refund made by hand at Stripe's dashboard rather than over the API.
pub(crate) fn by_hand(state: &mut State, charge_id: &str, amount: Option<i64>) -> ApiResult {
    let mut form = json!({ "charge": charge_id, "reason": "requested_by_customer" });
    if let Some(amount) = amount {
        form["amount"] = json!(amount.to_string());
    }
    create(state, Params(&form))
}

fn charge_of<'a>(state: &'a State, params: Params<'_>) -> ApiResult<&'a Value> {
    let charge = if let Some(charge) = params.text("charge") {
        charge
    } else {
        let intent = params.text("payment_intent").ok_or_else(|| {
            ApiError::invalid("One of the following params should be provided for this request: payment_intent or charge.")
                .code("parameter_missing")
        })?;
        let intent = state
            .objects
            .get("payment_intent", intent, "payment_intent")?;
        if intent["status"] != "succeeded" {
            let message = "This PaymentIntent does not have a successful charge to refund.";
            return Err(ApiError::unexpected_state(
                "payment_intent_unexpected_state",
                message,
            ));
        }
        text(intent, "latest_charge")
    };
    let charge = state.objects.get("charge", charge, "charge")?;
    if charge["paid"] != true {
        let message = "This charge was not paid, so it cannot be refunded.";
        return Err(ApiError::unexpected_state("charge_not_refundable", message));
    }
    Ok(charge)
}

fn retrieve(state: &State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    Ok(state.objects.get("refund", id, "id")?.clone())
}

fn page(state: &State, params: Params<'_>) -> ApiResult {
    let own = ["charge", "payment_intent", "created", "created.*"];
    params.only(&[&own[..], &list::PAGING[..]].concat())?;
    let mut found = Vec::new();
    for refund in state.objects.of_kind("refund").rev() {
        if list::field_is(refund, params, "charge")
            && list::field_is(refund, params, "payment_intent")
            && list::created_within(refund, params)?
        {
            found.push(refund);
        }
    }
    list::page(found.into_iter(), params, "/v1/refunds")
}

fn cancel(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    let refund = state.objects.get("refund", id, "id")?;
    if refund["status"] != "requires_action" {
        let message = "Only refunds that wait for the customer can be canceled.";
        return Err(ApiError::unexpected_state("refund_not_cancelable", message));
    }
    come_back(state, id, "canceled");
    state.emit("refund.updated", id);
    Ok(state.objects.known(id).clone())
}

/// A pending refund reaches the card.
pub(crate) fn settle(state: &mut State, id: &str) {
    let refund = state.objects.find("refund", id);
    if refund.is_some_and(|refund| refund["status"] == "pending") {
        state.objects.update(id, json!({ "status": "succeeded" }));
        state.objects.drop_field(id, "pending_reason");
        state.emit_changed("refund.updated", id, json!({ "status": "pending" }));
    }
}

/// The bank could not take the money: it comes back to the merchant.
pub(crate) fn fail(state: &mut State, id: &str) {
    let refund = state.objects.find("refund", id);
    if !refund.is_some_and(|refund| matches!(text(refund, "status"), "pending" | "succeeded")) {
        return;
    }
    let previous = json!({ "status": refund.map(|refund| &refund["status"]) });
    come_back(state, id, "failed");
    state
        .objects
        .update(id, json!({ "failure_reason": "expired_or_canceled_card" }));
    state.emit_changed("refund.updated", id, previous);
    state.emit("refund.failed", id);
}

fn come_back(state: &mut State, id: &str, status: &str) {
    let refund = state.objects.known(id);
    let amount = integer(refund, "amount");
    let charge = text(refund, "charge").to_owned();
    let transaction = balance_transaction::for_failed_refund(state, id, amount);
    let changes = json!({ "status": status, "failure_balance_transaction": transaction });
    state.objects.update(id, changes);
    state.objects.drop_field(id, "pending_reason");
    let left = integer(state.objects.known(&charge), "amount_refunded") - amount;
    state.objects.update(
        &charge,
        json!({ "amount_refunded": left, "refunded": false }),
    );
}

fn dollars(cents: i64) -> String {
    format!("${}.{:02}", cents / 100, cents % 100)
}
