//! The manners of the API: who may ask, what is refused, how lists and expansion work.

use crate::harness::{KEY, Outside, read};
use reqwest::Method;
use serde_json::{Value, json};

fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn the_key_opens_the_api_in_both_ways_of_writing_it() {
    let outside = Outside::start().await;
    let url = outside.url("/v1/customers");
    let basic = outside.client.get(&url).basic_auth(KEY, Some(""));
    assert_eq!(read(basic.send().await.unwrap()).await.0, 200);
    for request in [
        outside.client.get(&url),
        outside.client.get(&url).bearer_auth("sk_test_other"),
        outside
            .client
            .get(&url)
            .basic_auth("sk_test_other", Some("")),
    ] {
        let (status, body) = read(request.send().await.unwrap()).await;
        assert_eq!(
            (status, &body["error"]["type"]),
            (401, &json!("invalid_request_error"))
        );
    }
}

#[tokio::test]
async fn only_the_pinned_version_is_spoken() {
    let outside = Outside::start().await;
    for (version, expected) in [
        ("2026-09-30.endive", 200),
        ("2026-10-28.endive", 400),
        ("2020-08-27", 400),
    ] {
        let request = outside
            .request(Method::GET, "/v1/customers")
            .header("stripe-version", version);
        assert_eq!(
            read(request.send().await.unwrap()).await.0,
            expected,
            "{version}"
        );
    }
}

#[tokio::test]
async fn customers_live_and_die() {
    let outside = Outside::start().await;
    let form = [
        ("email", "ana@example.com"),
        ("metadata[user_id]", "7"),
        ("metadata[app]", "wallet"),
    ];
    let made = outside.post("/v1/customers", &form).await;
    let path = format!("/v1/customers/{}", made["id"].as_str().unwrap());
    let changes = [
        ("name", "Ana"),
        ("metadata[app]", ""),
        ("address[country]", "US"),
        ("email", ""),
    ];
    let changed = outside.post(&path, &changes).await;
    assert_eq!(changed["metadata"], json!({ "user_id": "7" }));
    assert_eq!(
        (&changed["name"], &changed["email"]),
        (&json!("Ana"), &Value::Null)
    );
    assert_eq!(outside.get(&path).await, changed);
    let updated = outside.get("/v1/events?type=customer.updated").await;
    assert_eq!(
        updated["data"][0]["data"]["previous_attributes"]["email"],
        "ana@example.com"
    );

    let gone = outside.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(read(gone).await.1["deleted"], true);
    assert_eq!(outside.get(&path).await["deleted"], true);
    assert_eq!(outside.get("/v1/customers").await["data"], json!([]));
    let id = made["id"].as_str().unwrap();
    let (status, body) = outside
        .try_post(
            "/v1/payment_intents",
            &[("amount", "500"), ("currency", "usd"), ("customer", id)],
        )
        .await;
    assert_eq!((status, code(&body)), (404, "resource_missing"));
}

#[tokio::test]
async fn refusals_have_the_codes_that_clients_look_for() {
    let outside = Outside::start().await;
    let customer = outside.customer().await;
    let payment = |amount| [("amount", amount), ("currency", "usd")];
    let cases = [
        (
            "/v1/payment_intents",
            payment("49").to_vec(),
            400,
            "amount_too_small",
        ),
        (
            "/v1/payment_intents",
            payment("100000000").to_vec(),
            400,
            "amount_too_large",
        ),
        (
            "/v1/payment_intents",
            payment("5.00").to_vec(),
            400,
            "parameter_invalid_integer",
        ),
        (
            "/v1/payment_intents",
            vec![("amount", "500")],
            400,
            "parameter_missing",
        ),
        (
            "/v1/payment_intents",
            [&payment("500")[..], &[("colour", "red")]].concat(),
            400,
            "parameter_unknown",
        ),
        (
            "/v1/checkout/sessions",
            vec![("mode", "payment")],
            400,
            "parameter_missing",
        ),
        (
            "/v1/refunds",
            vec![("charge", "ch_none")],
            404,
            "resource_missing",
        ),
        (
            "/v1/payment_intents/pi_none/confirm",
            vec![],
            404,
            "resource_missing",
        ),
        ("/v1/nonsense", vec![], 404, ""),
    ];
    for (path, form, status, expected) in cases {
        let (answered, body) = outside.try_post(path, &form).await;
        assert_eq!(
            (answered, code(&body)),
            (status, expected),
            "{path} {form:?} {body}"
        );
    }
    let tax = [
        ("customer", customer.as_str()),
        ("tax_id_collection[enabled]", "true"),
    ];
    let session = [
        ("mode", "payment"),
        ("success_url", "http://x.test/"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "2500"),
        ("line_items[0][price_data][product_data][name]", "Credit"),
    ];
    let (status, body) = outside
        .try_post("/v1/checkout/sessions", &[&session[..], &tax].concat())
        .await;
    assert_eq!(
        (status, &body["error"]["param"]),
        (400, &json!("tax_id_collection"))
    );
    let allowed = [&session[..], &tax, &[("customer_update[name]", "auto")]].concat();
    outside.post("/v1/checkout/sessions", &allowed).await;
}

#[tokio::test]
async fn sessions_live_between_half_an_hour_and_a_day() {
    let outside = Outside::start().await;
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    for (after, expected) in [(1000, 400), (3600, 200), (25 * 3600, 400)] {
        let at = (now + after).to_string();
        let form = [
            ("mode", "setup"),
            ("currency", "usd"),
            ("success_url", "http://x.test/"),
            ("expires_at", at.as_str()),
        ];
        assert_eq!(
            outside.try_post("/v1/checkout/sessions", &form).await.0,
            expected,
            "{after}"
        );
    }
}

#[tokio::test]
async fn nothing_of_the_sandbox_leaks_into_bodies() {
    let outside = Outside::start().await;
    outside.paid("4242424242424242").await;
    for path in [
        "checkout/sessions",
        "payment_intents",
        "charges",
        "events",
        "webhook_endpoints",
    ] {
        let body = outside
            .get(&format!("/v1/{path}?limit=100"))
            .await
            .to_string();
        assert!(!body.contains("\"_"), "{path}");
        assert!(!body.contains("4242424242424242"), "{path}");
    }
}

#[tokio::test]
async fn a_reset_forgets_everything() {
    let outside = Outside::start().await;
    outside.paid("4242424242424242").await;
    outside.control("reset", json!({})).await;
    assert_eq!(outside.get("/v1/events").await["data"], json!([]));
    assert_eq!(outside.log().await["charged"], json!([]));
    let page = outside
        .client
        .get(outside.url("/_sandbox"))
        .header("accept", "text/html");
    let page = page.send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("No payment yet."));
}
