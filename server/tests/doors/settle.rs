//! However Stripe's word arrives, and however often: one top-up, one bonus.

use domain::top_up::TopUpState;
use futures_util::future::join_all;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use crate::world::{VISA, World};

#[sqlx::test(migrations = "../migrations")]
async fn a_payment_is_credited_with_its_bonus(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::start(pool, database).await;
    let ana = world.person().await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    world.assert_credited_once(ana.wallet_id).await;
    let item = world.ledger.top_up(ana.wallet_id, top_up_id).await.unwrap();
    assert_eq!(
        (item.card_brand.as_deref(), item.card_last4.as_deref()),
        (Some("visa"), Some("4242"))
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn an_event_sent_ten_times_at_once_credits_once(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let ana = world.person().await;
    world.control("webhooks/pause", json!({})).await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    let events = [
        world.event("checkout.session.completed").await,
        world.event("payment_intent.succeeded").await,
    ];
    let bodies: Vec<String> = events.iter().map(ToString::to_string).collect();
    let deliveries = (0..10).flat_map(|_| &bodies).map(|body| async {
        let signature = crate::webhook::sign(body, "whsec_sandbox", 0);
        world.deliver(body, &signature).await
    });
    assert_eq!(join_all(deliveries).await, vec![200; 20]);
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    assert_eq!(world.count("select count(*) from stripe_event where event_type in ('checkout.session.completed', 'payment_intent.succeeded')").await, 2);
    world.assert_credited_once(ana.wallet_id).await;
}

#[sqlx::test(migrations = "../migrations")]
async fn webhook_return_page_and_reconciler_at_once_credit_once(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    // The events are in the inbox before anybody acts on them.
    for _ in 0..100 {
        if world
            .count(
                "select count(*) from stripe_event where event_type = 'checkout.session.completed'",
            )
            .await
            == 1
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    world.clock.advance(Duration::seconds(31));
    let (processed, nudged, reconciled) = tokio::join!(
        world.ledger.process_events(),
        world.ledger.nudge_top_up(ana.wallet_id, top_up_id),
        world.ledger.reconcile_top_ups()
    );
    assert!(processed.unwrap() > 0);
    nudged.unwrap();
    reconciled.unwrap();
    world.assert_credited_once(ana.wallet_id).await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_dropped_webhook_is_healed_by_the_reconciler(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world
        .control("webhooks/mode", json!({ "mode": "drop" }))
        .await;
    world.pay(&session_id, VISA).await;
    assert_eq!(
        world.ledger.reconcile_top_ups().await.unwrap(),
        0,
        "not due yet"
    );
    world.clock.advance(Duration::seconds(31));
    assert_eq!(world.ledger.reconcile_top_ups().await.unwrap(), 1);
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    assert_eq!(world.count("select count(*) from stripe_event where event_type in ('checkout.session.completed', 'payment_intent.succeeded')").await, 0);
    world.assert_credited_once(ana.wallet_id).await;
}

#[sqlx::test(migrations = "../migrations")]
async fn an_event_that_comes_an_hour_after_the_credit_changes_nothing(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    world.control("webhooks/pause", json!({})).await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    world.clock.advance(Duration::seconds(4));
    world
        .ledger
        .nudge_top_up(ana.wallet_id, top_up_id)
        .await
        .unwrap();
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    world.clock.advance(Duration::hours(1));
    let body = world.event("checkout.session.completed").await.to_string();
    assert_eq!(
        world
            .deliver(&body, &crate::webhook::sign(&body, "whsec_sandbox", 0))
            .await,
        200
    );
    assert_eq!(world.ledger.process_events().await.unwrap(), 1);
    world.assert_credited_once(ana.wallet_id).await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_payment_that_comes_after_the_top_up_was_closed_is_credited(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    sqlx::query("update top_up set state = 'expired'")
        .execute(&world.owner)
        .await
        .unwrap();
    let body = world.event("payment_intent.succeeded").await.to_string();
    world
        .deliver(&body, &crate::webhook::sign(&body, "whsec_sandbox", 0))
        .await;
    while world.ledger.process_events().await.unwrap() > 0 {}
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    world.assert_credited_once(ana.wallet_id).await;
}

#[sqlx::test(migrations = "../migrations")]
async fn what_differs_from_our_row_is_never_credited(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    for (field, value, alarm) in [
        ("amount_received", json!(2600), "the amount differs"),
        ("amount_received", json!(2400), "the amount differs"),
        ("currency", json!("eur"), "the currency differs"),
        ("livemode", json!(true), "live and test mode differ"),
        ("customer", json!(null), "the customer differs"),
    ] {
        let person = world.person().await;
        let (top_up_id, session_id) = world.start_top_up(person.wallet_id, "25").await;
        world
            .control("webhooks/mode", json!({ "mode": "drop" }))
            .await;
        world.pay(&session_id, VISA).await;
        let session = world
            .stripe(&format!("checkout/sessions/{session_id}"))
            .await;
        let payment_id = session["payment_intent"].as_str().unwrap();
        world
            .control(&format!("objects/{payment_id}"), json!({ field: value }))
            .await;
        world.clock.advance(Duration::seconds(31));
        world.ledger.reconcile_top_ups().await.unwrap();
        let noted: Option<String> =
            sqlx::query_scalar("select alarm from top_up where top_up_id = $1")
                .bind(top_up_id.0)
                .fetch_one(&world.owner)
                .await
                .unwrap();
        assert_eq!(noted.as_deref(), Some(alarm), "{field}");
        assert_eq!(
            world.ledger.wallet(person.wallet_id).await.unwrap().version,
            0,
            "{field}: nothing is credited"
        );
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_declined_card_then_another_one_is_credited_once(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let ana = world.person().await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, "4000000000009995").await;
    for _ in 0..100 {
        if world
            .ledger
            .top_up(ana.wallet_id, top_up_id)
            .await
            .unwrap()
            .decline_code
            .is_some()
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let declined = world.ledger.top_up(ana.wallet_id, top_up_id).await.unwrap();
    assert_eq!(
        (declined.state, declined.decline_code.as_deref()),
        (TopUpState::Pending, Some("insufficient_funds"))
    );
    world.pay(&session_id, VISA).await;
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    world.assert_credited_once(ana.wallet_id).await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_page_that_closes_unpaid_ends_the_top_up(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let ana = world.person().await;
    let (unpaid, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world
        .control(&format!("sessions/{session_id}/expire"), json!({}))
        .await;
    world
        .until(ana.wallet_id, unpaid, TopUpState::Expired)
        .await;

    let (declined, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, "4000000000000002").await;
    world
        .control(&format!("sessions/{session_id}/expire"), json!({}))
        .await;
    world
        .until(ana.wallet_id, declined, TopUpState::Failed)
        .await;
    assert_eq!(world.ledger.wallet(ana.wallet_id).await.unwrap().version, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_slow_payment_is_waited_for_and_ends_the_top_up_if_it_does_not_arrive(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    // Told by events, and found by asking.
    for (end, mode, state) in [
        ("succeeds", "normal", TopUpState::Settled),
        ("fails", "normal", TopUpState::Failed),
        ("fails", "drop", TopUpState::Failed),
    ] {
        let mode = json!({ "mode": mode });
        world.control("webhooks/mode", mode).await;
        let ana = world.person().await;
        let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
        let pay = json!({ "delayed": end, "seconds": 3_600 });
        world
            .control(&format!("sessions/{session_id}/pay"), pay)
            .await;
        for expected in [TopUpState::Pending, state] {
            world.process_events().await;
            world.clock.advance(Duration::seconds(31));
            world.ledger.reconcile_top_ups().await.unwrap();
            let top_up = world.ledger.top_up(ana.wallet_id, top_up_id).await.unwrap();
            assert_eq!(top_up.state, expected, "{end}");
            world.pass(Duration::seconds(3_600)).await;
        }
    }
    world.assert_clean().await;
}
