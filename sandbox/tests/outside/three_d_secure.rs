//! The bank's question, passed and failed.

use crate::{checkout::retrieve, harness::Outside};

#[tokio::test]
async fn three_d_secure_can_be_passed_and_failed() {
    for card in ["4000002500003155", "4000002760003184"] {
        let outside = Outside::start().await;
        let session = outside.session(&[]).await;
        let response = outside.submit(&session, card).await;
        assert_eq!(response.status(), 303, "{card}");
        let bank = response.headers()["location"].to_str().unwrap().to_owned();
        assert!(bank.contains("/3ds/pi_"), "{bank}");
        assert_eq!(
            retrieve(&outside, &session).await["payment_intent"]["status"],
            "requires_action"
        );

        let page = outside
            .client
            .get(&bank)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(page.contains("Complete authentication") && page.contains("Fail authentication"));
        let failed = outside
            .client
            .post(&bank)
            .form(&[("answer", "fail")])
            .send()
            .await
            .unwrap();
        assert_eq!(
            failed.headers()["location"],
            session["url"].as_str().unwrap()
        );
        let page = outside
            .client
            .get(session["url"].as_str().unwrap())
            .send()
            .await
            .unwrap();
        assert!(
            page.text().await.unwrap().contains("failed authentication"),
            "{card}"
        );

        let response = outside.submit(&session, card).await;
        let bank = response.headers()["location"].to_str().unwrap().to_owned();
        let passed = outside
            .client
            .post(&bank)
            .form(&[("answer", "complete")])
            .send()
            .await
            .unwrap();
        assert!(
            passed.headers()["location"]
                .to_str()
                .unwrap()
                .starts_with("http://wallet.test/return")
        );
        assert_eq!(
            retrieve(&outside, &session).await["payment_status"],
            "paid",
            "{card}"
        );
        assert_eq!(
            outside.log().await["charged"].as_array().unwrap().len(),
            1,
            "{card}"
        );
    }
}

#[tokio::test]
async fn a_card_may_pass_three_d_secure_and_lack_funds() {
    let outside = Outside::start().await;
    let session = outside.session(&[]).await;
    let bank = outside.submit(&session, "4000008260003178").await.headers()["location"]
        .to_str()
        .unwrap()
        .to_owned();
    let response = outside
        .client
        .post(&bank)
        .form(&[("answer", "complete")])
        .send()
        .await
        .unwrap();
    assert_eq!(
        response.headers()["location"],
        session["url"].as_str().unwrap()
    );
    let open = retrieve(&outside, &session).await;
    let error = &open["payment_intent"]["last_payment_error"];
    assert_eq!(error["decline_code"], "insufficient_funds");
    assert_eq!(open["status"], "open");
}

#[tokio::test]
async fn the_merchant_can_ask_for_it_whatever_the_card() {
    let outside = Outside::start().await;
    let any = [(
        "payment_method_options[card][request_three_d_secure]",
        "any",
    )];
    let session = outside.session(&any).await;
    let response = outside.submit(&session, "4242424242424242").await;
    let bank = response.headers()["location"].to_str().unwrap().to_owned();
    assert!(bank.contains("/3ds/pi_"), "{bank}");
    outside
        .client
        .post(&bank)
        .form(&[("answer", "complete")])
        .send()
        .await
        .unwrap();
    assert_eq!(retrieve(&outside, &session).await["payment_status"], "paid");
}
