//! Idempotency keys over the wire.

use crate::harness::{Outside, read};
use reqwest::{Method, Response};
use serde_json::{Value, json};

const PAYMENT: [(&str, &str); 4] = [
    ("amount", "2500"),
    ("currency", "usd"),
    ("payment_method", "pm_card_visa"),
    ("confirm", "true"),
];

async fn send(outside: &Outside, key: &str, form: &[(&str, &str)]) -> Response {
    let request = outside.request(Method::POST, "/v1/payment_intents");
    request
        .header("idempotency-key", key)
        .form(form)
        .send()
        .await
        .unwrap()
}

async fn charges(outside: &Outside) -> usize {
    outside.log().await["charged"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_repeat_is_replayed_and_charges_once() {
    let outside = Outside::start().await;
    let first = send(&outside, "k", &PAYMENT).await;
    assert!(!first.headers().contains_key("idempotent-replayed"));
    let (status, first) = read(first).await;
    assert_eq!(status, 200);
    let mut shuffled = PAYMENT;
    shuffled.reverse();
    let again = send(&outside, "k", &shuffled).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(read(again).await.1, first);
    assert_eq!(charges(&outside).await, 1);
}

#[tokio::test]
async fn ten_requests_at_once_charge_once() {
    let outside = Outside::start().await;
    let sent = (0..10).map(|_| send(&outside, "k", &PAYMENT));
    for response in futures_util::future::join_all(sent).await {
        assert!(matches!(response.status().as_u16(), 200 | 409));
    }
    assert_eq!(charges(&outside).await, 1);
}

#[tokio::test]
async fn a_decline_is_replayed_too() {
    let outside = Outside::start().await;
    let mut form = PAYMENT;
    form[2].1 = "pm_card_chargeDeclined";
    let (status, first) = read(send(&outside, "k", &form).await).await;
    assert_eq!(status, 402);
    assert_eq!(
        first["error"]["payment_intent"]["status"],
        "requires_payment_method"
    );
    crate::witness::check(&first["error"]["payment_intent"]);
    let (status, again) = read(send(&outside, "k", &form).await).await;
    assert_eq!((status, again), (402, first));
}

#[tokio::test]
async fn a_failure_of_the_server_is_replayed_whether_it_charged_or_not() {
    for (kind, charged) in [("500_before", 0), ("500_after_commit", 1)] {
        let outside = Outside::start().await;
        outside
            .control(
                "faults",
                json!({ "path": "/v1/payment_intents", "kind": kind }),
            )
            .await;
        assert_eq!(send(&outside, "k", &PAYMENT).await.status(), 500, "{kind}");
        let again = send(&outside, "k", &PAYMENT).await;
        assert_eq!(again.headers()["idempotent-replayed"], "true", "{kind}");
        assert_eq!(again.status(), 500, "{kind}");
        assert_eq!(charges(&outside).await, charged, "{kind}");
    }
}

#[tokio::test]
async fn changed_parameters_are_refused() {
    let outside = Outside::start().await;
    send(&outside, "k", &PAYMENT).await;
    let mut other = PAYMENT;
    other[0].1 = "2600";
    let (status, body) = read(send(&outside, "k", &other).await).await;
    assert_eq!(
        (status, &body["error"]["type"]),
        (400, &json!("idempotency_error"))
    );
    let elsewhere = outside
        .request(Method::POST, "/v1/customers")
        .header("idempotency-key", "k");
    let (status, body) = read(elsewhere.send().await.unwrap()).await;
    assert_eq!(
        (status, &body["error"]["type"]),
        (400, &json!("idempotency_error"))
    );
}

#[tokio::test]
async fn a_key_in_use_is_a_conflict() {
    let outside = Outside::start().await;
    let slow = json!({ "path": "/v1/payment_intents", "kind": "slow", "milliseconds": 1000 });
    outside.control("faults", slow).await;
    let (first, second) = tokio::join!(send(&outside, "k", &PAYMENT), async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        send(&outside, "k", &PAYMENT).await
    });
    assert_eq!(first.status(), 200);
    let (status, body) = read(second).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (409, &json!("idempotency_key_in_use"))
    );
    assert_eq!(send(&outside, "k", &PAYMENT).await.status(), 200);
    assert_eq!(charges(&outside).await, 1);
}

#[tokio::test]
async fn what_was_not_executed_is_not_kept() {
    let outside = Outside::start().await;
    let (status, body) = read(send(&outside, "k", &[("amount", "2500")]).await).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (400, &json!("parameter_missing"))
    );
    assert_eq!(send(&outside, "k", &PAYMENT).await.status(), 200);
    for kind in ["429", "409", "html_502"] {
        outside
            .control(
                "faults",
                json!({ "path": "/v1/payment_intents", "kind": kind }),
            )
            .await;
        assert!(!send(&outside, kind, &PAYMENT).await.status().is_success());
        assert_eq!(send(&outside, kind, &PAYMENT).await.status(), 200, "{kind}");
    }
}

#[tokio::test]
async fn a_key_is_pruned_after_a_day_of_the_sandbox_clock() {
    let outside = Outside::start().await;
    let first: Value = read(send(&outside, "k", &PAYMENT).await).await.1;
    outside.advance(23 * 3600).await;
    assert_eq!(
        read(send(&outside, "k", &PAYMENT).await).await.1["id"],
        first["id"]
    );
    outside.advance(3601).await;
    assert_ne!(
        read(send(&outside, "k", &PAYMENT).await).await.1["id"],
        first["id"]
    );
    assert_eq!(charges(&outside).await, 2);
}
