//! What each fault does to the caller, and what was executed all the same.

use crate::harness::Outside;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

const FORM: [(&str, &str); 4] = [
    ("amount", "2500"),
    ("currency", "usd"),
    ("payment_method", "pm_card_visa"),
    ("confirm", "true"),
];

async fn send(outside: &Outside) -> Result<(u16, String), reqwest::Error> {
    let request = outside
        .request(Method::POST, "/v1/payment_intents")
        .form(&FORM);
    let request = request
        .header("idempotency-key", "k")
        .timeout(Duration::from_millis(700));
    let response = request.send().await?;
    Ok((response.status().as_u16(), response.text().await?))
}

async fn plan(outside: &Outside, kind: &str) {
    let fault =
        json!({ "path": "/v1/payment_intents", "n": 1, "kind": kind, "milliseconds": 2000 });
    outside.control("faults", fault).await;
}

async fn charges(outside: &Outside) -> usize {
    outside.log().await["charged"].as_array().unwrap().len()
}

#[tokio::test]
async fn an_answer_may_be_a_failure_of_many_kinds() {
    for (kind, status, charged) in [
        ("500_before", 500, 0),
        ("500_after_commit", 500, 1),
        ("429", 429, 0),
        ("409", 409, 0),
        ("html_502", 502, 0),
    ] {
        let outside = Outside::start().await;
        plan(&outside, kind).await;
        let (answered, body) = send(&outside).await.unwrap();
        assert_eq!(answered, status, "{kind}");
        assert_eq!(
            body.starts_with("<html>"),
            kind == "html_502",
            "{kind}: {body}"
        );
        assert_eq!(charges(&outside).await, charged, "{kind}");
    }
}

#[tokio::test]
async fn an_answer_may_not_come_although_the_charge_was_made() {
    for (kind, charged) in [
        ("timeout_after_commit", 1),
        ("reset_after_commit", 1),
        ("reset", 0),
        ("truncated_body", 1),
    ] {
        let outside = Outside::start().await;
        plan(&outside, kind).await;
        let error = send(&outside).await.expect_err(kind);
        assert_eq!(
            error.is_timeout(),
            kind == "timeout_after_commit",
            "{kind}: {error:?}"
        );
        assert_eq!(charges(&outside).await, charged, "{kind}");

        let (status, _) = send(&outside).await.unwrap();
        assert_eq!(status, 200, "{kind}, repeated");
        assert_eq!(charges(&outside).await, 1, "{kind}, repeated");
    }
}

#[tokio::test]
async fn a_slow_request_is_finished_although_the_caller_hung_up() {
    let outside = Outside::start().await;
    plan(&outside, "slow").await;
    assert!(send(&outside).await.expect_err("too slow").is_timeout());
    tokio::time::sleep(Duration::from_millis(1600)).await;
    assert_eq!(send(&outside).await.unwrap().0, 200);
    assert_eq!(charges(&outside).await, 1);
}

#[tokio::test]
async fn faults_are_listed_and_cleared_and_written_in_the_log() {
    let outside = Outside::start().await;
    plan(&outside, "429").await;
    plan(&outside, "reset").await;
    assert_eq!(send(&outside).await.unwrap().0, 429);
    let cleared = outside.control("faults/clear", json!({})).await;
    assert_eq!(cleared, json!([]));
    assert_eq!(send(&outside).await.unwrap().0, 200);
    let log = outside.log().await;
    let faults: Vec<_> = log["requested"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["fault"].clone())
        .collect();
    assert_eq!(faults, [json!("429"), json!(null)]);
}
