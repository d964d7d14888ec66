//! From what the sandbox keeps to what it sends: ids expanded on request, private fields left
//! out, links that expire minted anew.

use crate::{
    error::{ApiError, ApiResult},
    link::DAY,
    list,
    params::Params,
    state::{State, integer, text},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const MAX_DEPTH: usize = 4;
const RECEIPT_DAYS: i64 = 30;
const INVOICE_DAYS: i64 = 10;

/// The answer as it is sent, with what `expand[]` asks for.
pub(crate) fn present(state: &State, mut answer: Value, params: Params<'_>) -> ApiResult {
    for path in params.list("expand") {
        let steps: Vec<&str> = path.split('.').collect();
        let depth = steps.iter().filter(|step| **step != "data").count();
        if depth > MAX_DEPTH {
            return Err(ApiError::invalid(format!(
                "You cannot expand more than {MAX_DEPTH} levels of a property. Property: {path}"
            ))
            .param("expand"));
        }
        expand(state, &mut answer, &steps).ok_or_else(|| {
            ApiError::invalid(format!("This property cannot be expanded ({path})."))
                .code("parameter_invalid_string")
                .param("expand[0]")
        })?;
    }
    finish(state, &mut answer);
    Ok(answer)
}

/// An object as an event or another object embeds it.
pub(crate) fn snapshot(state: &State, object: &Value) -> Value {
    let mut object = object.clone();
    finish(state, &mut object);
    object
}

/// `None` when the property cannot be expanded.
fn expand(state: &State, value: &mut Value, steps: &[&str]) -> Option<()> {
    let Some((step, rest)) = steps.split_first() else {
        return Some(());
    };
    if *step == "data" {
        let items = value.get_mut("data")?.as_array_mut()?;
        return items
            .iter_mut()
            .try_for_each(|item| expand(state, item, rest));
    }
    if value.get(*step).is_none() {
        let list = included(state, value, step)?;
        value[*step] = list;
    }
    let field = value.get_mut(*step)?;
    if let Some(id) = field.as_str() {
        *field = state.objects.any(id)?.clone();
    }
    if field.is_null() {
        return Some(());
    }
    (field.is_object() || field.is_array()).then_some(())?;
    expand(state, field, rest)
}

/// Lists that are part of an object only when asked for.
fn included(state: &State, object: &Value, name: &str) -> Option<Value> {
    let id = text(object, "id");
    match (text(object, "object"), name) {
        ("checkout.session", "line_items") => {
            let items = object["_line_items"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            Some(list::whole(
                items,
                &format!("/v1/checkout/sessions/{id}/line_items"),
            ))
        }
        ("charge", "refunds") => {
            let refunds = state.objects.of_kind("refund").rev();
            let refunds = refunds
                .filter(|refund| refund["charge"] == id)
                .cloned()
                .collect();
            Some(list::whole(refunds, &format!("/v1/charges/{id}/refunds")))
        }
        ("invoice", "payments") => {
            let payments = state.objects.of_kind("invoice_payment").rev();
            let payments = payments
                .filter(|payment| payment["invoice"] == id)
                .cloned()
                .collect();
            Some(list::whole(
                payments,
                &format!("/v1/invoice_payments?invoice={id}"),
            ))
        }
        _ => None,
    }
}

fn finish(state: &State, value: &mut Value) {
    if value["object"] == "event" {
        return finish_event(value);
    }
    match value {
        Value::Object(map) => {
            map.retain(|name, _| !name.starts_with('_'));
            map.values_mut().for_each(|value| finish(state, value));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| finish(state, item)),
        _ => return,
    }
    match text(value, "object") {
        "charge" => mint_receipt(state, value),
        "invoice" => mint_invoice(state, value),
        _ => {}
    }
}

/// Puts the snapshot back; it stays as it was when the event happened.
fn finish_event(event: &mut Value) {
    if let Some(data) = event["_data"].as_str().map(serde_json::from_str) {
        event["data"] = data.expect("snapshots are written by the sandbox");
    }
    if let Some(fields) = event.as_object_mut() {
        fields.retain(|name, _| !name.starts_with('_'));
    }
}

fn mint_receipt(state: &State, charge: &mut Value) {
    let id = text(charge, "id");
    let Some(kept) = state.objects.any(id) else {
        return;
    };
    let ready = integer(kept, "_receipt_after") <= state.now();
    if charge["paid"] != true || !ready {
        charge["receipt_url"] = Value::Null;
        return;
    }
    let token = state
        .links
        .mint("receipt", id, state.now() + RECEIPT_DAYS * DAY);
    let number = receipt_number(id);
    charge["receipt_url"] = json!(format!("{}/receipts/{token}", state.public_url));
    charge["receipt_number"] = json!(number);
}

/// The number printed on the receipt of a charge: always the same one.
pub(crate) fn receipt_number(charge: &str) -> String {
    let digest = Sha256::digest(charge);
    let [high, low] = [[digest[0], digest[1]], [digest[2], digest[3]]]
        .map(|bytes| u16::from_be_bytes(bytes) % 10_000);
    format!("{high:04}-{low:04}")
}

fn mint_invoice(state: &State, invoice: &mut Value) {
    if invoice["status"] == "draft" {
        return;
    }
    let id = text(invoice, "id");
    let token = state
        .links
        .mint("invoice", id, state.now() + INVOICE_DAYS * DAY);
    let page = format!("{}/i/{token}", state.public_url);
    invoice["invoice_pdf"] = json!(format!("{page}/pdf"));
    invoice["hosted_invoice_url"] = json!(page);
}
