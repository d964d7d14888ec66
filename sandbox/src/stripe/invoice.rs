//! Invoices of paid Checkout Sessions, and which payment paid each.

use super::customer;
use crate::{
    error::ApiResult,
    id, list,
    params::Params,
    state::{State, integer, text},
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
        ("GET", []) => page(state, params),
        ("GET", [id]) => retrieve(state, id, params),
        _ => return None,
    })
}

/// `/v1/invoice_payments`
pub(super) fn answer_payments(
    state: &mut State,
    method: &str,
    steps: &[&str],
    params: Params<'_>,
) -> Option<ApiResult> {
    Some(match (method, steps) {
        ("GET", []) => page_of_payments(state, params),
        ("GET", [id]) => retrieve_payment(state, id, params),
        _ => return None,
    })
}

fn retrieve(state: &State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    Ok(state.objects.get("invoice", id, "invoice")?.clone())
}

fn retrieve_payment(state: &State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    Ok(state
        .objects
        .get("invoice_payment", id, "invoice_payment")?
        .clone())
}

fn page(state: &State, params: Params<'_>) -> ApiResult {
    let own = [
        "customer",
        "status",
        "collection_method",
        "created",
        "created.*",
    ];
    params.only(&[&own[..], &list::PAGING[..]].concat())?;
    let mut found = Vec::new();
    for invoice in state.objects.of_kind("invoice").rev() {
        if ["customer", "status", "collection_method"]
            .iter()
            .all(|name| list::field_is(invoice, params, name))
            && list::created_within(invoice, params)?
        {
            found.push(invoice);
        }
    }
    list::page(found.into_iter(), params, "/v1/invoices")
}

fn page_of_payments(state: &State, params: Params<'_>) -> ApiResult {
    let own = [
        "invoice",
        "status",
        "payment.type",
        "payment.payment_intent",
        "created",
        "created.*",
    ];
    params.only(&[&own[..], &list::PAGING[..]].concat())?;
    let by = params.text("payment.payment_intent");
    let mut found = Vec::new();
    for payment in state.objects.of_kind("invoice_payment").rev() {
        if list::field_is(payment, params, "invoice")
            && list::field_is(payment, params, "status")
            && by.is_none_or(|intent| payment["payment"]["payment_intent"] == intent)
            && list::created_within(payment, params)?
        {
            found.push(payment);
        }
    }
    list::page(found.into_iter(), params, "/v1/invoice_payments")
}

/// The invoices of a customer, newest first.
pub(crate) fn of_customer<'a>(state: &'a State, owner: &'a str) -> impl Iterator<Item = &'a Value> {
    let invoices = state.objects.of_kind("invoice").rev();
    invoices.filter(move |invoice| invoice["customer"] == owner)
}

/// Writes the invoice of a session that asked for one and has just been paid.
pub(crate) fn for_session(state: &mut State, session_id: &str) {
    let session = state.objects.known(session_id);
    if session["invoice_creation"]["enabled"] != true {
        return;
    }
    let session = session.clone();
    let id = draft(state, &session);
    state.emit("invoice.created", &id);
    finalize(state, &id, session["customer"].as_str());
    state.emit_changed("invoice.finalized", &id, json!({ "status": "draft" }));
    pay(state, &id, text(&session, "payment_intent"));
    state.objects.update(session_id, json!({ "invoice": id }));
    state.emit_changed("invoice.paid", &id, json!({ "status": "open" }));
    state.emit("invoice.payment_succeeded", &id);
}

fn draft(state: &mut State, session: &Value) -> String {
    let total = integer(session, "amount_total");
    let details = &session["customer_details"];
    let data = &session["invoice_creation"]["invoice_data"];
    let business = [&details["business_name"], &details["name"]];
    let name = business.into_iter().find(|name| name.is_string());
    let id = id::new("in");
    let now = state.now();
    let items = session["_line_items"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let lines = items.iter().map(|item| line(&id, item, now)).collect();
    let fields = json!({
        "id": id,
        "amount_due": total,
        "amount_remaining": total,
        "created": now,
        "currency": session["currency"],
        "customer": session["customer"],
        "customer_address": details["address"],
        "customer_email": details["email"],
        "customer_name": name,
        "customer_tax_ids": details["tax_ids"],
        "description": data["description"],
        "footer": data["footer"],
        "lines": list::whole(lines, &format!("/v1/invoices/{id}/lines")),
        "metadata": data["metadata"],
        "period_end": now,
        "period_start": now,
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_excluding_tax": total,
    });
    state
        .objects
        .insert(template::fill(template::invoice(), fields))
}

fn line(invoice: &str, item: &Value, now: i64) -> Value {
    let mut line = template::fill(
        template::invoice_line(),
        json!({
            "id": id::new("il"),
            "amount": item["amount_total"],
            "currency": item["currency"],
            "description": item["description"],
            "invoice": invoice,
            "period": { "end": now, "start": now },
            "quantity": item["quantity"],
            "quantity_decimal": integer(item, "quantity").to_string(),
            "subtotal": item["amount_subtotal"],
        }),
    );
    let price = &item["price"];
    line["pricing"]["price_details"] = json!({ "price": price["id"], "product": price["product"] });
    line["pricing"]["unit_amount_decimal"] = price["unit_amount_decimal"].clone();
    line
}

fn finalize(state: &mut State, id: &str, owner: Option<&str>) {
    let number = match owner {
        Some(owner) => customer::next_invoice_number(state, owner),
        None => format!("{}-0001", id::letters(8).to_uppercase()),
    };
    let mut transitions = state.objects.known(id)["status_transitions"].clone();
    transitions["finalized_at"] = json!(state.now());
    let changes = json!({
        "effective_at": state.now(),
        "ending_balance": 0,
        "number": number,
        "status": "open",
        "status_transitions": transitions,
    });
    state.objects.update(id, changes);
}

fn pay(state: &mut State, id: &str, payment_intent: &str) {
    let invoice = state.objects.known(id);
    let total = integer(invoice, "total");
    let currency = invoice["currency"].clone();
    let mut transitions = invoice["status_transitions"].clone();
    transitions["paid_at"] = json!(state.now());
    let changes = json!({
        "amount_paid": total,
        "amount_remaining": 0,
        "attempt_count": 1,
        "attempted": true,
        "status": "paid",
        "status_transitions": transitions,
    });
    state.objects.update(id, changes);
    let payment = json!({
        "id": id::new("inpay"),
        "amount_paid": total,
        "amount_requested": total,
        "created": state.now(),
        "currency": currency,
        "invoice": id,
        "payment": { "payment_intent": payment_intent, "type": "payment_intent" },
        "status_transitions": { "canceled_at": null, "paid_at": state.now() },
    });
    state
        .objects
        .insert(template::fill(template::invoice_payment(), payment));
}
