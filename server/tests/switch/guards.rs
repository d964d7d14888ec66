//! Toll fraud: how much a stolen card can be turned into minutes.

use domain::spend::SpendRules;
use ledger::Rules;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{LANDLINE, PREMIUM, Switch, money};

fn limit(answer: &Value) -> (&Value, &Value) {
    assert!(
        answer["resets_at"]
            .as_str()
            .unwrap()
            .ends_with("T00:00:00Z"),
        "{answer}"
    );
    (&answer["type"], &answer["limit"])
}

#[sqlx::test(migrations = "../migrations")]
async fn calls_take_at_most_the_limit_of_a_day(pool: PgPoolOptions, database: PgConnectOptions) {
    let rules = Rules {
        spend: SpendRules {
            per_day: money("1"),
            ..SpendRules::default()
        },
        ..Rules::default()
    };
    let switch = Switch::with_rules(pool, database, rules).await;
    let wallet = switch.funded("25", "0").await;
    // Half of it is released, so it does not count; a hold counts while it is there.
    switch.authorize(wallet, "a", LANDLINE).await.expect(201);
    switch.authorize(wallet, "b", LANDLINE).await.expect(201);
    switch.end(wallet, "a", 150).await.expect(200);
    let c = switch.authorize(wallet, "c", LANDLINE).await.expect(201);
    assert_eq!((&c["held"], &c["final"]), (&json!("0.2500"), &json!(true)));
    switch.end(wallet, "b", 300).await.expect(200);
    // Nothing is left, so the running call gets no more and no other starts.
    switch.answer(wallet, "c").await.expect(200);
    let beat = switch.update(wallet, "c", 1, 140).await.expect(200);
    assert_eq!(
        (&beat["granted_seconds"], &beat["final"]),
        (&json!(150), &json!(true))
    );
    let refused = switch.authorize(wallet, "d", LANDLINE).await;
    assert_eq!(
        limit(&refused.expect(429)),
        (&json!("spend_limit"), &json!("1.0000"))
    );
    let quote = switch
        .get(&format!("/wallets/{wallet}/quote?to={LANDLINE}"))
        .await
        .expect(200);
    assert_eq!(quote["refusal"]["type"], "spend_limit");
    switch.end(wallet, "c", 150).await.expect(200);
    assert_eq!(switch.balance(wallet).await, (money("24"), money("0")));
    // Tomorrow is another day; what was refused today stays refused.
    switch.clock.advance(time::Duration::days(1));
    assert_eq!(switch.authorize(wallet, "d", LANDLINE).await, refused);
    switch.authorize(wallet, "e", LANDLINE).await.expect(201);
    switch.end(wallet, "e", 0).await.expect(200);
    switch.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_new_wallet_and_a_dear_destination_have_narrower_limits(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.funded("100", "0").await;
    // Ten dollars a day to a number at a dollar a minute.
    for call_id in ["a", "b"] {
        switch.authorize(wallet, call_id, PREMIUM).await.expect(201);
    }
    switch.end(wallet, "a", 300).await.expect(200);
    let refused = switch.authorize(wallet, "c", PREMIUM).await.expect(429);
    assert_eq!(limit(&refused), (&json!("spend_limit"), &json!("10.0000")));
    let other = switch.authorize(wallet, "d", LANDLINE).await.expect(201);
    assert_eq!(other["held"], "0.5000");
    switch.end(wallet, "b", 300).await.expect(200);

    let fresh = switch.funded("100", "0").await;
    sqlx::query("update wallet set created_at = now(), call_day = (now() at time zone 'UTC')::date, call_spend = 19.95 where wallet_id = $1")
        .bind(fresh)
        .execute(&switch.owner)
        .await
        .unwrap();
    let refused = switch.authorize(fresh, "a", LANDLINE).await.expect(429);
    assert_eq!(limit(&refused), (&json!("spend_limit"), &json!("20.0000")));
    sqlx::query("update wallet set created_at = now() - interval '8 days' where wallet_id = $1")
        .bind(fresh)
        .execute(&switch.owner)
        .await
        .unwrap();
    switch.authorize(fresh, "b", LANDLINE).await.expect(201);
    switch.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn given_credit_pays_no_special_number(pool: PgPoolOptions, database: PgConnectOptions) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.funded("0.50", "0.50").await;
    let refused = switch.authorize(wallet, "a", PREMIUM).await.expect(402);
    assert_eq!(
        (&refused["required"], &refused["available"]),
        (&json!("1.0000"), &json!("0.5000"))
    );
    switch.authorize(wallet, "b", LANDLINE).await.expect(201);
    // Nor does it stand in the way of the paid credit, where a day has its limit.
    let generous = switch.funded("12", "12").await;
    let granted = switch.authorize(generous, "a", PREMIUM).await.expect(201);
    assert_eq!(
        (&granted["held"], &granted["granted_seconds"]),
        (&json!("5.0000"), &json!(300))
    );
}
