//! Movements of the merchant's balance at Stripe.

use crate::{error::ApiResult, id, params::Params, state::State, template};
use serde_json::{Value, json};

/// Two days until money from a charge may be paid out.
const AVAILABLE_SECONDS: i64 = 2 * 86_400;
/// What a dispute costs the merchant, in cents.
const DISPUTE_FEE: i64 = 1500;

pub(super) fn answer(
    state: &State,
    method: &str,
    steps: &[&str],
    params: Params<'_>,
) -> Option<ApiResult> {
    let ("GET", [id]) = (method, steps) else {
        return None;
    };
    let found = || {
        params.only(&[])?;
        Ok(state.objects.get("balance_transaction", id, "id")?.clone())
    };
    Some(found())
}

/// 2.9% and 30 cents stay with Stripe.
pub(crate) fn for_charge(state: &mut State, charge: &str, amount: i64) -> String {
    let fee = (amount * 29 + 500) / 1000 + 30;
    insert(state, charge, amount, fee, "charge", "charge", "pending")
}

pub(crate) fn for_refund(state: &mut State, refund: &str, amount: i64) -> String {
    insert(state, refund, -amount, 0, "refund", "refund", "available")
}

/// A refund that failed comes back.
pub(crate) fn for_failed_refund(state: &mut State, refund: &str, amount: i64) -> String {
    insert(
        state,
        refund,
        amount,
        0,
        "refund_failure",
        "refund_failure",
        "available",
    )
}

/// The disputed money and the fee leave.
pub(crate) fn for_dispute(state: &mut State, dispute: &str, amount: i64) -> Value {
    let id = insert(
        state,
        dispute,
        -amount,
        DISPUTE_FEE,
        "adjustment",
        "dispute",
        "available",
    );
    state.objects.known(&id).clone()
}

/// The disputed money comes back; the fee does not.
pub(crate) fn for_won_dispute(state: &mut State, dispute: &str, amount: i64) -> Value {
    let id = insert(
        state,
        dispute,
        amount,
        0,
        "adjustment",
        "dispute_reversal",
        "available",
    );
    state.objects.known(&id).clone()
}

fn insert(
    state: &mut State,
    source: &str,
    amount: i64,
    fee: i64,
    kind: &str,
    category: &str,
    status: &str,
) -> String {
    let wait = if status == "pending" {
        AVAILABLE_SECONDS
    } else {
        0
    };
    let fees = if fee == 0 {
        json!([])
    } else {
        json!([{
            "amount": fee,
            "application": null,
            "currency": "usd",
            "description": if kind == "charge" { "Stripe processing fees" } else { "Dispute fee" },
            "type": "stripe_fee",
        }])
    };
    let fields = json!({
        "id": id::new("txn"),
        "amount": amount,
        "available_on": state.now() + wait,
        "created": state.now(),
        "fee": fee,
        "fee_details": fees,
        "net": amount - fee,
        "reporting_category": category,
        "source": source,
        "status": status,
        "type": kind,
    });
    state
        .objects
        .insert(template::fill(template::balance_transaction(), fields))
}
