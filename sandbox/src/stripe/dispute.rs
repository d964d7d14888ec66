//! Disputes: a bank takes money back for its customer, or only asks.

use super::balance_transaction;
use crate::{
    error::{ApiError, ApiResult},
    expand, id, list,
    params::Params,
    state::{State, integer, text},
    template,
};
use serde_json::{Value, json};

/// How long the merchant may answer.
const ANSWER_SECONDS: i64 = 9 * 86_400;

/// Whether money leaves at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Chargeback,
    Inquiry,
}

/// How a dispute ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Won,
    Lost,
    Prevented,
}

pub(super) fn answer(
    state: &mut State,
    method: &str,
    steps: &[&str],
    params: Params<'_>,
) -> Option<ApiResult> {
    Some(match (method, steps) {
        ("GET", []) => page(state, params),
        ("GET", [id]) => retrieve(state, id, params),
        ("POST", [id]) => update(state, id, params),
        ("POST", [id, "close"]) => close(state, id, params),
        _ => return None,
    })
}

fn retrieve(state: &State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    Ok(state.objects.get("dispute", id, "dispute")?.clone())
}

fn page(state: &State, params: Params<'_>) -> ApiResult {
    let own = ["charge", "payment_intent", "created", "created.*"];
    params.only(&[&own[..], &list::PAGING[..]].concat())?;
    let mut found = Vec::new();
    for dispute in state.objects.of_kind("dispute").rev() {
        if list::field_is(dispute, params, "charge")
            && list::field_is(dispute, params, "payment_intent")
            && list::created_within(dispute, params)?
        {
            found.push(dispute);
        }
    }
    list::page(found.into_iter(), params, "/v1/disputes")
}

fn update(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&["evidence.*", "metadata.*", "submit"])?;
    let dispute = open_one(state, id)?;
    let mut changes = json!({ "metadata": params.metadata("metadata", &dispute["metadata"])? });
    if let Some(Value::Object(given)) = params.get("evidence") {
        let mut evidence = dispute["evidence"].clone();
        for (name, value) in given {
            if evidence.get(name).is_none() {
                return Err(ApiError::unknown_param(&format!("evidence[{name}]")));
            }
            evidence[name] = value.clone();
        }
        let mut details = dispute["evidence_details"].clone();
        details["has_evidence"] = json!(true);
        let submit = !params.has("submit") || params.flag("submit")?;
        if submit {
            details["submission_method"] = json!("manual");
            details["submission_count"] = json!(integer(&details, "submission_count") + 1);
            let inquiry = text(dispute, "status").starts_with("warning_");
            let status = if inquiry {
                "warning_under_review"
            } else {
                "under_review"
            };
            changes["status"] = json!(status);
        }
        changes["evidence"] = evidence;
        changes["evidence_details"] = details;
    }
    let previous = json!({ "status": dispute["status"] });
    state.objects.update(id, changes);
    state.emit_changed("charge.dispute.updated", id, previous);
    Ok(state.objects.known(id).clone())
}

/// The merchant gives up.
fn close(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    open_one(state, id)?;
    end(state, id, End::Lost)?;
    Ok(state.objects.known(id).clone())
}

fn open_one<'a>(state: &'a State, id: &str) -> ApiResult<&'a Value> {
    let dispute = state.objects.get("dispute", id, "dispute")?;
    let status = text(dispute, "status");
    if matches!(status, "won" | "lost" | "prevented" | "warning_closed") {
        let message = format!("This dispute is already closed, with a status of {status}.");
        return Err(ApiError::invalid(message).param("dispute"));
    }
    Ok(dispute)
}

/// A bank opens a dispute on a paid charge; the id of the dispute.
pub(crate) fn open(state: &mut State, charge_id: &str, kind: Kind, reason: &str) -> String {
    let charge = state.objects.known(charge_id);
    let amount = integer(charge, "amount") - integer(charge, "amount_refunded");
    let inquiry = kind == Kind::Inquiry;
    let mut dispute = template::fill(
        template::dispute(),
        json!({
            "id": id::new("dp"),
            "amount": amount,
            "charge": charge_id,
            "created": state.now(),
            "currency": charge["currency"],
            "is_charge_refundable": inquiry,
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "status": if inquiry { "warning_needs_response" } else { "needs_response" },
        }),
    );
    dispute["evidence_details"]["due_by"] = json!(state.now() + ANSWER_SECONDS);
    let card = &mut dispute["payment_method_details"]["card"];
    card["brand"] = charge["payment_method_details"]["card"]["brand"].clone();
    card["network"] = charge["payment_method_details"]["card"]["network"].clone();
    card["case_type"] = json!(if inquiry { "inquiry" } else { "chargeback" });
    let id = state.objects.insert(dispute);
    state.objects.update(
        charge_id,
        json!({ "disputed": true, "_refundable": inquiry }),
    );
    state.emit("charge.dispute.created", &id);
    if !inquiry {
        withdraw(state, &id);
    }
    id
}

/// The disputed money leaves the merchant's balance.
fn withdraw(state: &mut State, id: &str) {
    let amount = integer(state.objects.known(id), "amount");
    let taken = balance_transaction::for_dispute(state, id, amount);
    add_transaction(state, id, taken);
    state.emit("charge.dispute.funds_withdrawn", id);
}

fn add_transaction(state: &mut State, id: &str, transaction: Value) {
    let mut all = state.objects.known(id)["balance_transactions"].clone();
    if let Some(all) = all.as_array_mut() {
        all.push(transaction);
    }
    state
        .objects
        .update(id, json!({ "balance_transactions": all }));
}

/// An inquiry becomes a dispute: now the money leaves.
pub(crate) fn escalate(state: &mut State, id: &str) -> ApiResult<()> {
    let dispute = open_one(state, id)?;
    let previous = json!({ "status": dispute["status"] });
    if !text(dispute, "status").starts_with("warning_") {
        return Err(ApiError::invalid("Only inquiries can be escalated.").param("dispute"));
    }
    let charge = text(dispute, "charge").to_owned();
    state.objects.update(
        id,
        json!({ "status": "needs_response", "is_charge_refundable": false }),
    );
    state
        .objects
        .update(&charge, json!({ "_refundable": false }));
    state.emit_changed("charge.dispute.updated", id, previous);
    withdraw(state, id);
    Ok(())
}

/// The bank decides. An inquiry that ends well is closed without a decision.
pub(crate) fn end(state: &mut State, id: &str, end: End) -> ApiResult<()> {
    let dispute = open_one(state, id)?;
    let inquiry = text(dispute, "status").starts_with("warning_");
    let previous = json!({ "status": dispute["status"] });
    let withdrawn = dispute["balance_transactions"]
        .as_array()
        .is_some_and(|all| !all.is_empty());
    let amount = integer(dispute, "amount");
    let charge = text(dispute, "charge").to_owned();
    if inquiry && end == End::Lost {
        escalate(state, id)?;
    }
    let status = match end {
        End::Lost => "lost",
        End::Prevented => "prevented",
        End::Won if inquiry => "warning_closed",
        End::Won => "won",
    };
    state.objects.update(
        id,
        json!({ "status": status, "is_charge_refundable": end != End::Lost }),
    );
    if end != End::Lost {
        state
            .objects
            .update(&charge, json!({ "_refundable": true }));
    }
    if withdrawn && end != End::Lost {
        let returned = balance_transaction::for_won_dispute(state, id, amount);
        add_transaction(state, id, returned);
        state.emit("charge.dispute.funds_reinstated", id);
    }
    state.emit_changed("charge.dispute.closed", id, previous);
    Ok(())
}

/// The card network suspects fraud before any dispute.
pub(crate) fn warn(state: &mut State, charge_id: &str) {
    let charge = state.objects.known(charge_id);
    let fields = json!({
        "id": id::new("issfr"),
        "charge": charge_id,
        "created": state.now(),
        "payment_intent": charge["payment_intent"],
    });
    let warning = template::fill(template::early_fraud_warning(), fields);
    let warning = expand::snapshot(state, &warning);
    state.objects.insert(warning.clone());
    state.emit_object("radar.early_fraud_warning.created", warning, Value::Null);
}
