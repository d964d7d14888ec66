//! Lists in pages, and ids expanded to objects.

use crate::harness::Outside;
use serde_json::json;

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let outside = Outside::start().await;
    let customer = outside.customer().await;
    let mut ids = Vec::new();
    for amount in ["1000", "1001", "1002"] {
        let form = [
            ("amount", amount),
            ("currency", "usd"),
            ("customer", customer.as_str()),
        ];
        let made = outside.post("/v1/payment_intents", &form).await;
        ids.insert(0, made["id"].as_str().unwrap().to_owned());
    }
    outside
        .post(
            "/v1/payment_intents",
            &[("amount", "999"), ("currency", "usd")],
        )
        .await;
    let first = outside
        .get(&format!("/v1/payment_intents?customer={customer}&limit=2"))
        .await;
    assert_eq!(first["has_more"], true);
    assert_eq!(first["data"][1]["id"], ids[1].as_str());
    let path = format!(
        "/v1/payment_intents?customer={customer}&limit=2&starting_after={}",
        ids[1]
    );
    let second = outside.get(&path).await;
    assert_eq!(
        (&second["has_more"], &second["data"][0]["id"]),
        (&json!(false), &json!(ids[2]))
    );
    let future = outside
        .get("/v1/payment_intents?created[gte]=9999999999")
        .await;
    assert_eq!(future["data"], json!([]));
    let past = outside
        .get("/v1/payment_intents?created[gte]=1&created[lt]=9999999999")
        .await;
    assert_eq!(past["data"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn expansion_goes_four_levels_deep_and_only_where_it_can() {
    let outside = Outside::start().await;
    let paid = outside.paid("4242424242424242").await;
    let id = paid["id"].as_str().unwrap();
    let path = "payment_intent.latest_charge.balance_transaction.source";
    let session = outside
        .get(&format!("/v1/checkout/sessions/{id}?expand[]={path}"))
        .await;
    let charge = &session["payment_intent"]["latest_charge"];
    assert_eq!(charge["balance_transaction"]["source"]["id"], charge["id"]);
    let list = outside
        .get("/v1/payment_intents?expand[]=data.latest_charge")
        .await;
    assert_eq!(list["data"][0]["latest_charge"]["object"], "charge");
    for wrong in [
        "status",
        "nothing",
        "payment_intent.latest_charge.balance_transaction.source.customer",
    ] {
        let (status, _) = outside
            .try_get(&format!("/v1/checkout/sessions/{id}?expand[]={wrong}"))
            .await;
        assert_eq!(status, 400, "{wrong}");
    }
}
