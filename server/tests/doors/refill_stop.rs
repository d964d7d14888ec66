//! Auto-refill that is stopped while a charge is on its way: a card is charged only as long as its owner,
//! the bank and the house let it be.

use domain::refill::RefillState;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use crate::refill::{armed, attempts, charged, refilled, spend, state, work};
use crate::world::{Person, VISA, World, money};

/// What stops it.
const STOPS: [&str; 4] = ["off", "card removed", "dispute", "frozen"];

async fn stop(world: &World, person: &Person, how: &str) {
    let (ledger, wallet_id) = (&world.ledger, person.wallet_id);
    match how {
        "off" => ledger.turn_off_refill(wallet_id).await.unwrap(),
        "card removed" => {
            let card = ledger.cards(wallet_id).await.unwrap().remove(0);
            let id = card.payment_method_id;
            ledger.remove_card(wallet_id, &id).await.unwrap();
        }
        "dispute" => {
            let id = sqlx::query_scalar(
                "select top_up_id from top_up where wallet_id = $1 and source = 'manual'",
            );
            let id = id.bind(wallet_id).fetch_one(&world.owner).await.unwrap();
            world.dispute(domain::TopUpId(id), "chargeback").await;
            world.catch_up().await;
        }
        _ => ledger.freeze(wallet_id, "looks stolen").await.unwrap(),
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn what_was_decided_is_not_sent_once_it_is_stopped(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    for (index, how) in STOPS.into_iter().enumerate() {
        let ana = armed(&world, VISA).await;
        spend(&world, &ana, index).await;
        world.ledger.decide_refills().await.unwrap();
        assert_eq!(attempts(&world, "created").await, 1, "{how}");
        stop(&world, &ana, how).await;
        for _ in 0..3 {
            work(&world.ledger).await;
            world.clock.advance(Duration::minutes(6));
        }
        assert_eq!(charged(&world, &ana).await, [0; 0], "{how}");
        assert_eq!(attempts(&world, "created").await, 0, "{how}");
    }
    assert_eq!(attempts(&world, "closed").await, 4);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn what_never_arrived_is_looked_up_and_not_sent_again_once_it_is_stopped(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let mut index = 0;
    for kind in ["reset", "reset_after_commit"] {
        for how in STOPS {
            index += 1;
            let ana = armed(&world, VISA).await;
            spend(&world, &ana, index).await;
            let fault = json!({ "path": "/v1/payment_intents", "n": 1, "kind": kind });
            world
                .control("webhooks/mode", json!({ "mode": "drop" }))
                .await;
            world.control("faults", fault).await;
            work(&world.ledger).await;
            assert_eq!(attempts(&world, "unknown").await, 1, "{how}");
            stop(&world, &ana, how).await;
            for _ in 0..4 {
                world.clock.advance(Duration::minutes(6));
                work(&world.ledger).await;
            }
            let expected: &[i64] = if kind == "reset" { &[] } else { &[2500] };
            assert_eq!(charged(&world, &ana).await, expected, "{how} {kind}");
            let is_charged = kind != "reset";
            assert_eq!(
                refilled(&world, &ana).await,
                if is_charged { money("25") } else { money("0") },
                "{how} {kind}"
            );
        }
    }
    assert_eq!(attempts(&world, "closed").await, 4);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_frozen_wallet_is_refilled_once_it_is_let_go(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = armed(&world, VISA).await;
    spend(&world, &ana, 1).await;
    stop(&world, &ana, "frozen").await;
    for _ in 0..3 {
        work(&world.ledger).await;
        world.clock.advance(Duration::minutes(6));
    }
    assert_eq!(charged(&world, &ana).await, [0; 0]);
    assert_eq!(state(&world, &ana).await, RefillState::Armed);
    world.ledger.unfreeze(ana.wallet_id).await.unwrap();
    work(&world.ledger).await;
    assert_eq!(charged(&world, &ana).await, [2500]);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_request_that_arrives_late_after_an_outage_is_waited_for(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let server = world.impatient_server().await;
    let ana = armed(&world, VISA).await;
    spend(&world, &ana, 1).await;
    let lost = json!({ "path": "/v1/payment_intents", "n": 4, "kind": "reset" });
    world.control("faults", lost).await;
    for _ in 0..4 {
        work(&server).await;
        world.clock.advance(Duration::minutes(5));
    }
    // The first request that gets through takes longer than we wait for it.
    let slow =
        json!({ "path": "/v1/payment_intents", "n": 1, "kind": "slow", "milliseconds": 1_800 });
    world.control("faults", slow).await;
    work(&server).await;
    work(&server).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    for _ in 0..4 {
        world.clock.advance(Duration::seconds(61));
        work(&server).await;
    }
    assert_eq!(charged(&world, &ana).await, [2500]);
    assert_eq!(refilled(&world, &ana).await, money("25"));
    world.assert_clean().await;
}
