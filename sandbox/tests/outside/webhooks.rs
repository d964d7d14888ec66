//! Events on their way to the merchant.

use crate::harness::{Outside, SECRET};
use serde_json::{Value, json};
use std::time::Duration;
use stripe_webhook::{EventObject, Webhook, WebhookError};

const COMPLETED: &str = "checkout.session.completed";

async fn pay(outside: &Outside) -> Value {
    outside.paid("4242424242424242").await
}

#[tokio::test]
async fn events_are_signed_and_decode() {
    let outside = Outside::start().await;
    let paid = pay(&outside).await;
    let received = outside.inbox.wait_for(COMPLETED, 1).await.remove(0);
    let event = Webhook::construct_event(&received.body, &received.signature, SECRET).unwrap();
    let EventObject::CheckoutSessionCompleted(session) = event.data.object else {
        panic!("another object");
    };
    assert_eq!(session.id.as_str(), paid["id"]);
    for received in outside.inbox.all() {
        Webhook::construct_event(&received.body, &received.signature, SECRET).unwrap();
        crate::witness::check(&received.event());
    }
}

#[tokio::test]
async fn an_event_that_was_refused_comes_again_with_a_new_signature() {
    let outside = Outside::start().await;
    outside.inbox.refuse(1);
    let customer = outside.customer().await;
    let received = outside.inbox.wait_for("customer.created", 2).await;
    assert_eq!(
        received[0].body.contains(&customer),
        received[1].body.contains(&customer)
    );
    assert_ne!(received[0].signature, received[1].signature);
    let log = outside.log().await;
    let outcomes: Vec<&str> = log["delivered"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["500", "200"]);
}

#[tokio::test]
async fn events_can_be_duplicated() {
    let outside = Outside::start().await;
    outside
        .control("webhooks/mode", json!({ "mode": "duplicate", "copies": 3 }))
        .await;
    pay(&outside).await;
    let received = outside.inbox.wait_for(COMPLETED, 3).await;
    assert!(
        received
            .iter()
            .all(|one| one.event()["id"] == received[0].event()["id"])
    );
}

#[tokio::test]
async fn a_dropped_event_is_listed_as_undelivered_and_can_be_sent_again() {
    let outside = Outside::start().await;
    outside
        .control("webhooks/mode", json!({ "mode": "drop" }))
        .await;
    pay(&outside).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(outside.inbox.all().is_empty());
    let lost = outside
        .get(&format!(
            "/v1/events?type={COMPLETED}&delivery_success=false"
        ))
        .await;
    let event = lost["data"][0]["id"].as_str().unwrap();
    outside
        .control("webhooks/mode", json!({ "mode": "normal" }))
        .await;
    outside
        .control(&format!("webhooks/resend/{event}"), json!({}))
        .await;
    assert_eq!(
        outside.inbox.wait_for(COMPLETED, 1).await[0].event()["id"],
        event
    );
    for _ in 0..100 {
        let lost = outside
            .get(&format!(
                "/v1/events?type={COMPLETED}&delivery_success=false"
            ))
            .await;
        if lost["data"] == json!([]) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the event is still listed as undelivered");
}

#[tokio::test]
async fn paused_events_wait() {
    let outside = Outside::start().await;
    outside.control("webhooks/pause", json!({})).await;
    pay(&outside).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(outside.inbox.all().is_empty());
    outside.control("webhooks/resume", json!({})).await;
    outside.inbox.wait_for(COMPLETED, 1).await;
}

#[tokio::test]
async fn events_can_come_in_another_order_and_later() {
    let outside = Outside::start().await;
    outside
        .control("webhooks/mode", json!({ "mode": "reorder", "seed": 7 }))
        .await;
    pay(&outside).await;
    outside.inbox.wait_for(COMPLETED, 1).await;
    outside.inbox.wait_for("charge.updated", 1).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let arrived: Vec<Value> = outside
        .inbox
        .all()
        .iter()
        .map(|one| one.event()["id"].clone())
        .collect();
    let listed = outside.get("/v1/events?limit=100").await;
    let sent: Vec<Value> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|event| event["id"].clone())
        .collect();
    assert_eq!(arrived.len(), sent.len());
    assert_ne!(arrived, sent);

    outside
        .control("webhooks/mode", json!({ "mode": "delay", "seconds": 1 }))
        .await;
    pay(&outside).await;
    assert_eq!(outside.inbox.of_kind(COMPLETED).len(), 1);
    outside.inbox.wait_for(COMPLETED, 2).await;
}

#[tokio::test]
async fn signatures_can_be_wrong_or_old() {
    let outside = Outside::start().await;
    for (mode, expected) in [
        ("bad_signature", "signature"),
        ("old_timestamp", "timestamp"),
    ] {
        outside
            .control("webhooks/mode", json!({ "mode": mode }))
            .await;
        let before = outside.inbox.of_kind("customer.created").len();
        outside.customer().await;
        let received = outside.inbox.wait_for("customer.created", before + 1).await;
        let last = &received[before];
        let error = Webhook::construct_event(&last.body, &last.signature, SECRET).expect_err(mode);
        match expected {
            "signature" => assert!(matches!(error, WebhookError::BadSignature), "{error:?}"),
            _ => assert!(matches!(error, WebhookError::BadTimestamp(_)), "{error:?}"),
        }
    }
}

#[tokio::test]
async fn bodies_can_be_of_another_version_or_lack_a_field() {
    let outside = Outside::start().await;
    let version = json!({ "mode": "api_version", "version": "2020-08-27" });
    outside.control("webhooks/mode", version).await;
    outside.customer().await;
    let received = outside.inbox.wait_for("customer.created", 1).await;
    assert_eq!(received[0].event()["api_version"], "2020-08-27");
    outside
        .control(
            "webhooks/mode",
            json!({ "mode": "mutilate_field", "field": "livemode" }),
        )
        .await;
    outside.customer().await;
    let received = outside.inbox.wait_for("customer.created", 2).await;
    assert_eq!(
        received[1].event()["data"]["object"]["livemode"],
        Value::Null
    );
    let error = Webhook::construct_event(&received[1].body, &received[1].signature, SECRET);
    assert!(matches!(error, Err(WebhookError::BadParse(_))), "{error:?}");
}

#[tokio::test]
async fn endpoints_get_what_they_asked_for_and_their_secret_once() {
    let outside = Outside::start().await;
    let own = outside.get("/v1/webhook_endpoints").await;
    let url = own["data"][0]["url"].as_str().unwrap().to_owned();
    let own = own["data"][0]["id"].as_str().unwrap().to_owned();
    outside
        .post(
            &format!("/v1/webhook_endpoints/{own}"),
            &[("disabled", "true")],
        )
        .await;
    let form = [
        ("url", url.as_str()),
        ("enabled_events[]", "payment_intent.succeeded"),
        ("api_version", "2026-09-30.endive"),
    ];
    let made = outside.post("/v1/webhook_endpoints", &form).await;
    let secret = made["secret"].as_str().unwrap();
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        outside.get(&format!("/v1/webhook_endpoints/{id}")).await["secret"],
        Value::Null
    );
    pay(&outside).await;
    let received = outside
        .inbox
        .wait_for("payment_intent.succeeded", 1)
        .await
        .remove(0);
    Webhook::construct_event(&received.body, &received.signature, secret).unwrap();
    assert_eq!(outside.inbox.all().len(), 1);
    let gone = outside.request(
        reqwest::Method::DELETE,
        &format!("/v1/webhook_endpoints/{id}"),
    );
    assert_eq!(gone.send().await.unwrap().status(), 200);
}
