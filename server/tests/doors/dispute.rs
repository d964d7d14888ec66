//! Disputes: what a bank takes and gives back, in whatever order it is told.

use domain::TopUpId;
use domain::refund::{RefundRefusal, RefundState};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::money::balances;
use crate::refund::REFUND_PENDS;
use crate::world::{Person, VISA, World};

#[sqlx::test(migrations = "../migrations")]
async fn case_13_a_dispute_after_all_is_spent_is_debt_and_winning_it_restores(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "10", VISA).await;
    world.spend(ana.wallet_id, "8").await;
    let dispute_id = world.dispute(top_up_id, "chargeback").await;
    for _ in 0..2 {
        world.catch_up().await;
        assert_eq!(
            world.balances(ana.wallet_id).await,
            balances(["0", "0", "0", "8"])
        );
    }
    world.assert_clean().await;
    world.end_dispute(&dispute_id, "win").await;
    for _ in 0..2 {
        world.catch_up().await;
        assert_eq!(
            world.balances(ana.wallet_id).await,
            balances(["2", "0", "0", "0"])
        );
    }
    world.assert_clean().await;
    let unread = world.ledger.unread_notices(ana.wallet_id).await.unwrap();
    let said: Vec<String> = unread
        .iter()
        .map(|one| language::notice::headline(&one.notice, language::Language::English))
        .collect();
    assert_eq!(
        said[..2],
        [
            "$10.00 came back after a dispute",
            "Your bank took $10.00 back"
        ]
    );
    let page = world.get("/wallet", Some(&ana)).await.text().await.unwrap();
    assert!(page.contains("Dispute"), "it is in the history");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_dispute_won_after_its_debt_was_paid_gives_the_money_back(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "10", VISA).await;
    world.spend(ana.wallet_id, "10").await;
    let dispute_id = world.dispute(top_up_id, "chargeback").await;
    world.catch_up().await;
    world.bought(&ana, "10", VISA).await;
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["0", "0", "0", "0"])
    );
    world.end_dispute(&dispute_id, "win").await;
    world.catch_up().await;
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["10", "0", "0", "0"])
    );
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn an_inquiry_takes_nothing_and_stops_refunds(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "25", VISA).await;
    let dispute_id = world.dispute(top_up_id, "inquiry").await;
    world.catch_up().await;
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["25", "0.5", "0", "0"])
    );
    assert_eq!(
        world.refund(ana.wallet_id, top_up_id, "25").await,
        Err(RefundRefusal::Disputed)
    );
    world.end_dispute(&dispute_id, "win").await;
    world.catch_up().await;
    assert_eq!(
        world.refund(ana.wallet_id, top_up_id, "25").await,
        Ok(RefundState::Succeeded)
    );
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn an_inquiry_that_grows_takes_the_money_then(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "25", VISA).await;
    let dispute_id = world.dispute(top_up_id, "inquiry").await;
    world.catch_up().await;
    world.end_dispute(&dispute_id, "escalate").await;
    world.catch_up().await;
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["0", "0.5", "0", "0"])
    );
    world.end_dispute(&dispute_id, "lose").await;
    world.catch_up().await;
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["0", "0.5", "0", "0"])
    );
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn an_open_dispute_is_looked_at_even_if_nothing_tells_of_its_end(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "25", VISA).await;
    let dispute_id = world.dispute(top_up_id, "chargeback").await;
    world.catch_up().await;
    world
        .control("webhooks/mode", json!({ "mode": "drop" }))
        .await;
    world.end_dispute(&dispute_id, "win").await;
    assert_eq!(world.ledger.reconcile_disputes().await.unwrap(), 0);
    world.clock.advance(time::Duration::hours(7));
    assert_eq!(world.ledger.reconcile_disputes().await.unwrap(), 1);
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["25", "0.5", "0", "0"])
    );
}

/// Somebody whose $100.00 are spent and whose other $25.00 are on their way back to the card, with $10.00
/// of given credit; tells both purchases.
async fn with_a_refund_under_way(world: &World, ana: &Person) -> (TopUpId, TopUpId) {
    let spent = world.bought(ana, "100", VISA).await;
    for amount in ["50", "50", "8"] {
        world.spend(ana.wallet_id, amount).await;
    }
    let returned = world.bought(ana, "25", REFUND_PENDS).await;
    let state = world.refund(ana.wallet_id, returned, "25").await;
    assert_eq!(state, Ok(RefundState::Pending));
    world.give(ana.wallet_id, "10").await;
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["25", "10.5", "25.5", "0"])
    );
    (spent, returned)
}

#[sqlx::test(migrations = "../migrations")]
async fn what_a_bank_takes_leaves_what_another_refund_set_aside(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let (ana, ben) = (world.person().await, world.person().await);
    let (disputed, _) = with_a_refund_under_way(&world, &ana).await;
    world.dispute(disputed, "chargeback").await;
    let (by_hand, _) = with_a_refund_under_way(&world, &ben).await;
    world.refund_by_hand(by_hand, 10_000).await;
    world.catch_up().await;
    world
        .control("clock/advance", json!({ "seconds": 11 }))
        .await;
    world.clock.advance(time::Duration::hours(7));
    world.catch_up().await;
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["0", "0", "0", "90"])
    );
    assert_eq!(
        world.balances(ben.wallet_id).await,
        balances(["0", "10", "0", "100"])
    );
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn an_answer_that_was_read_before_a_dispute_was_won_takes_nothing_again(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "25", VISA).await;
    let dispute_id = world.dispute(top_up_id, "chargeback").await;
    world.catch_up().await;
    let other = world.another_server().await;
    world.clock.advance(time::Duration::hours(7));
    // Stripe answers as it is now; the answer takes its time, and meanwhile the dispute is won.
    let late = json!({ "path": format!("/v1/disputes/{dispute_id}"), "method": "GET",
        "kind": "late", "milliseconds": 1_500 });
    world.control("faults", late).await;
    let reads = async { other.reconcile_disputes().await.unwrap() };
    let wins = async {
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        world.end_dispute(&dispute_id, "win").await;
        world.catch_up().await;
        world.balances(ana.wallet_id).await
    };
    let (read, won) = tokio::join!(reads, wins);
    let expected = balances(["25", "0.5", "0", "0"]);
    assert_eq!((read, won), (1, expected));
    assert_eq!(world.balances(ana.wallet_id).await, expected);
    let won = "select count(*) from dispute where state = 'won'";
    assert_eq!(world.count(won).await, 1);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_warning_of_fraud_moves_nothing_stops_auto_refill_and_tells_the_desk(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let (ana, ben) = (world.person().await, world.person().await);
    for (person, mode) in [(&ana, "normal"), (&ben, "drop")] {
        let mode = json!({ "mode": mode });
        world.control("webhooks/mode", mode).await;
        let top_up_id = world.bought(person, "25", VISA).await;
        crate::card::saved_card(&world, person, VISA).await;
        crate::refill::arm(&world, person, ("10", "25", "100")).await;
        let charge = world.charge_of(top_up_id).await;
        let path = format!("charges/{charge}/early_fraud_warning");
        world.control(&path, json!({})).await;
    }
    // Told or found in Stripe's list, and told again.
    world.process_events().await;
    for _ in 0..2 {
        world.catch_up().await;
    }
    for person in [&ana, &ben] {
        let refill = world.ledger.refill(person.wallet_id).await.unwrap();
        assert_eq!(refill.state, domain::refill::RefillState::Suspended);
        let balances_after = balances(["25", "0.5", "0", "0"]);
        assert_eq!(world.balances(person.wallet_id).await, balances_after);
    }
    let queues = world.ledger.queues().await.unwrap();
    let warned = queues
        .iter()
        .find(|queue| queue.name == "Payments warned of");
    assert_eq!(warned.map(|queue| queue.waiting), Some(2));
    world.assert_clean().await;
}

/// What happens to one purchase, and the five events that tell of it.
async fn told(world: &World, ana: &Person, end: &str) -> Vec<String> {
    let (_, session_id) = world.start_top_up(ana.wallet_id, "100").await;
    world.pay(&session_id, VISA).await;
    let session = world
        .stripe(&format!(
            "checkout/sessions/{session_id}?expand[]=payment_intent"
        ))
        .await;
    let charge = session["payment_intent"]["latest_charge"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut events = vec![
        world.event("checkout.session.completed").await,
        world.event("payment_intent.succeeded").await,
    ];
    world
        .control(
            &format!("charges/{charge}/refund"),
            json!({ "amount": 3_000 }),
        )
        .await;
    events.push(world.event("charge.refunded").await);
    let dispute = world
        .control(&format!("charges/{charge}/dispute"), json!({}))
        .await;
    events.push(world.event("charge.dispute.created").await);
    let dispute_id = dispute["id"].as_str().unwrap();
    world.end_dispute(dispute_id, end).await;
    events.push(world.event("charge.dispute.closed").await);
    events.iter().map(Value::to_string).collect()
}

/// Every order of 0 to 4.
fn orders() -> Vec<[usize; 5]> {
    let mut orders = Vec::new();
    for number in 0..5_usize.pow(5) {
        let order: [usize; 5] =
            std::array::from_fn(|at| number / 5_usize.pow(u32::try_from(at).unwrap()) % 5);
        if (0..5).all(|event| order.contains(&event)) {
            orders.push(order);
        }
    }
    orders
}

#[sqlx::test(migrations = "../migrations")]
async fn every_order_of_events_each_up_to_three_times_ends_alike(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    world.control("webhooks/pause", json!({})).await;
    let orders = orders();
    assert_eq!(orders.len(), 120);
    let mut expected = Vec::new();
    for (number, order) in orders.iter().enumerate() {
        let ana = world.person().await;
        let (end, balances_after) = if number % 2 == 0 {
            ("win", ["70", "3.5", "0", "0"])
        } else {
            ("lose", ["0", "3.5", "0", "0"])
        };
        let events = told(&world, &ana, end).await;
        for (position, &event) in order.iter().enumerate() {
            let body = &events[event];
            for _ in 0..=(number + position) % 3 {
                let signature = crate::webhook::sign(body, "whsec_sandbox", 0);
                assert_eq!(world.deliver(body, &signature).await, 200);
            }
            // Half of the orders act on each event before the next one comes.
            if number % 4 < 2 {
                while world.ledger.process_events().await.unwrap() > 0 {}
            }
        }
        expected.push((ana.wallet_id, order, balances(balances_after)));
    }
    while world.ledger.process_events().await.unwrap() > 0 {}
    for (wallet_id, order, balances) in expected {
        assert_eq!(world.balances(wallet_id).await, balances, "{order:?}");
    }
    assert_eq!(
        world.count("select count(*) from stripe_event").await,
        5 * 120,
        "a repeated event is one row"
    );
    assert_eq!(
        world
            .count("select count(*) from transfer where kind = 'top_up'")
            .await,
        120
    );
    world.assert_clean().await;
}
