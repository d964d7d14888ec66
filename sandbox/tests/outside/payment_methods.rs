//! Payment methods and SetupIntents over the API alone.

use crate::{harness::Outside, saved_cards::refill};
use serde_json::Value;

#[tokio::test]
async fn cards_are_attached_and_detached() {
    let outside = Outside::start().await;
    let customer = outside.customer().await;
    let attached = outside
        .post(
            "/v1/payment_methods/pm_card_visa/attach",
            &[("customer", &customer)],
        )
        .await;
    let method = attached["id"].as_str().unwrap();
    let default = [("invoice_settings[default_payment_method]", method)];
    outside
        .post(&format!("/v1/customers/{customer}"), &default)
        .await;
    let one = outside
        .get(&format!(
            "/v1/customers/{customer}/payment_methods/{method}"
        ))
        .await;
    assert_eq!(one["customer"], customer.as_str());

    let detached = outside
        .post(&format!("/v1/payment_methods/{method}/detach"), &[])
        .await;
    assert_eq!(detached["customer"], Value::Null);
    let path = format!("/v1/customers/{customer}");
    let settings = &outside.get(&path).await["invoice_settings"];
    assert_eq!(settings["default_payment_method"], Value::Null);
    assert_eq!(refill(&outside, &customer, method).await.0, 400);
    let again = format!("/v1/payment_methods/{method}/attach");
    assert_eq!(
        outside.try_post(&again, &[("customer", &customer)]).await.0,
        400
    );
    assert!(
        outside
            .event_kinds()
            .await
            .contains(&"payment_method.detached".to_owned())
    );
}

#[tokio::test]
async fn the_same_number_has_the_same_fingerprint() {
    let outside = Outside::start().await;
    let mut prints = Vec::new();
    for number in ["4242424242424242", "4242424242424242", "4000000000000002"] {
        let form = [
            ("type", "card"),
            ("card[number]", number),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2034"),
            ("card[cvc]", "123"),
        ];
        prints
            .push(outside.post("/v1/payment_methods", &form).await["card"]["fingerprint"].clone());
    }
    assert_eq!(prints[0], prints[1]);
    assert_ne!(prints[0], prints[2]);
    let real = [
        ("type", "card"),
        ("card[number]", "4111111111111111"),
        ("card[exp_month]", "12"),
        ("card[exp_year]", "2034"),
    ];
    assert_eq!(outside.try_post("/v1/payment_methods", &real).await.0, 402);
}

#[tokio::test]
async fn setup_intents_work_without_a_page() {
    let outside = Outside::start().await;
    let customer = outside.customer().await;
    let form = [
        ("customer", customer.as_str()),
        ("payment_method", "pm_card_visa"),
        ("confirm", "true"),
    ];
    let done = outside.post("/v1/setup_intents", &form).await;
    assert_eq!(done["status"], "succeeded");
    let open = outside
        .post("/v1/setup_intents", &[("customer", &customer)])
        .await;
    let path = format!("/v1/setup_intents/{}", open["id"].as_str().unwrap());
    let form = [("payment_method", "pm_card_authenticationRequired")];
    let asked = outside.post(&format!("{path}/confirm"), &form).await;
    assert_eq!(asked["next_action"]["type"], "redirect_to_url");
    assert_eq!(
        outside.post(&format!("{path}/cancel"), &[]).await["status"],
        "canceled"
    );
    assert_eq!(outside.get(&path).await["status"], "canceled");
}
