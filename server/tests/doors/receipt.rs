//! Receipts: for their owner, with a link that works today.

use domain::top_up::TopUpState;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::world::{VISA, World};

#[sqlx::test(migrations = "../migrations")]
async fn case_15_a_receipt_opens_for_its_owner_also_after_a_month(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let (ana, ben) = (world.person().await, world.person().await);
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    let path = format!("/top-ups/{top_up_id}/receipt");
    assert_eq!(
        world.get(&path, Some(&ana)).await.status(),
        404,
        "not paid yet"
    );
    world.pay(&session_id, VISA).await;
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;

    let mut links = Vec::new();
    for days in [0, 31] {
        world
            .control("clock/advance", json!({ "seconds": days * 86_400 }))
            .await;
        let answer = world.get(&path, Some(&ana)).await;
        assert_eq!(answer.status(), 303);
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
        let link = answer.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(
            world.http.get(&link).send().await.unwrap().status(),
            200,
            "after {days} days"
        );
        links.push(link);
    }
    assert_ne!(
        world.http.get(&links[0]).send().await.unwrap().status(),
        200,
        "the link itself expires"
    );

    let foreign = world.get(&path, Some(&ben)).await;
    let absent = world
        .get(
            "/top-ups/01990000-0000-7000-8000-000000000000/receipt",
            Some(&ben),
        )
        .await;
    assert_eq!(
        (foreign.status(), absent.status()),
        (404.try_into().unwrap(), 404.try_into().unwrap())
    );
    assert_eq!(
        foreign.text().await.unwrap(),
        absent.text().await.unwrap(),
        "another's looks like none"
    );
    assert_eq!(
        world
            .get("/top-ups/nonsense/receipt", Some(&ana))
            .await
            .status(),
        404
    );

    let stranger = world.get(&path, None).await;
    assert_eq!(stranger.status(), 303);
    assert!(
        stranger.headers()["location"]
            .to_str()
            .unwrap()
            .starts_with("/sign-in?next=")
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_receipt_that_is_still_being_written_says_so(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let ana = world.person().await;
    world
        .control("receipt_delay", json!({ "seconds": 60 }))
        .await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    let path = format!("/top-ups/{top_up_id}/receipt");
    assert_eq!(world.get(&path, Some(&ana)).await.status(), 503);
    world
        .control("clock/advance", json!({ "seconds": 61 }))
        .await;
    assert_eq!(world.get(&path, Some(&ana)).await.status(), 303);

    // Its number is told by an event; from then on the desk finds its owner by it.
    let charge: String = sqlx::query_scalar("select stripe_charge_id from top_up")
        .fetch_one(&world.owner)
        .await
        .unwrap();
    let charge = world.stripe(&format!("charges/{charge}")).await;
    let number = charge["receipt_number"].as_str().unwrap();
    for _ in 0..100 {
        let found = world.ledger.find_customers(number).await.unwrap();
        if let [found] = &found[..] {
            assert_eq!((found.wallet_id, &*found.by), (ana.wallet_id, "receipt"));
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{number} finds nobody");
}
