//! The charging API's refusals: without a key, of what is malformed, and by the rules, each with its word.

use reqwest::Method;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

use crate::support::{BLOCKED, LANDLINE, NOWHERE, Switch};

#[sqlx::test(migrations = "../migrations")]
async fn without_a_valid_key_nothing_is_told(pool: PgPoolOptions, database: PgConnectOptions) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.funded("25", "0").await;
    let calls = format!("/wallets/{wallet}/calls");
    let too_long = "x".repeat(20_000);
    for key in ["", "wrong", &switch.key[1..], &format!("{}x", switch.key)] {
        for (method, path, body) in [
            (
                Method::POST,
                calls.as_str(),
                json!({ "call_id": "a", "to": LANDLINE }).to_string(),
            ),
            (Method::POST, "/lookup", too_long.clone()),
            (Method::GET, "/nothing", String::new()),
        ] {
            let answer = switch.send(method, path, key, body).await;
            assert_eq!(
                (answer.status, answer.text.as_str()),
                (401, ""),
                "{key} {path}"
            );
        }
    }
    let basic = switch
        .http
        .get(format!("{}/switch/v1{calls}/a", switch.base));
    let basic = basic
        .header("authorization", format!("Basic {}", switch.key))
        .send()
        .await
        .unwrap();
    assert_eq!(basic.status(), 401);
    assert_eq!(basic.headers()["www-authenticate"], "Bearer");

    // Another switch sees nothing of the first one's calls; a revoked key opens nothing.
    switch.authorize(wallet, "a", LANDLINE).await.expect(201);
    let other = switch
        .ledger
        .create_switch_key("other", "other")
        .await
        .unwrap()
        .unwrap();
    let no_such_call = json!({ "type": "no_such_call" });
    for (method, path, body) in [
        (Method::GET, "", json!({})),
        (Method::POST, "/answer", json!({})),
        (
            Method::POST,
            "/update",
            json!({ "seq": 1, "talked_seconds": 1 }),
        ),
        (
            Method::POST,
            "/end",
            json!({ "talked_seconds": 1, "cause": "theft" }),
        ),
    ] {
        let answer = switch
            .send(
                method,
                &format!("{calls}/a{path}"),
                &other,
                body.to_string(),
            )
            .await;
        answer.problem(404, no_such_call.clone());
    }
    assert!(switch.ledger.revoke_switch_key("other").await.unwrap());
    let mut status = 0;
    for _ in 0..40 {
        status = switch
            .send(Method::GET, &format!("{calls}/a"), &other, String::new())
            .await
            .status;
        if status == 401 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    assert_eq!(status, 401, "a revoked key must end within seconds");
    assert!(!switch.ledger.revoke_switch_key("other").await.unwrap());
    switch.end(wallet, "a", 0).await.expect(200);
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_malformed_is_named(pool: PgPoolOptions, database: PgConnectOptions) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.funded("25", "0").await;
    switch.authorize(wallet, "a", LANDLINE).await.expect(201);
    let calls = format!("/wallets/{wallet}/calls");
    let call = format!("{calls}/a");
    let messages = format!("/wallets/{wallet}/messages");
    let (update, end) = (format!("{call}/update"), format!("{call}/end"));
    let long = "x".repeat(129);
    for (path, body, field) in [
        (&calls, json!({ "to": LANDLINE }), "call_id"),
        (&calls, json!({ "call_id": 7, "to": LANDLINE }), "call_id"),
        (&calls, json!({ "call_id": "", "to": LANDLINE }), "call_id"),
        (
            &calls,
            json!({ "call_id": long, "to": LANDLINE }),
            "call_id",
        ),
        (
            &calls,
            json!({ "call_id": "a\u{0}", "to": LANDLINE }),
            "call_id",
        ),
        (&calls, json!({ "call_id": "x" }), "to"),
        (&calls, json!({ "call_id": "x", "to": "Mexico" }), "to"),
        (
            &calls,
            json!({ "call_id": "x", "to": "+0525512345678" }),
            "to",
        ),
        (
            &calls,
            json!({ "call_id": "x", "to": LANDLINE, "from": 5 }),
            "from",
        ),
        (&update, json!({ "talked_seconds": 1 }), "seq"),
        (&update, json!({ "seq": 0, "talked_seconds": 1 }), "seq"),
        (&update, json!({ "seq": 1.5, "talked_seconds": 1 }), "seq"),
        (&update, json!({ "seq": 1 }), "talked_seconds"),
        (
            &update,
            json!({ "seq": 1, "talked_seconds": -1 }),
            "talked_seconds",
        ),
        (
            &update,
            json!({ "seq": 1, "talked_seconds": "15" }),
            "talked_seconds",
        ),
        (
            &update,
            json!({ "seq": 1, "talked_seconds": 4_000_000_000_i64 }),
            "talked_seconds",
        ),
        (&end, json!({ "cause": "x" }), "talked_seconds"),
        (&end, json!({ "talked_seconds": 1 }), "cause"),
        (
            &messages,
            json!({ "from": "a", "to": LANDLINE, "segments": 1, "body": "" }),
            "message_id",
        ),
        (
            &messages,
            json!({ "message_id": "m", "from": "a", "to": LANDLINE, "segments": 0, "body": "" }),
            "segments",
        ),
        (
            &messages,
            json!({ "message_id": "m", "from": "a", "to": LANDLINE, "segments": 256, "body": "" }),
            "segments",
        ),
        (
            &messages,
            json!({ "message_id": "m", "from": "a", "to": LANDLINE, "segments": 1 }),
            "body",
        ),
        (
            &messages,
            json!({ "message_id": "m", "from": "a", "to": LANDLINE, "segments": 1, "body": "\u{0}" }),
            "body",
        ),
        (&"/lookup".to_owned(), json!({}), "number"),
        (
            &"/reports".to_owned(),
            json!([{ "wallet": wallet, "call_id": "a", "talked_seconds": 1 }]),
            "[0].cause",
        ),
        (&"/reports".to_owned(), json!([7]), "[0]"),
    ] {
        let answer = switch.post(path, body.clone()).await;
        let expected = json!({ "type": "invalid_field", "field": field });
        assert_eq!(
            (answer.status, answer.json()),
            (422, expected),
            "{path} {body}"
        );
    }
    for body in ["", "{", "[]", "null", "\"x\""] {
        let answer = switch
            .send(Method::POST, &calls, &switch.key, body.to_owned())
            .await;
        answer.problem(422, json!({ "type": "invalid_body" }));
    }
    let quote = switch.get(&format!("/wallets/{wallet}/quote")).await;
    quote.problem(422, json!({ "type": "invalid_field", "field": "to" }));
    for length in [16 * 1024 + 1, 1024 * 1024] {
        let body = json!({ "call_id": "x", "to": LANDLINE, "more": "x".repeat(length) });
        switch
            .post(&calls, body)
            .await
            .problem(413, json!({ "type": "too_large" }));
    }
    let unknown = json!({ "call_id": "x", "to": LANDLINE, "mood": "good" });
    switch.post(&calls, unknown).await.expect(201);
    switch
        .get("/nothing")
        .await
        .problem(404, json!({ "type": "no_such_resource" }));
    switch
        .get(&calls)
        .await
        .problem(405, json!({ "type": "method_not_allowed" }));
    switch.end(wallet, "a", 0).await.expect(200);
}

#[sqlx::test(migrations = "../migrations")]
async fn every_refusal_has_its_word_and_its_numbers(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let poor = switch.funded("0.01", "0").await;
    let below = json!({
        "type": "below_minimum", "required": "0.1000", "available": "0.0100", "shortfall": "0.0900",
        "refill_possible": false
    });
    switch
        .authorize(poor, "a", LANDLINE)
        .await
        .problem(402, below.clone());
    let quote = switch
        .get(&format!("/wallets/{poor}/quote?to={LANDLINE}"))
        .await
        .expect(200);
    assert_eq!(
        (&quote["allowed"], &quote["refusal"]),
        (&json!(false), &below)
    );
    let wallet = switch.funded("25", "0").await;
    switch
        .authorize(wallet, "b", BLOCKED)
        .await
        .problem(403, json!({ "type": "blocked_destination" }));
    switch
        .authorize(wallet, "c", NOWHERE)
        .await
        .problem(404, json!({ "type": "no_rate" }));
    let nobody = Uuid::now_v7();
    let path = format!("/wallets/{nobody}/calls");
    let ask = json!({ "call_id": "a", "to": LANDLINE });
    let no_such_wallet = json!({ "type": "no_such_wallet" });
    switch
        .post(&path, ask.clone())
        .await
        .problem(404, no_such_wallet.clone());
    switch
        .post("/wallets/x/calls", ask)
        .await
        .problem(404, no_such_wallet.clone());
    switch
        .get(&format!("/wallets/{nobody}/quote?to={LANDLINE}"))
        .await
        .problem(404, no_such_wallet.clone());
    switch
        .get(&format!("/wallets/{wallet}/quote?to={NOWHERE}"))
        .await
        .problem(404, json!({ "type": "no_rate" }));
    switch
        .answer(wallet, "never")
        .await
        .problem(404, json!({ "type": "no_such_call" }));
    switch.authorize(wallet, "d", LANDLINE).await.expect(201);
    switch.authorize(wallet, "e", LANDLINE).await.expect(201);
    switch
        .authorize(wallet, "f", LANDLINE)
        .await
        .problem(429, json!({ "type": "too_many_calls", "limit": 2 }));
    sqlx::query("update wallet set debt = 1 where wallet_id = $1")
        .bind(wallet)
        .execute(&switch.owner)
        .await
        .unwrap();
    let frozen = json!({ "type": "wallet_frozen", "reason": "debt" });
    switch
        .authorize(wallet, "g", LANDLINE)
        .await
        .problem(403, frozen);
    let lookup = |number: &str| json!({ "number": number });
    switch
        .post("/lookup", lookup(LANDLINE))
        .await
        .problem(404, no_such_wallet);
    let kind = ledger::NumberKind::Registered;
    assert!(
        switch
            .ledger
            .add_number(wallet, &LANDLINE[1..], kind, None)
            .await
            .unwrap()
    );
    let found = switch.post("/lookup", lookup(LANDLINE)).await.expect(200);
    assert_eq!(found, json!({ "wallet": wallet }));
}
