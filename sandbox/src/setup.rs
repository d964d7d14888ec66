//! What happens when a card is saved without a payment: the twin of `payment`.

use crate::{
    card::Act,
    decline::{AUTHENTICATION_REQUIRED, Decline},
    error::{ApiError, ApiResult},
    expand,
    payment::Presence,
    state::{State, text},
    stripe::{method_card, payment_method, session},
};
use serde_json::json;

/// Checks a payment method for a SetupIntent and keeps it. A decline leaves the SetupIntent open.
pub(crate) fn confirm(
    state: &mut State,
    setup_intent: &str,
    method: &str,
    presence: Presence,
) -> ApiResult<()> {
    let changes = json!({
        "payment_method": method,
        "last_setup_error": null,
        "next_action": null,
    });
    state.objects.update(setup_intent, changes);
    let act = method_card::test_card(state.objects.known(method)).saving;
    match (act, presence) {
        (Act::Decline(decline), _) => Err(fail(state, setup_intent, decline)),
        (Act::Authenticate, Presence::OnSession) => {
            ask_for_authentication(state, setup_intent);
            Ok(())
        }
        (Act::Authenticate, Presence::OffSession) => {
            Err(fail(state, setup_intent, AUTHENTICATION_REQUIRED))
        }
        _ => {
            succeed(state, setup_intent);
            Ok(())
        }
    }
}

/// The customer has answered the bank's question on the 3-D Secure page.
pub(crate) fn authenticate(state: &mut State, setup_intent: &str, passed: bool) -> ApiResult<()> {
    let intent = state.objects.get("setup_intent", setup_intent, "intent")?;
    if intent["status"] != "requires_action" {
        let message = "This SetupIntent does not wait for authentication.";
        return Err(ApiError::unexpected_state(
            "setup_intent_unexpected_state",
            message,
        ));
    }
    state
        .objects
        .update(setup_intent, json!({ "next_action": null }));
    if passed {
        succeed(state, setup_intent);
        return Ok(());
    }
    let message = "The latest attempt to set up the payment method has failed because \
                   authentication failed.";
    let error = ApiError::invalid(message).code("setup_intent_authentication_failure");
    Err(reopen(state, setup_intent, error))
}

fn ask_for_authentication(state: &mut State, setup_intent: &str) {
    let url = format!("{}/3ds/{setup_intent}", state.public_url);
    let return_url = state.objects.known(setup_intent)["_return_url"].clone();
    let changes = json!({
        "status": "requires_action",
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": { "return_url": return_url, "url": url },
        },
    });
    state.objects.update(setup_intent, changes);
    state.emit("setup_intent.requires_action", setup_intent);
}

fn succeed(state: &mut State, setup_intent: &str) {
    state
        .objects
        .update(setup_intent, json!({ "status": "succeeded" }));
    let intent = state.objects.known(setup_intent);
    let customer = intent["customer"].clone();
    let method = text(intent, "payment_method").to_owned();
    state.emit("setup_intent.succeeded", setup_intent);
    if !customer.is_null() {
        payment_method::save(state, &method, &customer);
    }
    session::saved(state, setup_intent);
}

fn fail(state: &mut State, setup_intent: &str, decline: Decline) -> ApiError {
    reopen(state, setup_intent, decline.error())
}

fn reopen(state: &mut State, setup_intent: &str, error: ApiError) -> ApiError {
    let intent = state.objects.known(setup_intent);
    let method = state.objects.known(text(intent, "payment_method"));
    let error = error.with("payment_method", expand::snapshot(state, method));
    let changes = json!({
        "status": "requires_payment_method",
        "payment_method": null,
        "last_setup_error": error.inner(),
    });
    state.objects.update(setup_intent, changes);
    state.emit("setup_intent.setup_failed", setup_intent);
    let intent = expand::snapshot(state, state.objects.known(setup_intent));
    error.with("setup_intent", intent)
}
