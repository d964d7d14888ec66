//! Bugs that other systems had, and this one must not.

use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{LANDLINE, MOBILE, Switch, many_calls, money};

#[sqlx::test(migrations = "../migrations")]
async fn a_balance_for_fifteen_seconds_of_a_60_60_route_is_refused_before_it_rings(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    // 15 s at ten cents a minute, if seconds were billed.
    let wallet = switch.funded("0.025", "0").await;
    let refused = switch.authorize(wallet, "a", MOBILE).await.expect(402);
    assert_eq!(
        (&refused["required"], &refused["shortfall"]),
        (&json!("0.1000"), &json!("0.0750"))
    );
    assert_eq!(switch.balance(wallet).await, (money("0.025"), money("0")));
    switch.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn of_thirty_parallel_calls_for_one_dollar_each_a_dollar_starts_exactly_one(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::with_rules(pool, database, many_calls()).await;
    switch
        .import("prefix,destination,rate,initial\n34,Spain,1,60\n")
        .await;
    let wallet = switch.funded("1", "0").await;
    let calls = (0..30).map(|n| {
        let switch = &switch;
        async move {
            switch
                .authorize(wallet, &format!("call-{n}"), "+34911234567")
                .await
                .status
        }
    });
    let statuses = futures_util::future::join_all(calls).await;
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(201), count(402)), (1, 29), "{statuses:?}");
    assert_eq!(switch.balance(wallet).await, (money("0"), money("1")));
    switch.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_lost_hang_up_costs_at_most_the_hold_and_the_rest_comes_back(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.funded("0.40", "0").await;
    switch.authorize(wallet, "a", LANDLINE).await.expect(201);
    switch.answer(wallet, "a").await.expect(200);
    // The switch did not hang up: 240 s were granted, 1,000 are reported.
    let ended = switch.end(wallet, "a", 1_000).await.expect(200);
    assert_eq!(
        (&ended["charge"], &ended["released"]),
        (&json!("0.4000"), &json!("0.0000"))
    );
    assert_eq!(switch.balance(wallet).await, (money("0"), money("0")));
    switch.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_terminate_that_never_comes_is_swept_and_estimated(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.funded("25", "0").await;
    switch.authorize(wallet, "a", LANDLINE).await.expect(201);
    switch.answer(wallet, "a").await.expect(200);
    switch.update(wallet, "a", 1, 45).await.expect(200);
    switch.clock.advance(time::Duration::seconds(300 + 119));
    assert_eq!(switch.ledger.expire_calls().await.unwrap(), 0);
    switch.clock.advance(time::Duration::seconds(2));
    assert_eq!(switch.ledger.expire_calls().await.unwrap(), 1);
    let call = switch
        .get(&format!("/wallets/{wallet}/calls/a"))
        .await
        .expect(200);
    assert_eq!(
        (&call["state"], &call["charge"], &call["estimated"]),
        (&json!("expired"), &json!("0.0750"), &json!(true))
    );
    assert_eq!(switch.balance(wallet).await, (money("24.925"), money("0")));
    switch
        .update(wallet, "a", 2, 60)
        .await
        .problem(409, json!({ "type": "call_ended" }));
    switch.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn charges_during_and_after_a_call_are_taken_once(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.funded("25", "0").await;
    switch.authorize(wallet, "a", LANDLINE).await.expect(201);
    switch.answer(wallet, "a").await.expect(200);
    for (seq, talked) in [(1, 100), (2, 275), (1, 100), (3, 400), (2, 275)] {
        switch.update(wallet, "a", seq, talked).await.expect(200);
        let (available, held) = switch.balance(wallet).await;
        assert_eq!(
            available + held,
            money("25"),
            "nothing is charged during the call"
        );
    }
    let reports =
        json!([{ "wallet": wallet, "call_id": "a", "talked_seconds": 420, "cause": "late" }]);
    for _ in 0..3 {
        switch.end(wallet, "a", 420).await.expect(200);
        let answer = switch.post("/reports", reports.clone()).await.expect(200);
        assert_eq!(answer[0]["outcome"], "recorded");
    }
    assert_eq!(switch.balance(wallet).await, (money("24.3"), money("0")));
    switch.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_message_at_zero_is_parked_and_charged_once_when_credit_comes(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.wallet().await;
    let path = format!("/wallets/{wallet}/messages");
    let message = |id: &str| json!({ "message_id": id, "from": "+525512345678", "to": "+12125550123", "segments": 3, "body": "Hola" });
    let parked = switch.post(&path, message("m")).await;
    assert_eq!(parked.expect(201)["state"], "parked");
    assert_eq!(
        switch.post(&path, message("m")).await,
        parked,
        "a webhook comes twice"
    );
    assert_eq!(switch.ledger.deliver_parked().await.unwrap(), 0);
    assert_eq!(switch.balance(wallet).await, (money("0"), money("0")));
    switch.fund(wallet, "5", "0").await;
    assert_eq!(switch.ledger.deliver_parked().await.unwrap(), 1);
    assert_eq!(switch.ledger.deliver_parked().await.unwrap(), 0);
    assert_eq!(switch.post(&path, message("m")).await, parked);
    assert_eq!(switch.balance(wallet).await, (money("4.97"), money("0")));
    let delivered = switch.post(&path, message("n")).await;
    assert_eq!(
        delivered.expect(201),
        json!({ "state": "delivered", "charge": "0.0300" })
    );
    assert_eq!(
        switch.post(&path, message("n")).await,
        delivered,
        "one debit for two webhooks"
    );
    assert_eq!(switch.balance(wallet).await, (money("4.94"), money("0")));
    // The longest that carriers put together, in letters of any language.
    let mut long = message("long");
    long["segments"] = 24.into();
    long["body"] = "ж".repeat(1_600).into();
    let long = switch.post(&path, long).await.expect(201);
    assert_eq!(long, json!({ "state": "delivered", "charge": "0.2400" }));
    switch.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_database_error_during_a_debit_leaves_the_call_neither_free_nor_charged_twice(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.funded("25", "0").await;
    switch.authorize(wallet, "a", LANDLINE).await.expect(201);
    switch.answer(wallet, "a").await.expect(200);
    // The wallet is stuck for longer than anybody waits.
    let mut stuck = switch.owner.begin().await.unwrap();
    sqlx::query("select from wallet where wallet_id = $1 for update")
        .bind(wallet)
        .execute(&mut *stuck)
        .await
        .unwrap();
    for answer in [
        switch.end(wallet, "a", 60).await,
        switch.authorize(wallet, "b", LANDLINE).await,
    ] {
        answer.problem(503, json!({ "type": "try_again" }));
    }
    stuck.rollback().await.unwrap();
    let running = switch
        .get(&format!("/wallets/{wallet}/calls/a"))
        .await
        .expect(200);
    assert_eq!(running["state"], "answered");
    for _ in 0..2 {
        let ended = switch.end(wallet, "a", 60).await.expect(200);
        assert_eq!(ended["charge"], "0.1000");
    }
    assert_eq!(switch.balance(wallet).await, (money("24.9"), money("0")));
    switch.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn given_credit_that_ends_during_a_call_still_pays_what_it_covered_at_the_start(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.funded("1", "0.50").await;
    switch.authorize(wallet, "a", LANDLINE).await.expect(201);
    switch.answer(wallet, "a").await.expect(200);
    sqlx::query(
        "update transfer set expires_at = now() - interval '1 second' where expires_at is not null",
    )
    .execute(&switch.owner)
    .await
    .unwrap();
    switch.ledger.expire_credit().await.unwrap();
    let ended = switch.end(wallet, "a", 300).await.expect(200);
    assert_eq!(
        (&ended["charge"], &ended["available"]),
        (&json!("0.5000"), &json!("1.0000"))
    );
    let after = switch.ledger.wallet(wallet).await.unwrap();
    assert_eq!((after.paid, after.promotional), (money("1"), money("0")));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_price_change_during_a_call_leaves_it_the_old_price_to_the_end(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.funded("25", "0").await;
    switch
        .authorize(wallet, "before", LANDLINE)
        .await
        .expect(201);
    switch.answer(wallet, "before").await.expect(200);
    switch
        .import("prefix,destination,rate\n52,Mexico,0.80\n")
        .await;
    let after = switch
        .authorize(wallet, "after", LANDLINE)
        .await
        .expect(201);
    assert_eq!(
        (&after["rate"]["per_minute"], &after["held"]),
        (&json!("0.8000"), &json!("4.0000"))
    );
    let more = switch.update(wallet, "before", 1, 290).await.expect(200);
    assert_eq!(
        (&more["granted_seconds"], &more["held"]),
        (&json!(600), &json!("1.0000"))
    );
    assert_eq!(
        switch.end(wallet, "before", 600).await.expect(200)["charge"],
        "1.0000"
    );
    assert_eq!(
        switch.end(wallet, "after", 60).await.expect(200)["charge"],
        "0.8000"
    );
    switch.assert_clean().await;
}

/// Worked out by hand: price, fee, steps, then talked seconds, billed seconds and charge.
const VECTORS: [(&str, &str, u32, u32, i64, i64, &str); 18] = [
    ("0.10", "0", 60, 60, 1, 60, "0.1000"),
    ("0.10", "0", 60, 60, 60, 60, "0.1000"),
    ("0.10", "0", 60, 60, 61, 120, "0.2000"),
    ("0.10", "0", 30, 6, 1, 30, "0.0500"),
    ("0.10", "0", 30, 6, 31, 36, "0.0600"),
    ("0.10", "0", 30, 6, 36, 36, "0.0600"),
    ("0.10", "0", 30, 6, 37, 42, "0.0700"),
    ("0.10", "0", 6, 6, 7, 12, "0.0200"),
    ("0.10", "0", 1, 1, 1, 1, "0.0017"),
    ("0.10", "0", 1, 1, 59, 59, "0.0983"),
    ("0.012345", "0", 1, 1, 1, 1, "0.0002"),
    ("0.012345", "0", 1, 1, 60, 60, "0.0123"),
    ("0.012345", "0", 1, 1, 3600, 3600, "0.7407"),
    ("0.000001", "0", 1, 1, 60, 60, "0.0000"),
    ("0.10", "0.05", 60, 60, 0, 0, "0.0000"),
    ("0.10", "0.05", 60, 60, 5, 60, "0.1500"),
    ("0", "0", 60, 60, 90, 120, "0.0000"),
    ("0.005", "0", 1, 1, 14400, 14400, "1.2000"),
];

#[sqlx::test(migrations = "../migrations")]
async fn the_charge_equals_the_published_arithmetic_to_the_fourth_decimal(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let mut list = "prefix,destination,rate,connection_fee,initial,increment\n".to_owned();
    for (index, (price, fee, initial, increment, ..)) in VECTORS.iter().enumerate() {
        list += &format!("99{index:02},Vector {index},{price},{fee},{initial},{increment}\n");
    }
    switch.import(&list).await;
    let wallet = switch.funded("40", "0").await;
    for (index, (_, _, _, _, talked, billed, charge)) in VECTORS.iter().enumerate() {
        let call_id = format!("vector-{index}");
        let to = format!("+99{index:02}1234567");
        switch.authorize(wallet, &call_id, &to).await.expect(201);
        if *talked > 0 {
            switch.answer(wallet, &call_id).await.expect(200);
        }
        let ended = switch.end(wallet, &call_id, *talked).await.expect(200);
        assert_eq!(
            (&ended["billed_seconds"], &ended["charge"]),
            (&json!(billed), &json!(charge)),
            "{index}: {:?}",
            VECTORS[index]
        );
    }
    switch.assert_clean().await;
}
