//! Stripe's door: only what Stripe signed is kept, and everything Stripe signed is.

use domain::top_up::TopUpState;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use crate::world::{VISA, World};

/// `Stripe-Signature` for this body, made so many seconds ago.
pub(crate) fn sign(body: &str, secret: &str, seconds_ago: i64) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let at = time::OffsetDateTime::now_utc().unix_timestamp() - seconds_ago;
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    let hex: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("t={at},v1={hex}")
}

fn event(id: &str, event_type: &str, object: Value) -> String {
    json!({
        "id": id, "object": "event", "type": event_type, "livemode": false, "created": 1_790_000_000,
        "api_version": "2026-09-30.endive", "pending_webhooks": 1, "request": null, "data": { "object": object }
    })
    .to_string()
}

#[sqlx::test(migrations = "../migrations")]
async fn what_stripe_did_not_sign_is_refused_and_not_kept(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let body = event(
        "evt_1",
        "charge.succeeded",
        json!({ "id": "ch_1", "object": "charge" }),
    );
    let good = sign(&body, "whsec_sandbox", 0);
    let v0 = good.replace("v1=", "v0=");
    for (why, signature) in [
        ("another secret", sign(&body, "whsec_other", 0)),
        ("too old", sign(&body, "whsec_sandbox", 301)),
        ("from the future", sign(&body, "whsec_sandbox", -301)),
        (
            "another body",
            sign(&body.replace("ch_1", "ch_2"), "whsec_sandbox", 0),
        ),
        ("only v0", v0),
        (
            "no signature in it",
            good.split(',').next().unwrap().to_owned(),
        ),
        ("empty", String::new()),
        ("garbage", "t=x,v1=zz".into()),
    ] {
        assert_eq!(world.deliver(&body, &signature).await, 400, "{why}");
    }
    let url = format!("{}/stripe/webhook", world.base);
    let missing = world
        .http
        .post(&url)
        .body(body.clone())
        .send()
        .await
        .unwrap();
    assert_eq!(missing.status(), 400);
    assert_eq!(world.count("select count(*) from stripe_event").await, 0);

    assert_eq!(
        world.deliver(&body, &format!("{good},v1=00")).await,
        200,
        "one right signature of two"
    );
    let rotated = event(
        "evt_2",
        "charge.succeeded",
        json!({ "id": "ch_1", "object": "charge" }),
    );
    assert_eq!(
        world
            .deliver(&rotated, &sign(&rotated, "whsec_old", 299))
            .await,
        200,
        "the secret before the rotation"
    );
    assert_eq!(world.count("select count(*) from stripe_event").await, 2);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_body_over_the_limit_is_refused(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    let body = event(
        "evt_1",
        "charge.succeeded",
        json!({ "id": "x".repeat(513 * 1024) }),
    );
    assert_eq!(
        world.deliver(&body, &sign(&body, "whsec_sandbox", 0)).await,
        413
    );
    assert_eq!(world.count("select count(*) from stripe_event").await, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn signed_events_that_are_not_for_us_do_no_harm(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let unknown = event(
        "evt_1",
        "something.new",
        json!({ "id": "new_1", "object": "something" }),
    );
    assert_eq!(
        world
            .deliver(&unknown, &sign(&unknown, "whsec_sandbox", 0))
            .await,
        200
    );
    let live = event(
        "evt_2",
        "checkout.session.completed",
        json!({ "id": "cs_1" }),
    )
    .replace("\"livemode\":false", "\"livemode\":true");
    assert_eq!(
        world.deliver(&live, &sign(&live, "whsec_sandbox", 0)).await,
        200
    );
    let not_an_event = json!({ "hello": "world" }).to_string();
    assert_eq!(
        world
            .deliver(&not_an_event, &sign(&not_an_event, "whsec_sandbox", 0))
            .await,
        400
    );
    while world.ledger.process_events().await.unwrap() > 0 {}
    assert_eq!(world.count("select count(*) from stripe_event").await, 1);
    assert_eq!(
        world
            .count("select count(*) from stripe_event where state = 'ignored'")
            .await,
        1
    );
}

/// The object in the event lacks a field; the object itself, asked for by id, does not.
#[sqlx::test(migrations = "../migrations")]
async fn an_event_of_an_unreadable_shape_still_credits(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    world.control("webhooks/pause", json!({})).await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    let mut broken = world.event("checkout.session.completed").await;
    broken["data"]["object"]
        .as_object_mut()
        .unwrap()
        .remove("mode")
        .expect("a session has a mode");
    let body = broken.to_string();
    assert_eq!(
        world.deliver(&body, &sign(&body, "whsec_sandbox", 0)).await,
        200
    );
    assert_eq!(world.ledger.process_events().await.unwrap(), 1);
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    world.assert_credited_once(ana.wallet_id).await;
}

#[sqlx::test(migrations = "../migrations")]
async fn what_was_lost_while_our_clock_was_ahead_is_found(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "25", VISA).await;
    world.clock.advance(Duration::hours(24));
    world.catch_up().await;
    world
        .control("webhooks/mode", json!({ "mode": "drop" }))
        .await;
    world.refund_by_hand(top_up_id, 2_500).await;
    world.catch_up().await;
    let wallet = world.ledger.wallet(ana.wallet_id).await.unwrap();
    assert!(wallet.paid.is_zero(), "{wallet:?}");
    world.assert_clean().await;
}

/// While Stripe is down the event waits; nothing is lost.
#[sqlx::test(migrations = "../migrations")]
async fn an_event_waits_until_stripe_answers(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    world.control("webhooks/pause", json!({})).await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    let body = world.event("checkout.session.completed").await.to_string();
    world.deliver(&body, &sign(&body, "whsec_sandbox", 0)).await;
    world
        .control(
            "faults",
            json!({ "path": "*", "method": "GET", "n": 2, "kind": "html_502" }),
        )
        .await;
    for _ in 0..2 {
        assert_eq!(world.ledger.process_events().await.unwrap(), 1);
        assert_eq!(
            world.ledger.process_events().await.unwrap(),
            0,
            "it waits before it tries again"
        );
        world.clock.advance(time::Duration::seconds(10));
    }
    assert_eq!(world.ledger.process_events().await.unwrap(), 1);
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    world.assert_credited_once(ana.wallet_id).await;
}
