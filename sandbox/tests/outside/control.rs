//! The control plane: buttons for people, lies for tests, and the record of what was done.

use crate::harness::Outside;
use reqwest::Response;
use serde_json::{Value, json};

/// A button of the control page.
async fn press(outside: &Outside, path: &str, form: &[(&str, &str)]) -> Response {
    let request = outside
        .client
        .post(outside.url(&format!("/_sandbox/{path}")));
    request
        .header("accept", "text/html")
        .form(form)
        .send()
        .await
        .unwrap()
}

async fn page(outside: &Outside) -> String {
    let response = outside
        .client
        .get(outside.url("/_sandbox"))
        .send()
        .await
        .unwrap();
    response.text().await.unwrap()
}

#[tokio::test]
async fn the_front_door_leads_to_the_control_page() {
    let outside = Outside::start().await;
    let response = outside.client.get(outside.url("/")).send().await.unwrap();
    assert_eq!(response.headers()["location"], "/_sandbox");
    let health = outside
        .client
        .get(outside.url("/_sandbox/health"))
        .send()
        .await
        .unwrap();
    assert_eq!(health.status(), 200);
}

#[tokio::test]
async fn buttons_lead_back_to_the_page_that_shows_what_they_did() {
    let outside = Outside::start().await;
    let session = outside.session(&[]).await;
    let id = session["id"].as_str().unwrap();
    let fault = [("path", "/v1/refunds"), ("kind", "429"), ("n", "2")];
    for (path, form) in [
        (format!("sessions/{id}/pay"), &[][..]),
        ("webhooks/mode".to_owned(), &[("mode", "duplicate")][..]),
        ("webhooks/pause".to_owned(), &[("mode", "duplicate")][..]),
        ("clock/advance".to_owned(), &[("hours", "24")][..]),
        ("faults".to_owned(), &fault[..]),
    ] {
        let response = press(&outside, &path, form).await;
        assert_eq!(response.status(), 303, "{path}");
        assert_eq!(response.headers()["location"], "/_sandbox", "{path}");
    }
    let page = page(&outside).await;
    for words in [
        "complete",
        "Paused",
        "mode: duplicate",
        "POST /v1/refunds: 429 × 2",
        "Dispute",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let again = press(&outside, &format!("sessions/{id}/pay"), &[]).await;
    assert_eq!(again.status(), 400);
    assert!(again.text().await.unwrap().contains("That did not work"));
}

#[tokio::test]
async fn an_unknown_fault_or_mode_is_refused() {
    let outside = Outside::start().await;
    for (path, body) in [
        (
            "faults",
            json!({ "path": "/v1/refunds", "kind": "earthquake" }),
        ),
        ("webhooks/mode", json!({ "mode": "sing" })),
        (
            "payment_methods/pm_none/next",
            json!({ "outcome": "succeeded" }),
        ),
        ("objects/pi_none", json!({ "amount": 1 })),
    ] {
        let request = outside
            .client
            .post(outside.url(&format!("/_sandbox/{path}")));
        let response = request.json(&body).send().await.unwrap();
        assert!(response.status().is_client_error(), "{path}");
    }
}

#[tokio::test]
async fn an_object_can_be_made_to_lie() {
    let outside = Outside::start().await;
    let paid = outside.paid("4242424242424242").await;
    let id = paid["payment_intent"]["id"].as_str().unwrap();
    outside
        .control(&format!("objects/{id}"), json!({ "amount_received": 1 }))
        .await;
    assert_eq!(
        outside.get(&format!("/v1/payment_intents/{id}")).await["amount_received"],
        1
    );
}

#[tokio::test]
async fn the_log_tells_what_was_charged_and_refunded_and_for_whom() {
    let outside = Outside::start().await;
    let paid = outside.paid("4242424242424242").await;
    let charge = paid["payment_intent"]["latest_charge"]["id"]
        .as_str()
        .unwrap();
    outside
        .post("/v1/refunds", &[("charge", charge), ("amount", "500")])
        .await;
    outside.session(&[]).await;
    let log = outside.log().await;
    let charged = log["charged"].as_array().unwrap();
    assert_eq!(charged.len(), 1);
    assert_eq!(charged[0]["amount"], 2500);
    assert_eq!(charged[0]["amount_refunded"], 500);
    assert_eq!(charged[0]["metadata"]["topup_id"], "topup-1");
    assert_eq!(charged[0]["session"], paid["id"]);
    assert_eq!(log["refunded"][0]["amount"], 500);
    let asked: Vec<&Value> = log["requested"].as_array().unwrap().iter().collect();
    assert_eq!(asked.last().unwrap()["path"], "/v1/checkout/sessions");
}
