//! More is asked than the books can do: calls that run go on, and new ones are turned away before anything
//! is read of them.

use std::time::Duration;

use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;

use crate::support::{LANDLINE, Switch, many_calls};

/// More acts than the books do at once.
const STUCK: usize = 20;
/// Of these wait for the database; the others for their turn.
const AT_ONCE: i64 = 12;
/// More new calls than may wait.
const NEW: usize = 60;

#[sqlx::test(migrations = "../migrations")]
async fn under_too_much_load_new_calls_are_turned_away_and_running_ones_go_on(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::with_rules(pool, database, many_calls()).await;
    let wallet = switch.funded("400", "0").await;
    switch.authorize(wallet, "runs", LANDLINE).await.expect(201);
    switch.answer(wallet, "runs").await.expect(200);
    let mut wallets = Vec::new();
    for _ in 0..STUCK {
        let stuck = switch.funded("5", "0").await;
        switch.authorize(stuck, "ends", LANDLINE).await.expect(201);
        switch.answer(stuck, "ends").await.expect(200);
        wallets.push(stuck);
    }
    let mut stuck = switch.owner.begin().await.unwrap();
    sqlx::query("select from wallet where wallet_id = any($1) for update")
        .bind(&wallets)
        .execute(&mut *stuck)
        .await
        .unwrap();

    let post = |path: String, body: String| {
        let url = format!("{}/switch/v1{path}", switch.base);
        let request = switch.http.post(url).bearer_auth(&switch.key).body(body);
        async move {
            let answer = request.send().await.unwrap();
            let retry_after = answer.headers().get("retry-after").cloned();
            (answer.status().as_u16(), retry_after)
        }
    };
    let mut ends = JoinSet::new();
    for stuck in &wallets {
        let path = format!("/wallets/{stuck}/calls/ends/end");
        ends.spawn(post(
            path,
            json!({ "talked_seconds": 60, "cause": "normal" }).to_string(),
        ));
    }
    until_all_turns_are_taken(&switch).await;
    let update = tokio::spawn(post(
        format!("/wallets/{wallet}/calls/runs/update"),
        json!({ "seq": 1, "talked_seconds": 15 }).to_string(),
    ));
    let calls = format!("/wallets/{wallet}/calls");
    let mut new = JoinSet::new();
    for n in 0..NEW {
        let body = json!({ "call_id": format!("new-{n}"), "to": LANDLINE });
        new.spawn(post(calls.clone(), body.to_string()));
    }
    // Who is turned away does not wait for the others.
    let (status, retry_after) = new.join_next().await.unwrap().unwrap();
    assert_eq!((status, retry_after.unwrap().as_bytes()), (503, &b"1"[..]));
    // Nothing of it is read: not even that it is no question at all.
    assert_eq!(post(calls.clone(), "{".into()).await.0, 503);
    let quote = switch
        .get(&format!("/wallets/{wallet}/quote?to={LANDLINE}"))
        .await;
    quote.problem(503, json!({ "type": "try_again" }));

    stuck.rollback().await.unwrap();
    assert_eq!(update.await.unwrap().0, 200);
    for (status, _) in ends.join_all().await {
        assert!(matches!(status, 200 | 503), "{status}");
    }
    for (status, _) in new.join_all().await {
        assert!(matches!(status, 201 | 503), "{status}");
    }
    switch
        .authorize(wallet, "after", LANDLINE)
        .await
        .expect(201);
    assert_eq!(post(calls, "{".into()).await.0, 422);
    switch.assert_clean().await;
}

async fn until_all_turns_are_taken(switch: &Switch) {
    for _ in 0..1_000 {
        let waiting: i64 = sqlx::query_scalar(
            "select count(*) from pg_stat_activity
             where wait_event_type = 'Lock' and datname = current_database()",
        )
        .fetch_one(&switch.owner)
        .await
        .unwrap();
        if waiting >= AT_ONCE {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("fewer acts at once than there are turns");
}
