//! The first witness: async-stripe's decoders, which know the shape of every object.

use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Debug;

/// Panics when the body is not what a client of this API version expects: a field missing or of
/// another type, or a word that an enumeration does not have.
pub(crate) fn check(body: &Value) {
    match body["object"].as_str() {
        None => assert!(
            body["error"]["type"].is_string(),
            "an error without a type: {body}"
        ),
        Some("list") => {
            assert!(
                body["url"].is_string() && body["has_more"].is_boolean(),
                "{body}"
            );
            body["data"]
                .as_array()
                .expect("a list has data")
                .iter()
                .for_each(check);
        }
        Some(_) if body["deleted"] == true => {}
        Some("balance_transaction") => decode::<stripe_shared::BalanceTransaction>(body),
        Some("billing_portal.session") => decode::<stripe_billing::BillingPortalSession>(body),
        Some("charge") => decode::<stripe_shared::Charge>(body),
        Some("checkout.session") => decode::<stripe_shared::CheckoutSession>(body),
        Some("customer") => decode::<stripe_shared::Customer>(body),
        Some("dispute") => decode::<stripe_shared::Dispute>(body),
        Some("event") => {
            decode::<stripe_shared::Event>(body);
            check(&body["data"]["object"]);
        }
        Some("invoice") => decode::<stripe_shared::Invoice>(body),
        Some("invoice_payment") => decode::<stripe_shared::InvoicePayment>(body),
        Some("item") => decode::<stripe_shared::CheckoutSessionItem>(body),
        Some("payment_intent") => decode::<stripe_shared::PaymentIntent>(body),
        Some("payment_method") => decode::<stripe_shared::PaymentMethod>(body),
        Some("refund") => decode::<stripe_shared::Refund>(body),
        Some("setup_intent") => decode::<stripe_shared::SetupIntent>(body),
        // Their types are in crates that the wallet does not use.
        Some("radar.early_fraud_warning" | "webhook_endpoint") => {}
        Some(other) => panic!("nobody testifies for {other}"),
    }
}

fn decode<T: DeserializeOwned + Debug>(body: &Value) {
    let kind = body["object"].clone();
    let decoded: T = serde_json::from_value(body.clone())
        .unwrap_or_else(|error| panic!("{kind} does not decode: {error}\n{body:#}"));
    let debug = format!("{decoded:?}");
    if let Some(at) = debug.find("Unknown(") {
        panic!(
            "{kind} has an unknown word: {}",
            &debug[at.saturating_sub(60)..debug.len().min(at + 60)]
        );
    }
}
