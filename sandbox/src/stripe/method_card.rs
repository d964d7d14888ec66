//! The test card behind a payment method, and what its next charge does.

use crate::{
    card::{self, Act, TestCard},
    decline::{AUTHENTICATION_REQUIRED, Decline},
    state::{State, text},
};
use serde_json::{Value, json};

/// The test card behind a payment method.
pub(crate) fn test_card(method: &Value) -> &'static TestCard {
    card::find(text(method, "_number")).expect("payment methods are made of test cards only")
}

/// The fields of its card that a charge repeats.
pub(crate) fn charged_card(method: &Value) -> Value {
    let card = &method["card"];
    json!({
        "brand": card["brand"],
        "country": card["country"],
        "exp_month": card["exp_month"],
        "exp_year": card["exp_year"],
        "fingerprint": card["fingerprint"],
        "funding": card["funding"],
        "last4": card["last4"],
        "network": card["brand"],
    })
}

/// Plans what the next charge of this card does: `succeeded`, `processing`,
/// `authentication_required` or the name of a decline. `false` when there is no such thing.
pub(crate) fn plan_next(state: &mut State, id: &str, outcome: &str) -> bool {
    let known = matches!(outcome, "succeeded" | "processing") || Decline::named(outcome).is_some();
    if known {
        state.objects.update(id, json!({ "_next": outcome }));
    }
    known
}

pub(crate) fn next_act(method: &Value) -> Option<Act> {
    match text(method, "_next") {
        "" => None,
        "succeeded" => Some(Act::Succeed),
        "processing" => Some(Act::Process),
        name => Decline::named(name).map(|decline| {
            if decline == AUTHENTICATION_REQUIRED {
                Act::Authenticate
            } else {
                Act::Decline(decline)
            }
        }),
    }
}

pub(crate) fn forget_next(state: &mut State, id: &str) {
    state.objects.update(id, json!({ "_next": null }));
}
