//! Paying on the hosted page, with each test card.

use crate::harness::Outside;
use serde_json::{Value, json};

pub(crate) async fn retrieve(outside: &Outside, session: &Value) -> Value {
    let id = session["id"].as_str().unwrap();
    let expand = "expand[]=payment_intent.latest_charge&expand[]=line_items&expand[]=customer";
    outside
        .get(&format!("/v1/checkout/sessions/{id}?{expand}"))
        .await
}

#[tokio::test]
async fn a_paid_session_sends_the_customer_back_and_tells_the_merchant() {
    let outside = Outside::start().await;
    let customer = outside.customer().await;
    let session = outside.session(&[("customer", &customer)]).await;
    assert_eq!(session["payment_intent"], Value::Null);
    assert_eq!(session["status"], "open");

    let response = outside.submit(&session, "4242 4242 4242 4242").await;
    assert_eq!(response.status(), 303);
    let id = session["id"].as_str().unwrap();
    let back = format!("http://wallet.test/return?session_id={id}");
    assert_eq!(response.headers()["location"], back);

    let paid = retrieve(&outside, &session).await;
    assert_eq!(paid["status"], "complete");
    assert_eq!(paid["payment_status"], "paid");
    assert_eq!(paid["url"], Value::Null);
    assert_eq!(paid["line_items"]["data"][0]["amount_total"], 2500);
    assert_eq!(paid["customer"]["id"], *customer);
    let intent = &paid["payment_intent"];
    assert_eq!(intent["amount_received"], 2500);
    assert_eq!(intent["metadata"]["topup_id"], "topup-1");
    assert_eq!(
        intent["latest_charge"]["payment_method_details"]["card"]["last4"],
        "4242"
    );
    let kinds = outside.event_kinds().await;
    for kind in [
        "payment_intent.created",
        "payment_intent.succeeded",
        "charge.succeeded",
        "charge.updated",
        "checkout.session.completed",
    ] {
        assert_eq!(
            kinds.iter().filter(|other| *other == kind).count(),
            1,
            "{kind}"
        );
    }

    let again = outside.submit(&session, "4242424242424242").await;
    assert_eq!(again.status(), 200);
    assert!(again.text().await.unwrap().contains("already paid"));
    assert_eq!(outside.log().await["charged"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn declined_cards_say_why_and_leave_the_session_open() {
    for (card, words, code) in [
        (
            "4000000000000002",
            "Your card was declined.",
            "card_declined",
        ),
        ("4000000000009995", "insufficient funds", "card_declined"),
        (
            "4000000000000341",
            "Your card was declined.",
            "card_declined",
        ),
        ("4000000000000069", "has expired", "expired_card"),
        (
            "4000000000000127",
            "security code is incorrect",
            "incorrect_cvc",
        ),
        (
            "4000000000000119",
            "error occurred while processing",
            "processing_error",
        ),
        (
            "4000000000009987",
            "Your card was declined.",
            "card_declined",
        ),
        (
            "4000000000009979",
            "Your card was declined.",
            "card_declined",
        ),
    ] {
        let outside = Outside::start().await;
        let session = outside.session(&[]).await;
        let response = outside.submit(&session, card).await;
        assert_eq!(response.status(), 200, "{card}");
        let page = response.text().await.unwrap();
        assert!(page.contains("role=\"alert\""), "{card}");
        assert!(page.replace("&#39;", "'").contains(words), "{card}: {page}");

        let open = retrieve(&outside, &session).await;
        assert_eq!(open["status"], "open", "{card}");
        assert_eq!(open["payment_status"], "unpaid", "{card}");
        let intent = &open["payment_intent"];
        assert_eq!(intent["status"], "requires_payment_method", "{card}");
        assert_eq!(intent["last_payment_error"]["code"], code, "{card}");
        assert_eq!(intent["latest_charge"]["status"], "failed", "{card}");

        let response = outside.submit(&session, "4242424242424242").await;
        assert_eq!(response.status(), 303, "{card}, then another");
        let paid = retrieve(&outside, &session).await;
        assert_eq!(paid["payment_intent"]["id"], intent["id"], "{card}");
        assert_eq!(paid["payment_status"], "paid", "{card}");
    }
}

#[tokio::test]
async fn cards_that_bring_trouble_later_succeed_first() {
    for (card, event) in [
        ("4000000000000259", "charge.dispute.funds_withdrawn"),
        ("4000000000001976", "charge.dispute.created"),
        ("4000000000005423", "radar.early_fraud_warning.created"),
    ] {
        let outside = Outside::start().await;
        let paid = outside.paid(card).await;
        assert_eq!(paid["payment_status"], "paid", "{card}");
        assert!(
            outside.event_kinds().await.iter().any(|kind| kind == event),
            "{card}"
        );
    }
}

#[tokio::test]
async fn a_form_that_is_wrong_is_answered_in_words_and_charges_nothing() {
    let outside = Outside::start().await;
    let session = outside.session(&[]).await;
    let url = session["url"].as_str().unwrap();
    let wrong = [
        ("card_number", "4111111111111111"),
        ("expiry", "01/20"),
        ("cvc", "1x3"),
        ("name", "\"><script>alert(1)</script>"),
    ];
    let page = outside
        .client
        .post(url)
        .form(&wrong)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for words in [
        "test card numbers",
        "has expired",
        "security code",
        "role=\"alert\"",
        "aria-invalid",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("<script>alert"), "what was typed is escaped");
    assert_eq!(
        retrieve(&outside, &session).await["payment_intent"],
        Value::Null
    );
}

#[tokio::test]
async fn pages_say_that_no_real_money_moves() {
    let outside = Outside::start().await;
    let session = outside.session(&[]).await;
    let page = outside
        .client
        .get(session["url"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    let page = page.text().await.unwrap();
    for words in [
        "no real money moves",
        "$25.00",
        "Pay $25.00",
        "Card number",
        "Name on card",
        ">Back<",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let missing = outside
        .client
        .get(outside.url("/c/pay/cs_test_none"))
        .send()
        .await
        .unwrap();
    assert_eq!(missing.status(), 404);
}

#[tokio::test]
async fn an_expired_session_cannot_be_paid() {
    let outside = Outside::start().await;
    let session = outside.session(&[]).await;
    let id = session["id"].as_str().unwrap();
    outside.submit(&session, "4000000000000002").await;
    let expired = outside
        .post(&format!("/v1/checkout/sessions/{id}/expire"), &[])
        .await;
    assert_eq!(
        (&expired["status"], &expired["url"]),
        (&json!("expired"), &Value::Null)
    );
    let page = outside
        .submit(&session, "4242424242424242")
        .await
        .text()
        .await
        .unwrap();
    assert!(page.contains("has expired"));
    assert_eq!(
        retrieve(&outside, &session).await["payment_intent"]["status"],
        "canceled"
    );
    let (status, _) = outside
        .try_post(&format!("/v1/checkout/sessions/{id}/expire"), &[])
        .await;
    assert_eq!(status, 400);
    assert_eq!(outside.log().await["charged"], json!([]));
}

#[tokio::test]
async fn a_slow_payment_completes_first_and_is_paid_later() {
    let outside = Outside::start().await;
    for (end, status, event) in [
        (
            "succeeds",
            "paid",
            "checkout.session.async_payment_succeeded",
        ),
        ("fails", "unpaid", "checkout.session.async_payment_failed"),
    ] {
        let session = outside.session(&[]).await;
        let id = session["id"].as_str().unwrap();
        let pay = json!({ "delayed": end, "seconds": 3600 });
        outside.control(&format!("sessions/{id}/pay"), pay).await;
        let waiting = retrieve(&outside, &session).await;
        assert_eq!(
            (&waiting["status"], &waiting["payment_status"]),
            (&json!("complete"), &json!("unpaid"))
        );
        assert_eq!(waiting["payment_intent"]["status"], "processing");
        outside.advance(3600).await;
        assert_eq!(retrieve(&outside, &session).await["payment_status"], status);
        assert!(
            outside.event_kinds().await.iter().any(|kind| kind == event),
            "{event}"
        );
    }
}
