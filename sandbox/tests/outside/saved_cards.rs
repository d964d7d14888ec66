//! Cards kept for later, and charged without their owner.

use crate::{harness::Outside, witness};
use serde_json::{Value, json};

/// Saves a card in setup mode; the customer and the payment method.
pub(crate) async fn save(outside: &Outside, card: &str) -> (String, String) {
    let customer = outside.customer().await;
    let form = [
        ("mode", "setup"),
        ("currency", "usd"),
        ("customer", customer.as_str()),
        ("success_url", "http://wallet.test/cards"),
        ("setup_intent_data[metadata][user_id]", "7"),
    ];
    let session = outside.post("/v1/checkout/sessions", &form).await;
    assert_eq!(session["payment_status"], "no_payment_required");
    let response = outside.submit(&session, card).await;
    let next = response.headers()["location"].to_str().unwrap().to_owned();
    if next.contains("/3ds/seti_") {
        outside
            .client
            .post(&next)
            .form(&[("answer", "complete")])
            .send()
            .await
            .unwrap();
    }
    let id = session["id"].as_str().unwrap();
    let path = format!("/v1/checkout/sessions/{id}?expand[]=setup_intent.payment_method");
    let done = outside.get(&path).await;
    assert_eq!(done["status"], "complete", "{card}");
    assert_eq!(done["setup_intent"]["status"], "succeeded", "{card}");
    let method = done["setup_intent"]["payment_method"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    (customer, method)
}

pub(crate) async fn refill(outside: &Outside, customer: &str, method: &str) -> (u16, Value) {
    let form = [
        ("amount", "2000"),
        ("currency", "usd"),
        ("customer", customer),
        ("payment_method", method),
        ("confirm", "true"),
        ("off_session", "true"),
        ("metadata[refill_attempt]", "1"),
        ("expand[]", "latest_charge"),
    ];
    outside.try_post("/v1/payment_intents", &form).await
}

#[tokio::test]
async fn saved_cards_behave_as_the_table_says() {
    for (card, expected) in [
        ("4242424242424242", "succeeded"),
        ("5555555555554444", "succeeded"),
        ("4000002500003155", "succeeded"),
        ("4000002760003184", "authentication_required"),
        ("4000008260003178", "authentication_required"),
        ("4000000000000341", "generic_decline"),
    ] {
        let outside = Outside::start().await;
        let (customer, method) = save(&outside, card).await;
        let (status, body) = refill(&outside, &customer, &method).await;
        if expected == "succeeded" {
            assert_eq!(
                (status, &body["status"]),
                (200, &json!("succeeded")),
                "{card}"
            );
            assert_eq!(body["latest_charge"]["paid"], true, "{card}");
            continue;
        }
        assert_eq!(status, 402, "{card}: {body}");
        assert_eq!(body["error"]["type"], "card_error", "{card}");
        assert_eq!(body["error"]["decline_code"], expected, "{card}");
        let intent = &body["error"]["payment_intent"];
        witness::check(intent);
        assert_eq!(intent["status"], "requires_payment_method", "{card}");
        let path = format!(
            "/v1/payment_intents/{}/cancel",
            intent["id"].as_str().unwrap()
        );
        assert_eq!(
            outside.post(&path, &[]).await["status"],
            "canceled",
            "{card}"
        );
    }
}

#[tokio::test]
async fn a_card_that_cannot_be_saved_leaves_the_session_open() {
    let outside = Outside::start().await;
    let customer = outside.customer().await;
    let form = [
        ("mode", "setup"),
        ("currency", "usd"),
        ("customer", customer.as_str()),
        ("success_url", "http://wallet.test/cards"),
    ];
    let session = outside.post("/v1/checkout/sessions", &form).await;
    let page = outside
        .submit(&session, "4000000000000002")
        .await
        .text()
        .await
        .unwrap();
    assert!(page.contains("Your card was declined."));
    let id = session["id"].as_str().unwrap();
    let open = outside
        .get(&format!("/v1/checkout/sessions/{id}?expand[]=setup_intent"))
        .await;
    assert_eq!(open["status"], "open");
    assert_eq!(
        open["setup_intent"]["last_setup_error"]["decline_code"],
        "generic_decline"
    );
    let expired = outside
        .post(&format!("/v1/checkout/sessions/{id}/expire"), &[])
        .await;
    assert_eq!(expired["status"], "expired");
}

#[tokio::test]
async fn paying_can_save_the_card_by_consent() {
    let outside = Outside::start().await;
    let customer = outside.customer().await;
    let save = [
        ("customer", customer.as_str()),
        (
            "saved_payment_method_options[payment_method_save]",
            "enabled",
        ),
    ];
    for (consent, kept) in [(false, 0), (true, 1)] {
        let session = outside.session(&save).await;
        let id = session["id"].as_str().unwrap();
        outside
            .control(&format!("sessions/{id}/pay"), json!({ "save": consent }))
            .await;
        let path = format!("/v1/customers/{customer}/payment_methods");
        assert_eq!(
            outside.get(&path).await["data"].as_array().unwrap().len(),
            kept,
            "{consent}"
        );
    }
    let always = [
        ("customer", customer.as_str()),
        ("payment_intent_data[setup_future_usage]", "off_session"),
    ];
    let session = outside.session(&always).await;
    outside.submit(&session, "5555555555554444").await;
    let cards = outside
        .get(&format!(
            "/v1/payment_methods?customer={customer}&type=card"
        ))
        .await;
    assert_eq!(cards["data"][0]["card"]["brand"], "mastercard");
    let method = cards["data"][0]["id"].as_str().unwrap();
    assert_eq!(refill(&outside, &customer, method).await.0, 200);
}

#[tokio::test]
async fn the_next_charge_of_a_card_can_be_planned() {
    let outside = Outside::start().await;
    let (customer, method) = save(&outside, "4242424242424242").await;
    let next = format!("payment_methods/{method}/next");
    for (outcome, advice) in [
        ("stolen_card", json!("do_not_try_again")),
        ("insufficient_funds", json!("try_again_later")),
        ("authentication_required", Value::Null),
    ] {
        outside.control(&next, json!({ "outcome": outcome })).await;
        let (status, body) = refill(&outside, &customer, &method).await;
        assert_eq!(
            (status, &body["error"]["decline_code"]),
            (402, &json!(outcome))
        );
        assert_eq!(body["error"]["advice_code"], advice, "{outcome}");
        assert_eq!(
            refill(&outside, &customer, &method).await.0,
            200,
            "after {outcome}"
        );
    }
    outside
        .control(&next, json!({ "outcome": "processing" }))
        .await;
    let (status, body) = refill(&outside, &customer, &method).await;
    assert_eq!((status, &body["status"]), (200, &json!("processing")));
    outside.advance(60).await;
    let path = format!("/v1/payment_intents/{}", body["id"].as_str().unwrap());
    assert_eq!(outside.get(&path).await["status"], "succeeded");
}

#[tokio::test]
async fn the_network_renews_cards() {
    let outside = Outside::start().await;
    let (_, method) = save(&outside, "4242424242424242").await;
    let renewal = json!({ "exp_month": 1, "exp_year": 2040 });
    outside
        .control(&format!("payment_methods/{method}/update"), renewal)
        .await;
    let card = outside.get(&format!("/v1/payment_methods/{method}")).await["card"].clone();
    assert_eq!(
        (&card["exp_month"], &card["exp_year"]),
        (&json!(1), &json!(2040))
    );
    outside
        .inbox
        .wait_for("payment_method.automatically_updated", 1)
        .await;
}
