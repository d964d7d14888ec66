//! What happens by itself when time passes.

use crate::harness::Outside;
use serde_json::{Value, json};

async fn status(outside: &Outside, url: &Value) -> u16 {
    outside
        .client
        .get(url.as_str().unwrap())
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn receipts_expire_after_thirty_days_and_are_made_anew() {
    let outside = Outside::start().await;
    let paid = outside.paid("4242424242424242").await;
    let charge = paid["payment_intent"]["latest_charge"].clone();
    let path = format!("/v1/charges/{}", charge["id"].as_str().unwrap());
    assert_ne!(
        outside.get(&path).await["receipt_url"],
        charge["receipt_url"]
    );
    let page = outside
        .client
        .get(charge["receipt_url"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("$25.00") && page.contains("ending in 4242"));

    outside.advance(29 * 86_400).await;
    assert_eq!(status(&outside, &charge["receipt_url"]).await, 200);
    outside.advance(86_400 + 1).await;
    assert_eq!(status(&outside, &charge["receipt_url"]).await, 410);
    let fresh = outside.get(&path).await;
    assert_eq!(status(&outside, &fresh["receipt_url"]).await, 200);
    assert_eq!(
        status(&outside, &json!(outside.url("/receipts/nonsense"))).await,
        404
    );

    outside
        .post(
            "/v1/refunds",
            &[
                ("charge", charge["id"].as_str().unwrap()),
                ("amount", "500"),
            ],
        )
        .await;
    let page = outside
        .client
        .get(fresh["receipt_url"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert!(page.text().await.unwrap().contains("Refunded"));
}

#[tokio::test]
async fn a_receipt_may_appear_later_than_its_charge() {
    let outside = Outside::start().await;
    outside
        .control("receipt_delay", json!({ "seconds": 30 }))
        .await;
    let paid = outside.paid("4242424242424242").await;
    let charge = &paid["payment_intent"]["latest_charge"];
    assert_eq!(charge["receipt_url"], Value::Null);
    outside.advance(30).await;
    let path = format!("/v1/charges/{}", charge["id"].as_str().unwrap());
    assert!(outside.get(&path).await["receipt_url"].is_string());
}

#[tokio::test]
async fn an_unpaid_session_expires_at_its_time() {
    let outside = Outside::start().await;
    let session = outside.session(&[]).await;
    let id = session["id"].as_str().unwrap();
    outside.advance(86_400 - 60).await;
    assert_eq!(
        outside.get(&format!("/v1/checkout/sessions/{id}")).await["status"],
        "open"
    );
    outside.advance(60).await;
    outside.inbox.wait_for("checkout.session.expired", 1).await;
    let expired = outside.get("/v1/checkout/sessions?status=expired").await;
    assert_eq!(expired["data"][0]["id"], id);
}

#[tokio::test]
async fn a_paid_session_does_not_expire() {
    let outside = Outside::start().await;
    let paid = outside.paid("4242424242424242").await;
    outside.advance(2 * 86_400).await;
    let path = format!("/v1/checkout/sessions/{}", paid["id"].as_str().unwrap());
    assert_eq!(outside.get(&path).await["status"], "complete");
}

#[tokio::test]
async fn events_are_listed_for_thirty_days() {
    let outside = Outside::start().await;
    outside.customer().await;
    outside.advance(30 * 86_400 - 60).await;
    assert_eq!(outside.event_kinds().await, ["customer.created"]);
    outside.advance(61).await;
    assert!(outside.event_kinds().await.is_empty());
}
