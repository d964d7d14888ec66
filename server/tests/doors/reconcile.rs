//! The books beside Stripe's objects: equal after a month of everything, and told apart to the cent.

use ledger::Comparison;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use crate::card::saved_card;
use crate::refill;
use crate::world::{VISA, World, money};

#[sqlx::test(migrations = "../migrations")]
async fn after_a_month_of_payments_invoices_refills_refunds_and_disputes_nothing_differs(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let from = world.clock.now() - Duration::minutes(1);
    let people = [world.person().await, world.person().await];
    for person in &people {
        saved_card(&world, person, VISA).await;
    }
    for day in 0..30 {
        let ana = &people[day % 2];
        // Some days nothing of what happens at Stripe is told.
        let mode = if day % 3 == 0 { "drop" } else { "normal" };
        world
            .control("webhooks/mode", json!({ "mode": mode }))
            .await;
        let amount = ["25", "50", "100"][day % 3];
        let top_up_id = match day % 5 {
            4 => world.bought_with_invoice(ana, amount).await,
            _ => world.bought(ana, amount, VISA).await,
        };
        match day % 5 {
            0 => drop(world.refund(ana.wallet_id, top_up_id, "10").await),
            1 => drop(world.refund_by_hand(top_up_id, 1_000).await),
            2 => {
                let dispute_id = world.dispute(top_up_id, "chargeback").await;
                world.catch_up().await;
                let end = if day % 2 == 0 { "win" } else { "lose" };
                world.end_dispute(&dispute_id, end).await;
            }
            3 => {
                // Below so high a threshold the saved card is charged at once.
                if world
                    .ledger
                    .wallet(ana.wallet_id)
                    .await
                    .unwrap()
                    .available()
                    > money("300")
                {
                    world.spend(ana.wallet_id, "250").await;
                }
                refill::arm(&world, ana, ("500", "25", "100")).await;
                refill::work(&world.ledger).await;
                world.ledger.turn_off_refill(ana.wallet_id).await.unwrap();
            }
            _ => {}
        }
        world.catch_up().await;
        world
            .control("clock/advance", json!({ "seconds": 86_400 }))
            .await;
        world.clock.advance(Duration::days(1));
        world.catch_up().await;
    }
    let until = world.clock.now() + Duration::minutes(1);
    let compared = world.ledger.compare_with_stripe(from, until).await.unwrap();
    assert_eq!(compared.differences, []);
    assert_eq!(compared.payments.compared, 30 + 6);
    assert_eq!(compared.payments.books, money("1900"));
    assert_eq!(
        world
            .count("select count(*) from top_up where wants_invoice and state = 'settled'")
            .await,
        6
    );
    assert_eq!(compared.payments.books, compared.payments.stripe);
    assert!(compared.refunds.compared >= 8 && compared.disputes.compared == 6);
    assert!(compared.disputes.books.is_positive());
    world.assert_clean().await;
}

/// Each with what the books have more than Stripe.
fn differences(compared: &Comparison) -> Vec<(&'static str, String)> {
    let mut found: Vec<_> = compared
        .differences
        .iter()
        .map(|one| (one.reason, (one.books - one.stripe).exact_text()))
        .collect();
    found.sort();
    found
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_missing_or_differs_is_named_and_never_credited(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let from = world.clock.now() - Duration::minutes(1);
    let ana = world.person().await;
    world
        .control("webhooks/mode", json!({ "mode": "drop" }))
        .await;
    let (_, session_id) = world.start_top_up(ana.wallet_id, "10").await;
    world.pay(&session_id, VISA).await;
    let refunded = world.bought(&ana, "25", VISA).await;
    world.refund_by_hand(refunded, 700).await;
    let lied = world.bought(&ana, "50", VISA).await;
    let payment_id: String =
        sqlx::query_scalar("select stripe_payment_id from top_up where top_up_id = $1")
            .bind(lied)
            .fetch_one(&world.owner)
            .await
            .unwrap();
    let lie = json!({ "amount_received": 5_001 });
    world.control(&format!("objects/{payment_id}"), lie).await;
    let before = world.balances(ana.wallet_id).await;
    let until = world.clock.now() + Duration::minutes(1);
    let compared = world.ledger.compare_with_stripe(from, until).await.unwrap();
    let found = differences(&compared);
    let expected = [
        ("not in the books", (-money("10")).exact_text()),
        ("not in the books", (-money("7")).exact_text()),
        ("the amount differs", (-money("0.01")).exact_text()),
    ];
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(world.balances(ana.wallet_id).await, before);
}

#[sqlx::test(migrations = "../migrations")]
async fn what_stripe_does_not_know_is_named_beside_what_the_books_do_not_know(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let from = world.clock.now() - Duration::minutes(1);
    let ana = world.person().await;
    let refunded = world.bought(&ana, "25", VISA).await;
    world.refund_by_hand(refunded, 700).await;
    let disputed = world.bought(&ana, "50", VISA).await;
    world.dispute(disputed, "chargeback").await;
    world.catch_up().await;
    world
        .owner_does("update refund set stripe_refund_id = 're_gone'")
        .await;
    world
        .owner_does(
            "with renamed as (
                 update transfer set subject_id = split_part(subject_id, '/', 1) || '/dp_gone'
                 where subject = 'dispute'
             )
             update dispute set dispute_id = 'dp_gone'",
        )
        .await;
    let until = world.clock.now() + Duration::minutes(1);
    let compared = world.ledger.compare_with_stripe(from, until).await.unwrap();
    let found = differences(&compared);
    let mut expected = [
        ("not at Stripe", money("7").exact_text()),
        ("not at Stripe", money("50").exact_text()),
        ("not in the books", (-money("7")).exact_text()),
        ("not in the books", (-money("50")).exact_text()),
    ];
    expected.sort();
    assert_eq!(found, expected);
}

/// What the worker's last comparison found.
async fn last_found(world: &World) -> Option<i64> {
    world.ledger.run_due_checks().await.unwrap();
    let runs = world.ledger.check_runs().await.unwrap();
    let run = runs.iter().find(|run| run.kind == "reconcile").unwrap();
    assert_eq!(run.trouble, None);
    run.found
}

#[sqlx::test(migrations = "../migrations")]
async fn a_late_comparison_leaves_no_gap_and_a_difference_is_told_until_it_is_mended(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    world.bought(&ana, "10", VISA).await;
    let midnight = world.clock.now().replace_time(time::Time::MIDNIGHT) + Duration::DAY;
    world
        .pass(midnight + Duration::minutes(5) - world.clock.now())
        .await;
    assert_eq!(last_found(&world).await, Some(0));
    world
        .control("webhooks/mode", json!({ "mode": "drop" }))
        .await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    world.pay(&session_id, VISA).await;
    // The next run is six hours later in the day than this one was.
    world.pass(Duration::hours(30)).await;
    assert_eq!(last_found(&world).await, Some(1));
    world.pass(Duration::DAY).await;
    assert_eq!(last_found(&world).await, Some(1), "nobody mended it");
    world.ledger.reconcile_top_ups().await.unwrap();
    world
        .until(
            ana.wallet_id,
            top_up_id,
            domain::top_up::TopUpState::Settled,
        )
        .await;
    world.pass(Duration::DAY).await;
    assert_eq!(last_found(&world).await, Some(0));
}

#[sqlx::test(migrations = "../migrations")]
async fn a_dispute_that_names_no_payment_is_found_by_its_charge(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let from = world.clock.now() - Duration::minutes(1);
    let ana = world.person().await;
    let disputed = world.bought(&ana, "50", VISA).await;
    let dispute_id = world.dispute(disputed, "chargeback").await;
    let nameless = json!({ "payment_intent": null });
    world
        .control(&format!("objects/{dispute_id}"), nameless)
        .await;
    let until = world.clock.now() + Duration::minutes(1);
    let compared = world.ledger.compare_with_stripe(from, until).await.unwrap();
    let expected = [("not in the books", (-money("50")).exact_text())];
    assert_eq!(differences(&compared), expected);
    world.catch_up().await;
    let compared = world.ledger.compare_with_stripe(from, until).await.unwrap();
    assert_eq!(differences(&compared), []);
}
