//! Auto-refill when the network, the server or the card fails: nothing is charged twice or lost.

use domain::refill::SuspendReason;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use crate::card::saved_card;
use crate::refill::{armed, attempts, charged, refilled, spend, work};
use crate::world::{VISA, World, money};

#[sqlx::test(migrations = "../migrations")]
async fn a_server_that_dies_in_any_state_of_a_refill_leaves_one_charge(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    world
        .control("webhooks/mode", json!({ "mode": "drop" }))
        .await;
    for (index, died) in ["created", "sent", "charged", "unknown", "processing"]
        .into_iter()
        .enumerate()
    {
        let ana = armed(&world, VISA).await;
        let card = world.ledger.cards(ana.wallet_id).await.unwrap().remove(0);
        spend(&world, &ana, index).await;
        world.ledger.decide_refills().await.unwrap();
        match died {
            // Taken, and the process was gone before it asked.
            "sent" => {
                world
                    .owner_does(
                        "update refill_attempt set state = 'sent', fence = 1, sends = 1, first_sent_at = now(),
                             last_sent_at = now(), lease_until = now() + interval '60 s' where state = 'created'",
                    )
                    .await;
            }
            // Asked and charged, and the process was gone before it heard or wrote anything.
            "charged" => {
                let fault =
                    json!({ "path": "/v1/payment_intents", "n": 1, "kind": "reset_after_commit" });
                world.control("faults", fault).await;
                world.ledger.send_refills().await.unwrap();
                world
                    .owner_does(
                        "update refill_attempt set state = 'sent', lease_until = now() + interval '60 s'
                         where state = 'unknown'",
                    )
                    .await;
            }
            "unknown" => {
                let fault = json!({ "path": "/v1/payment_intents", "n": 1, "kind": "reset" });
                world.control("faults", fault).await;
                world.ledger.send_refills().await.unwrap();
            }
            "processing" => {
                let next = format!("payment_methods/{}/next", card.payment_method_id);
                world
                    .control(&next, json!({ "outcome": "processing" }))
                    .await;
                world.ledger.send_refills().await.unwrap();
                assert_eq!(attempts(&world, "processing").await, 1);
                world
                    .control("clock/advance", json!({ "seconds": 61 }))
                    .await;
            }
            _ => {}
        }
        // Another server starts, and outlives the lease.
        let next = world.another_server().await;
        for _ in 0..3 {
            world.clock.advance(Duration::seconds(61));
            work(&next).await;
        }
        assert_eq!(charged(&world, &ana).await, [2500], "{died}");
        assert_eq!(refilled(&world, &ana).await, money("25"), "{died}");
    }
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_worker_that_wakes_after_another_took_over_changes_nothing(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    world
        .control("webhooks/mode", json!({ "mode": "drop" }))
        .await;
    let ana = armed(&world, VISA).await;
    let other = world.another_server().await;
    spend(&world, &ana, 1).await;
    world.ledger.decide_refills().await.unwrap();
    // The first worker's charge is made, and its answer takes longer than its lease lasts.
    let slow =
        json!({ "path": "/v1/payment_intents", "n": 1, "kind": "slow", "milliseconds": 1500 });
    world.control("faults", slow).await;
    let asleep = async { world.ledger.send_refills().await.unwrap() };
    let meanwhile = async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        world.clock.advance(Duration::seconds(70));
        other.send_refills().await.unwrap();
    };
    tokio::join!(asleep, meanwhile);
    for _ in 0..3 {
        world.clock.advance(Duration::seconds(61));
        work(&other).await;
    }
    assert_eq!(charged(&world, &ana).await, [2500]);
    assert_eq!(refilled(&world, &ana).await, money("25"));
    assert_eq!(world.count("select count(*) from refill_attempt").await, 1);
    let fence: i64 = world.count("select fence from refill_attempt").await;
    assert!(fence >= 2, "nobody took over");
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn servers_whose_clocks_differ_by_a_day_charge_once(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    for (index, days) in [1, -1].into_iter().enumerate() {
        let ana = armed(&world, VISA).await;
        // Time of tests stands still here, so that only the machines' clocks differ.
        let other = world.server_off_by(Duration::days(days)).await;
        spend(&world, &ana, index).await;
        other.decide_refills().await.unwrap();
        let slow =
            json!({ "path": "/v1/payment_intents", "n": 1, "kind": "slow", "milliseconds": 1_500 });
        world.control("faults", slow).await;
        let (first, second) = if days > 0 {
            (&world.ledger, &other)
        } else {
            (&other, &world.ledger)
        };
        let sends = async { first.send_refills().await.unwrap() };
        let looks = async {
            for _ in 0..10 {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                work(second).await;
            }
        };
        tokio::join!(sends, looks);
        assert_eq!(charged(&world, &ana).await, [2500], "{days}");
        assert_eq!(refilled(&world, &ana).await, money("25"), "{days}");
    }
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_key_older_than_23_hours_is_looked_up_and_never_sent(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    world
        .control("webhooks/mode", json!({ "mode": "drop" }))
        .await;
    for (index, kind) in ["reset_after_commit", "reset"].into_iter().enumerate() {
        let ana = armed(&world, VISA).await;
        spend(&world, &ana, index).await;
        world
            .control(
                "faults",
                json!({ "path": "/v1/payment_intents", "n": 1, "kind": kind }),
            )
            .await;
        work(&world.ledger).await;
        world.clock.advance(Duration::hours(24));
        world
            .control("clock/advance", json!({ "seconds": 86_400 }))
            .await;
        world.ledger.send_refills().await.unwrap();
        let was_charged = kind == "reset_after_commit";
        let expected: &[i64] = if was_charged { &[2500] } else { &[] };
        assert_eq!(charged(&world, &ana).await, expected, "{kind}");
        assert_eq!(
            refilled(&world, &ana).await.is_positive(),
            was_charged,
            "{kind}"
        );
    }
    assert_eq!(attempts(&world, "closed").await, 1);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_card_that_is_gone_suspends_and_charges_no_other(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = armed(&world, VISA).await;
    saved_card(&world, &ana, "5555555555554444").await;
    let card = world.ledger.cards(ana.wallet_id).await.unwrap().remove(0);
    assert_eq!(card.card.brand, "visa");
    // Meanwhile it is removed at Stripe, which we have not heard.
    world.control("webhooks/pause", json!({})).await;
    let detach = format!("payment_methods/{}/detach", card.payment_method_id);
    world.control(&detach, json!({})).await;
    spend(&world, &ana, 1).await;
    work(&world.ledger).await;
    let view = world.ledger.refill(ana.wallet_id).await.unwrap();
    assert_eq!(view.reason, Some(SuspendReason::Refused));
    assert_eq!(charged(&world, &ana).await, [0; 0]);
    world.assert_clean().await;
}
