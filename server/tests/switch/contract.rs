//! What the contract says of every request.

use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{LANDLINE, MOBILE, Switch, money};

#[sqlx::test(migrations = "../migrations")]
async fn a_call_from_quote_to_end(pool: PgPoolOptions, database: PgConnectOptions) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.funded("25", "0.50").await;
    let path = format!("/wallets/{wallet}/quote?to=%2B525512345678");
    let quote = switch.get(&path).await.expect(200);
    let expected = json!({
        "destination": "Mexico", "kind": "landline", "prefix": "52", "per_minute": "0.1000",
        "connection_fee": "0.0000", "initial_seconds": 1, "increment_seconds": 1, "minimum": "0.1000",
        "available": "25.5000", "talk_seconds": 14400, "allowed": true
    });
    assert_eq!(quote, expected);
    let unescaped = switch.get(&path.replace("%2B", "+")).await;
    assert_eq!(unescaped.expect(200), quote);

    let authorized = switch.authorize(wallet, "a", LANDLINE).await.expect(201);
    let expires_at = authorized["expires_at"].as_str().unwrap().to_owned();
    assert!(expires_at.ends_with('Z'), "{expires_at}");
    let rate = json!({
        "destination": "Mexico", "kind": "landline", "prefix": "52", "per_minute": "0.1000",
        "connection_fee": "0.0000", "initial_seconds": 1, "increment_seconds": 1
    });
    let expected = json!({
        "call_id": "a", "state": "authorized", "granted_seconds": 300, "held": "0.5000",
        "final": false, "expires_at": expires_at, "rate": rate
    });
    assert_eq!(authorized, expected);
    let answered = switch.answer(wallet, "a").await.expect(200);
    assert_eq!(answered["state"], "answered");
    assert_eq!(
        (&answered["granted_seconds"], &answered["final"]),
        (&json!(300), &json!(false))
    );
    let beat = switch.update(wallet, "a", 1, 15).await.expect(200);
    assert_eq!(
        beat,
        json!({ "seq": 1, "granted_seconds": 300, "held": "0.5000", "final": false })
    );
    let more = switch.update(wallet, "a", 5, 275).await.expect(200);
    assert_eq!(
        more,
        json!({ "seq": 5, "granted_seconds": 600, "held": "1.0000", "final": false })
    );
    let running = switch
        .get(&format!("/wallets/{wallet}/calls/a"))
        .await
        .expect(200);
    assert_eq!(
        (&running["state"], &running["confirmed_seconds"]),
        (&json!("answered"), &json!(275))
    );
    assert_eq!(running["charge"], Value::Null);
    let ended = switch.end(wallet, "a", 301).await.expect(200);
    let expected = json!({
        "state": "ended", "charge": "0.5017", "released": "0.4983", "available": "24.9983", "billed_seconds": 301
    });
    assert_eq!(ended, expected);
    let over = switch
        .get(&format!("/wallets/{wallet}/calls/a"))
        .await
        .expect(200);
    assert_eq!(
        (&over["state"], &over["charge"]),
        (&json!("ended"), &json!("0.5017"))
    );
    assert_eq!(switch.balance(wallet).await, (money("24.9983"), money("0")));

    switch.authorize(wallet, "b", LANDLINE).await.expect(201);
    let unanswered = switch.end(wallet, "b", 0).await.expect(200);
    assert_eq!(
        (&unanswered["charge"], &unanswered["billed_seconds"]),
        (&json!("0.0000"), &json!(0))
    );
    switch.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_repeat_gets_the_first_answer_byte_for_byte_also_after_a_restart(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let mut switch = Switch::open(pool, database).await;
    let wallet = switch.funded("0.60", "0.05").await;
    let authorized = switch.authorize(wallet, "a", LANDLINE).await;
    let answered = switch.answer(wallet, "a").await;
    let beat = switch.update(wallet, "a", 1, 280).await;
    let refused = switch.authorize(wallet, "b", MOBILE).await;
    assert_eq!(
        (
            authorized.status,
            answered.status,
            beat.status,
            refused.status
        ),
        (201, 200, 200, 402)
    );
    let ended = switch.end(wallet, "a", 290).await;
    let message = json!({ "message_id": "m", "from": "Bank", "to": "+12125550123", "segments": 2, "body": "Hi\nyou" });
    let messages = format!("/wallets/{wallet}/messages");
    let delivered = switch.post(&messages, message.clone()).await;
    assert_eq!(
        delivered.expect(201),
        json!({ "state": "delivered", "charge": "0.0200" })
    );
    // What changes afterwards changes no answer.
    switch.fund(wallet, "25", "0").await;
    switch.authorize(wallet, "c", LANDLINE).await.expect(201);
    switch.restart().await;
    assert_eq!(switch.authorize(wallet, "a", LANDLINE).await, authorized);
    assert_eq!(switch.answer(wallet, "a").await, answered);
    assert_eq!(switch.update(wallet, "a", 1, 280).await, beat);
    assert_eq!(switch.authorize(wallet, "b", MOBILE).await, refused);
    assert_eq!(switch.end(wallet, "a", 290).await, ended);
    assert_eq!(switch.post(&messages, message.clone()).await, delivered);

    // The same id with other content changes nothing.
    let before = switch.balance(wallet).await;
    let conflict = json!({ "type": "conflict" });
    switch
        .authorize(wallet, "a", MOBILE)
        .await
        .problem(409, conflict.clone());
    switch
        .authorize(wallet, "b", LANDLINE)
        .await
        .problem(409, conflict.clone());
    switch
        .update(wallet, "a", 1, 281)
        .await
        .problem(409, conflict.clone());
    switch
        .end(wallet, "a", 291)
        .await
        .problem(409, conflict.clone());
    let mut other = message;
    other["body"] = "Ho".into();
    switch.post(&messages, other).await.problem(409, conflict);
    switch
        .update(wallet, "a", 9, 295)
        .await
        .problem(409, json!({ "type": "call_ended" }));
    assert_eq!(switch.balance(wallet).await, before);
    switch.end(wallet, "c", 0).await.expect(200);
    switch.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn late_records_are_taken_each_for_itself(pool: PgPoolOptions, database: PgConnectOptions) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.funded("25", "0").await;
    for call_id in ["a", "b"] {
        switch
            .authorize(wallet, call_id, LANDLINE)
            .await
            .expect(201);
        switch.answer(wallet, call_id).await.expect(200);
    }
    switch.update(wallet, "b", 1, 30).await.expect(200);
    switch.end(wallet, "a", 60).await.expect(200);
    // The switch is silent about b until its grant and the grace are over.
    switch.clock.advance(time::Duration::seconds(421));
    assert_eq!(switch.ledger.expire_calls().await.unwrap(), 1);
    let estimated = switch
        .get(&format!("/wallets/{wallet}/calls/b"))
        .await
        .expect(200);
    assert_eq!(
        (&estimated["state"], &estimated["charge"]),
        (&json!("expired"), &json!("0.0500"))
    );
    assert_eq!(estimated["estimated"], true);
    let record = |call_id: &str, talked: i64| {
        json!({ "wallet": wallet, "call_id": call_id, "talked_seconds": talked, "cause": "late",
            "answered_at": "2026-11-22T10:00:00Z" })
    };
    let reports = json!([
        record("a", 60),
        record("a", 61),
        record("b", 120),
        record("c", 1)
    ]);
    let outcomes = |list: [&str; 4]| {
        let named = ["a", "a", "b", "c"].into_iter().zip(list);
        named
            .map(|(call_id, outcome)| json!({ "call_id": call_id, "outcome": outcome }))
            .collect::<Vec<_>>()
    };
    for _ in 0..2 {
        let answer = switch.post("/reports", reports.clone()).await.expect(200);
        assert_eq!(
            answer,
            json!(outcomes([
                "recorded",
                "conflict",
                "recorded",
                "no_such_call"
            ]))
        );
    }
    let corrected = switch
        .get(&format!("/wallets/{wallet}/calls/b"))
        .await
        .expect(200);
    assert_eq!(corrected["charge"], "0.2000");
    assert_eq!(switch.balance(wallet).await, (money("24.7"), money("0")));
    // One call more, and nobody says for a day what it came to.
    switch.authorize(wallet, "d", LANDLINE).await.expect(201);
    switch.clock.advance(time::Duration::seconds(421));
    assert_eq!(switch.ledger.expire_calls().await.unwrap(), 1);
    switch.clock.advance(time::Duration::hours(25));
    let late = switch.post("/reports", json!([record("d", 60), record("d", 0)]));
    let late = late.await.expect(200);
    assert_eq!(
        (&late[0]["outcome"], &late[1]["outcome"]),
        (&json!("too_late"), &json!("recorded"))
    );
    let many: Vec<Value> = (0..1_000)
        .map(|n| record(&format!("unknown-{n}"), 1))
        .collect();
    let answer = switch.post("/reports", json!(many)).await.expect(200);
    assert_eq!(answer.as_array().unwrap().len(), 1_000);
    let more: Vec<Value> = (0..1_001)
        .map(|n| record(&format!("unknown-{n}"), 1))
        .collect();
    assert_eq!(switch.post("/reports", json!(more)).await.status, 422);
    switch.assert_clean().await;
}
