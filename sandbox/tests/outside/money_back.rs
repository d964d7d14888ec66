//! Refunds and disputes.

use crate::harness::Outside;
use serde_json::{Value, json};

fn charge(paid: &Value) -> String {
    paid["payment_intent"]["latest_charge"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn refunds_are_partial_until_nothing_is_left() {
    let outside = Outside::start().await;
    let paid = outside.paid("4242424242424242").await;
    let intent = paid["payment_intent"]["id"].as_str().unwrap();
    let charge = charge(&paid);
    let first = outside
        .post(
            "/v1/refunds",
            &[("payment_intent", intent), ("amount", "1000")],
        )
        .await;
    assert_eq!(first["status"], "succeeded");
    let (status, _) = outside
        .try_post("/v1/refunds", &[("charge", &charge), ("amount", "1501")])
        .await;
    assert_eq!(status, 400);
    let rest = outside
        .control(&format!("charges/{charge}/refund"), json!({}))
        .await;
    assert_eq!(rest["amount"], 1500);
    let (status, body) = outside
        .try_post("/v1/refunds", &[("charge", &charge)])
        .await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (400, &json!("charge_already_refunded"))
    );
    let expanded = outside
        .get(&format!("/v1/charges/{charge}?expand[]=refunds"))
        .await;
    assert_eq!(
        (&expanded["refunded"], &expanded["amount_refunded"]),
        (&json!(true), &json!(2500))
    );
    assert_eq!(expanded["refunds"]["data"].as_array().unwrap().len(), 2);
    let listed = outside
        .get(&format!("/v1/refunds?payment_intent={intent}"))
        .await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    let transaction = first["balance_transaction"].as_str().unwrap();
    let transaction = outside
        .get(&format!("/v1/balance_transactions/{transaction}"))
        .await;
    assert_eq!(transaction["amount"], -1000);
}

#[tokio::test]
async fn a_refund_may_be_pending_for_a_while() {
    let outside = Outside::start().await;
    let charge = charge(&outside.paid("4000000000007726").await);
    let refund = outside.post("/v1/refunds", &[("charge", &charge)]).await;
    assert_eq!(refund["status"], "pending");
    outside.advance(10).await;
    let path = format!("/v1/refunds/{}", refund["id"].as_str().unwrap());
    assert_eq!(outside.get(&path).await["status"], "succeeded");
    outside.inbox.wait_for("refund.updated", 1).await;
}

#[tokio::test]
async fn a_refund_may_fail_after_it_succeeded_and_the_money_comes_back() {
    let outside = Outside::start().await;
    let charge = charge(&outside.paid("4000000000005126").await);
    let refund = outside
        .post("/v1/refunds", &[("charge", &charge), ("amount", "700")])
        .await;
    assert_eq!(refund["status"], "succeeded");
    outside.advance(10).await;
    let path = format!(
        "/v1/refunds/{}?expand[]=failure_balance_transaction",
        refund["id"].as_str().unwrap()
    );
    let failed = outside.get(&path).await;
    assert_eq!(
        (
            &failed["status"],
            &failed["failure_balance_transaction"]["amount"]
        ),
        (&json!("failed"), &json!(700))
    );
    assert_eq!(
        outside.get(&format!("/v1/charges/{charge}")).await["amount_refunded"],
        0
    );
    outside.inbox.wait_for("refund.failed", 1).await;
}

#[tokio::test]
async fn a_dispute_takes_the_money_and_winning_returns_it() {
    for (act, status, back) in [
        ("win", "won", 1),
        ("lose", "lost", 0),
        ("prevent", "prevented", 1),
    ] {
        let outside = Outside::start().await;
        let charge = charge(&outside.paid("4242424242424242").await);
        let dispute = outside
            .control(
                &format!("charges/{charge}/dispute"),
                json!({ "reason": "product_not_received" }),
            )
            .await;
        let id = dispute["id"].as_str().unwrap();
        let open = outside
            .get(&format!("/v1/disputes/{id}?expand[]=charge"))
            .await;
        assert_eq!(
            (&open["status"], &open["charge"]["disputed"]),
            (&json!("needs_response"), &json!(true))
        );
        assert_eq!(open["balance_transactions"][0]["amount"], -2500);
        let (refused, body) = outside
            .try_post("/v1/refunds", &[("charge", &charge)])
            .await;
        assert_eq!(
            (refused, &body["error"]["code"]),
            (400, &json!("charge_disputed"))
        );
        let evidence = [
            ("evidence[product_description]", "Calling credit"),
            ("metadata[case]", "9"),
        ];
        let sent = outside.post(&format!("/v1/disputes/{id}"), &evidence).await;
        assert_eq!(sent["status"], "under_review");
        let closed = outside
            .control(&format!("disputes/{id}/{act}"), json!({}))
            .await;
        assert_eq!(closed["status"], status);
        assert_eq!(
            closed["balance_transactions"].as_array().unwrap().len(),
            1 + back,
            "{act}"
        );
        let kinds = outside.event_kinds().await;
        let reinstated = kinds
            .iter()
            .filter(|kind| *kind == "charge.dispute.funds_reinstated")
            .count();
        assert_eq!(reinstated, back, "{act}");
        assert_eq!(kinds[0], "charge.dispute.closed");
        let (refused, _) = outside
            .try_post(&format!("/v1/disputes/{id}/close"), &[])
            .await;
        assert_eq!(refused, 400, "{act}: already closed");
    }
}

#[tokio::test]
async fn an_inquiry_moves_no_money_unless_it_is_escalated() {
    let outside = Outside::start().await;
    let charge = charge(&outside.paid("4000000000001976").await);
    let listed = outside.get(&format!("/v1/disputes?charge={charge}")).await;
    let inquiry = &listed["data"][0];
    assert_eq!(
        (&inquiry["status"], &inquiry["balance_transactions"]),
        (&json!("warning_needs_response"), &json!([]))
    );
    let id = inquiry["id"].as_str().unwrap();
    let escalated = outside
        .control(&format!("disputes/{id}/escalate"), json!({}))
        .await;
    assert_eq!(escalated["status"], "needs_response");
    assert_eq!(
        escalated["balance_transactions"].as_array().unwrap().len(),
        1
    );
    let lost = outside.post(&format!("/v1/disputes/{id}/close"), &[]).await;
    assert_eq!(lost["status"], "lost");

    let other = outside.paid("4000000000001976").await;
    let other = self::charge(&other);
    let listed = outside.get(&format!("/v1/disputes?charge={other}")).await;
    let id = listed["data"][0]["id"].as_str().unwrap();
    let closed = outside
        .control(&format!("disputes/{id}/win"), json!({}))
        .await;
    assert_eq!(
        (&closed["status"], &closed["balance_transactions"]),
        (&json!("warning_closed"), &json!([]))
    );
}
