//! What happens when a card is charged. The hosted page, a confirmation over the API and the
//! control plane all come here, so that a payment has one life.

use crate::{
    card::{Act, After, TestCard},
    decline::{AUTHENTICATION_REQUIRED, Decline},
    error::{ApiError, ApiResult},
    expand, id,
    state::{State, integer, text},
    stripe::{charge, dispute, method_card, payment_method, session},
    timer::Due,
};
use serde_json::{Value, json};

/// How long a slow method takes.
const PROCESSING_SECONDS: i64 = 60;

/// Whether the customer is there to authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    OnSession,
    OffSession,
}

/// Charges a payment method for a PaymentIntent. A decline leaves the PaymentIntent open for
/// another method and is an error that carries it.
pub(crate) fn confirm(
    state: &mut State,
    payment_intent: &str,
    payment_method: &str,
    presence: Presence,
) -> ApiResult<()> {
    let method = state.objects.known(payment_method);
    let card = method_card::test_card(method);
    let intent = state.objects.known(payment_intent);
    let act = act(intent, method, card, presence);
    let changes = json!({
        "payment_method": payment_method,
        "last_payment_error": null,
        "next_action": null,
    });
    state.objects.update(payment_intent, changes);
    method_card::forget_next(state, payment_method);
    match (act, presence) {
        (Act::Succeed, _) => succeed(state, payment_intent),
        (Act::Decline(decline), _) => return Err(fail(state, payment_intent, decline)),
        (Act::Process, _) => process(state, payment_intent, PROCESSING_SECONDS, true),
        (_, Presence::OnSession) => ask_for_authentication(state, payment_intent),
        (_, Presence::OffSession) => {
            return Err(fail(state, payment_intent, AUTHENTICATION_REQUIRED));
        }
    }
    Ok(())
}

fn act(intent: &Value, method: &Value, card: &TestCard, presence: Presence) -> Act {
    if let Some(next) = method_card::next_act(method) {
        return next;
    }
    let act = match presence {
        Presence::OnSession => card.paying,
        Presence::OffSession => card.later,
    };
    let saved = method["_saved_for_later"] == true && !method["customer"].is_null();
    match act {
        Act::Succeed if presence == Presence::OnSession && asks_for_3ds(intent) => {
            Act::Authenticate
        }
        Act::AuthenticateUnlessSaved if saved => Act::Succeed,
        Act::AuthenticateUnlessSaved => Act::Authenticate,
        act => act,
    }
}

/// The merchant wants the bank's question to be asked whatever the card.
fn asks_for_3ds(intent: &Value) -> bool {
    let wanted = &intent["payment_method_options"]["card"]["request_three_d_secure"];
    wanted == "any" || wanted == "challenge"
}

/// The customer has answered the bank's question on the 3-D Secure page.
pub(crate) fn authenticate(state: &mut State, payment_intent: &str, passed: bool) -> ApiResult<()> {
    let intent = state
        .objects
        .get("payment_intent", payment_intent, "intent")?;
    if intent["status"] != "requires_action" {
        let message = "This PaymentIntent does not wait for authentication.";
        return Err(ApiError::unexpected_state(
            "payment_intent_unexpected_state",
            message,
        ));
    }
    let method = state.objects.known(text(intent, "payment_method"));
    let act = method_card::test_card(method).paying;
    state
        .objects
        .update(payment_intent, json!({ "next_action": null }));
    match act {
        _ if !passed => {
            let message = "The provided PaymentMethod has failed authentication. You can provide \
                           payment_method_data or a new PaymentMethod to attempt to fulfill this \
                           PaymentIntent again.";
            let error = ApiError::invalid(message).code("payment_intent_authentication_failure");
            Err(reopen(state, payment_intent, error))
        }
        Act::AuthenticateThenDecline(decline) => Err(fail(state, payment_intent, decline)),
        _ => {
            succeed(state, payment_intent);
            Ok(())
        }
    }
}

/// The bank answers later: until then nobody knows.
pub(crate) fn process(state: &mut State, payment_intent: &str, seconds: i64, succeeds: bool) {
    state
        .objects
        .update(payment_intent, json!({ "status": "processing" }));
    state.emit("payment_intent.processing", payment_intent);
    session::paid_later(state, payment_intent);
    let due = Due::SettlePayment {
        payment_intent: payment_intent.to_owned(),
        succeeds,
    };
    state.timers.at(state.now() + seconds, due);
}

/// The end of a slow payment.
pub(crate) fn settle_slow(state: &mut State, payment_intent: &str, succeeds: bool) {
    let intent = state.objects.find("payment_intent", payment_intent);
    if intent.is_none_or(|intent| intent["status"] != "processing") {
        return;
    }
    if succeeds {
        succeed(state, payment_intent);
    } else if let Some(decline) = Decline::named("generic_decline") {
        // The refusal itself has nobody to go to: events tell of it.
        let _told_by_events = fail(state, payment_intent, decline);
        session::later_failed(state, payment_intent);
    }
}

fn ask_for_authentication(state: &mut State, payment_intent: &str) {
    let url = format!("{}/3ds/{payment_intent}", state.public_url);
    let return_url = state.objects.known(payment_intent)["_return_url"].clone();
    let changes = json!({
        "status": "requires_action",
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": { "return_url": return_url, "url": url },
        },
    });
    state.objects.update(payment_intent, changes);
    state.emit("payment_intent.requires_action", payment_intent);
}

fn succeed(state: &mut State, payment_intent: &str) {
    let charge = charge::create_paid(state, payment_intent);
    let intent = state.objects.known(payment_intent);
    let amount = integer(intent, "amount");
    let method = text(intent, "payment_method").to_owned();
    let customer = intent["customer"].clone();
    let save = !intent["setup_future_usage"].is_null() && !customer.is_null();
    let changes = json!({
        "status": "succeeded",
        "amount_received": amount,
        "latest_charge": charge,
        "next_action": null,
    });
    state.objects.update(payment_intent, changes);
    state.emit("charge.succeeded", &charge);
    state.emit("payment_intent.succeeded", payment_intent);
    state.emit_changed(
        "charge.updated",
        &charge,
        json!({ "balance_transaction": null }),
    );
    if save {
        payment_method::save(state, &method, &customer);
    }
    session::paid(state, payment_intent);
    let after = method_card::test_card(state.objects.known(&method)).after;
    match after {
        After::Dispute => {
            dispute::open(state, &charge, dispute::Kind::Chargeback, "fraudulent");
        }
        After::Inquiry => {
            dispute::open(state, &charge, dispute::Kind::Inquiry, "fraudulent");
        }
        After::EarlyFraudWarning => dispute::warn(state, &charge),
        After::Nothing | After::RefundPends | After::RefundFails => {}
    }
}

/// Records a declined charge and opens the PaymentIntent for another try.
fn fail(state: &mut State, payment_intent: &str, decline: Decline) -> ApiError {
    let charge = charge::create_failed(state, payment_intent, decline);
    state
        .objects
        .update(payment_intent, json!({ "latest_charge": charge }));
    state.emit("charge.failed", &charge);
    let error = decline.error().with("charge", json!(charge));
    reopen(state, payment_intent, error)
}

fn reopen(state: &mut State, payment_intent: &str, error: ApiError) -> ApiError {
    let intent = state.objects.known(payment_intent);
    let method = state.objects.known(text(intent, "payment_method"));
    let method = expand::snapshot(state, method);
    let error = error.with("payment_method", method);
    let mut last = error.inner();
    last["payment_method_type"] = json!("card");
    let changes = json!({
        "status": "requires_payment_method",
        "payment_method": null,
        "last_payment_error": last,
    });
    state.objects.update(payment_intent, changes);
    state.emit("payment_intent.payment_failed", payment_intent);
    let intent = expand::snapshot(state, state.objects.known(payment_intent));
    error.with("payment_intent", intent)
}

/// A secret for browsers, which nothing here uses but every client expects.
pub(crate) fn client_secret(intent: &str) -> String {
    format!("{intent}_secret_{}", id::letters(24))
}
