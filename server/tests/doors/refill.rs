//! Auto-refill: however the trigger, the bank and the network behave, the card is charged once for
//! each refill, and what Stripe charged is what the books have.

use domain::call::CallRefusal;
use domain::refill::{RefillState, RefillTerms, SuspendReason};
use domain::{Declined, Money};
use futures_util::future::join_all;
use language::Language;
use ledger::{ArmRefill, Error, IncomingMessage, Ledger};
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use crate::card::saved_card;
use crate::world::{Person, VISA, World, money};

pub(crate) const TERMS: (&str, &str, &str) = ("10", "25", "100");

/// Somebody with $10.00, a saved card and auto-refill below that.
pub(crate) async fn armed(world: &World, card: &str) -> Person {
    let person = world.person().await;
    saved_card(world, &person, card).await;
    world.credit(&person, "10").await;
    arm(world, &person, TERMS).await;
    assert_eq!(state(world, &person).await, RefillState::Armed);
    person
}

pub(crate) async fn arm(
    world: &World,
    person: &Person,
    (threshold, amount, cap): (&str, &str, &str),
) {
    let terms = RefillTerms {
        threshold: money(threshold),
        amount: money(amount),
        monthly_cap: money(cap),
    };
    let arm = ArmRefill {
        terms,
        charge_now: true,
        language: Language::English,
    };
    world
        .ledger
        .arm_refill(person.wallet_id, arm)
        .await
        .unwrap();
    world.ledger.decide_refills().await.unwrap();
}

pub(crate) async fn state(world: &World, person: &Person) -> RefillState {
    world.ledger.refill(person.wallet_id).await.unwrap().state
}

/// A message that costs this much, or waits for credit.
pub(crate) fn message(person: &Person, id: usize, price: &str) -> IncomingMessage {
    IncomingMessage {
        wallet_id: person.wallet_id,
        message_id: format!("m{id}"),
        switch_id: "test".into(),
        sender: "15550100".into(),
        recipient: "15550101".into(),
        segments: 1,
        body: "hello".into(),
        price: money(price),
    }
}

/// Lowers the balance below the threshold.
pub(crate) async fn spend(world: &World, person: &Person, id: usize) {
    let message = message(person, id, "0.01");
    world.ledger.charge_message(message).await.unwrap();
}

/// Decides and sends, as the worker does.
pub(crate) async fn work(ledger: &Ledger) {
    ledger.decide_refills().await.unwrap();
    ledger.send_refills().await.unwrap();
}

/// What Stripe charged this person's cards without them, in cents each.
pub(crate) async fn charged(world: &World, person: &Person) -> Vec<i64> {
    let customer = world.stripe_customer(person).await;
    let payments = world
        .stripe(&format!("payment_intents?customer={customer}&limit=100"))
        .await;
    let payments = payments["data"].as_array().unwrap().clone();
    payments
        .iter()
        .filter(|payment| {
            payment["metadata"]["kind"] == "refill" && payment["status"] == "succeeded"
        })
        .map(|payment| payment["amount_received"].as_i64().unwrap())
        .collect()
}

/// Refills in the books.
pub(crate) async fn refilled(world: &World, person: &Person) -> Money {
    let sum: Money = sqlx::query_scalar(
        "select coalesce(sum(amount), 0) from top_up where wallet_id = $1 and source = 'refill' and state = 'settled'",
    )
    .bind(person.wallet_id)
    .fetch_one(&world.owner)
    .await
    .unwrap();
    sum
}

pub(crate) async fn attempts(world: &World, state: &'static str) -> i64 {
    sqlx::query_scalar("select count(*) from refill_attempt where state = $1")
        .bind(state)
        .fetch_one(&world.owner)
        .await
        .unwrap()
}

pub(crate) async fn notices(world: &World, person: &Person, kind: &'static str) -> i64 {
    sqlx::query_scalar("select count(*) from notice where wallet_id = $1 and kind = $2")
        .bind(person.wallet_id)
        .bind(kind)
        .fetch_one(&world.owner)
        .await
        .unwrap()
}

#[sqlx::test(migrations = "../migrations")]
async fn a_balance_that_falls_below_the_threshold_is_refilled_once(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = armed(&world, VISA).await;
    work(&world.ledger).await;
    assert_eq!(charged(&world, &ana).await, [0; 0], "there is enough");

    spend(&world, &ana, 1).await;
    work(&world.ledger).await;
    work(&world.ledger).await;
    assert_eq!(charged(&world, &ana).await, [2500]);
    let wallet = world.ledger.wallet(ana.wallet_id).await.unwrap();
    assert_eq!(wallet.paid, money("34.99"), "and no bonus");
    let view = world.ledger.refill(ana.wallet_id).await.unwrap();
    assert_eq!(
        (view.state, view.used),
        (RefillState::Cooldown, money("25"))
    );
    assert_eq!(notices(&world, &ana, "refill_succeeded").await, 1);

    world.clock.advance(Duration::seconds(61));
    work(&world.ledger).await;
    assert_eq!(state(&world, &ana).await, RefillState::Armed);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn two_servers_and_500_triggers_at_once_charge_once(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = armed(&world, VISA).await;
    let other = world.another_server().await;
    let spending = (0..500).map(|id| {
        let ledger = if id % 2 == 0 { &world.ledger } else { &other };
        let message = message(&ana, id, "0.002");
        async move {
            // So many at once wait for a connection longer than a request may.
            for _ in 0..50 {
                match ledger.charge_message(message.clone()).await {
                    Err(Error::Busy) => {}
                    outcome => return outcome.is_ok(),
                }
            }
            false
        }
    });
    let working = async {
        for _ in 0..20 {
            tokio::join!(work(&world.ledger), work(&other), work(&world.ledger));
        }
    };
    let (spent, ()) = tokio::join!(join_all(spending), working);
    assert_eq!(spent.iter().filter(|taken| **taken).count(), 500);
    tokio::join!(work(&world.ledger), work(&other));
    assert_eq!(charged(&world, &ana).await, [2500]);
    assert_eq!(refilled(&world, &ana).await, money("25"));
    assert_eq!(world.count("select count(*) from refill_attempt").await, 1);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn the_fuse_stops_the_third_refill_of_an_hour(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = armed(&world, VISA).await;
    // So high a threshold that each refill falls short of it.
    arm(&world, &ana, ("200", "25", "100")).await;
    work(&world.ledger).await;
    for _ in 0..4 {
        world.clock.advance(Duration::seconds(61));
        work(&world.ledger).await;
    }
    assert_eq!(charged(&world, &ana).await, [2500, 2500]);
    let view = world.ledger.refill(ana.wallet_id).await.unwrap();
    assert_eq!(view.reason, Some(SuspendReason::Fuse));
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn the_month_s_cap_holds_and_is_told_before_it_is_reached(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = armed(&world, VISA).await;
    arm(&world, &ana, ("200", "25", "60")).await;
    for _ in 0..3 {
        work(&world.ledger).await;
        world.clock.advance(Duration::seconds(61));
    }
    work(&world.ledger).await;
    assert_eq!(charged(&world, &ana).await, [2500, 2500]);
    let view = world.ledger.refill(ana.wallet_id).await.unwrap();
    assert_eq!(view.state, RefillState::Capped);
    assert_eq!(
        view.until,
        Some(domain::refill::next_month(world.clock.now()))
    );
    assert_eq!(notices(&world, &ana, "refill_cap_near").await, 1);
    // The month turns.
    world.clock.advance(view.until.unwrap() - world.clock.now());
    work(&world.ledger).await;
    assert_eq!(charged(&world, &ana).await, [2500, 2500, 2500]);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn turning_it_off_stops_what_was_not_sent(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    let ana = armed(&world, VISA).await;
    spend(&world, &ana, 1).await;
    world.ledger.decide_refills().await.unwrap();
    assert_eq!(attempts(&world, "created").await, 1);
    world.ledger.turn_off_refill(ana.wallet_id).await.unwrap();
    spend(&world, &ana, 2).await;
    work(&world.ledger).await;
    assert_eq!(charged(&world, &ana).await, [0; 0]);
    assert_eq!(attempts(&world, "closed").await, 1);
    assert_eq!(state(&world, &ana).await, RefillState::Off);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_call_that_is_short_waits_for_the_refill_and_rings(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    saved_card(&world, &ana, VISA).await;
    world.credit(&ana, "5").await;
    arm(&world, &ana, ("2", "25", "100")).await;
    world.add_rate("52", "0.49").await;
    let ask = |person: &Person, id: &str| ledger::AuthorizeCall {
        wallet_id: person.wallet_id,
        call_id: id.into(),
        switch_id: "test".into(),
        caller: None,
        callee: "525512345678".into(),
    };
    let ledger = &world.ledger;
    for id in ["a", "b"] {
        let held = ledger.authorize_unless_short(ask(&ana, id)).await.unwrap();
        assert_eq!(held.map(|held| held.held), Some(money("2.45")), "{id}");
    }
    let first = ledger::CallRef {
        wallet_id: ana.wallet_id,
        call_id: "a".into(),
        switch_id: "test".into(),
    };
    ledger.end_call(first, 300, "normal").await.unwrap();
    // Ten cents are left.
    let short = ledger.quote_call(ana.wallet_id, "525512345678").await;
    let told: Value = serde_json::to_value(short.unwrap().1.refusal).unwrap();
    assert_eq!(told["refill_possible"], true, "{told}");
    let undecided = ledger.authorize_unless_short(ask(&ana, "c")).await;
    assert_eq!(undecided.unwrap(), None);
    ledger.refill_for_call(ana.wallet_id).await;
    let granted = ledger.authorize_call(ask(&ana, "c")).await.unwrap();
    assert_eq!(granted.held, money("2.45"));
    assert_eq!(charged(&world, &ana).await, [2500]);

    // Where no card helps, the refusal says so, and stands.
    let bea = world.person().await;
    match ledger.authorize_unless_short(ask(&bea, "d")).await {
        Err(Error::Declined(Declined::Call(CallRefusal::BelowMinimum {
            refill_possible, ..
        }))) => assert!(!refill_possible),
        other => panic!("{other:?}"),
    }
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn arming_takes_a_recent_sign_in_and_asks_before_it_charges(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let form = [("threshold", "10"), ("amount", "25"), ("cap", "100")];
    let location = |answer: &reqwest::Response| {
        let location = answer.headers().get("location").unwrap();
        location.to_str().unwrap().to_owned()
    };
    let no_card = world.post("/api/arm_refill", &ana, &form).await;
    assert!(
        location(&no_card).contains("__err"),
        "{}",
        location(&no_card)
    );

    // What is refused comes back as it was filled in, with the reason beside the field.
    for (field, typed, said) in [
        (
            "threshold",
            "1",
            "The threshold can be from $2.00 to $500.00",
        ),
        (
            "amount",
            "4.99",
            "The refill amount can be from $5.00 to $1,000.00",
        ),
        ("cap", "24", "The monthly cap can be from $25.00"),
        ("cap", "a lot", "The monthly cap can be from $25.00"),
    ] {
        let form = form.map(|(name, value)| (name, if name == field { typed } else { value }));
        let refused = world.post("/api/arm_refill", &ana, &form).await;
        let page = world.get(&location(&refused), Some(&ana)).await;
        let page = page.text().await.unwrap();
        for text in [
            said,
            &format!("href=\"#{field}\""),
            &format!("{field}-error"),
        ] {
            assert!(page.contains(text), "{text} is not in {page}");
        }
        assert_eq!(page.matches("aria-invalid=\"true\"").count(), 1);
        assert!(page.contains(&format!("value=\"{typed}\"")));
    }

    saved_card(&world, &ana, VISA).await;
    world.clock.advance(Duration::minutes(11));
    let stale = world.post("/api/arm_refill", &ana, &form).await;
    let back = "/sign-in?next=/auto-refill%3Fthreshold%3D10%26amount%3D25%26cap%3D100";
    assert_eq!(location(&stale), back);

    let recent = world.session_of(&ana).await;
    let asked = world.post("/api/arm_refill", &recent, &form).await;
    let question = "/auto-refill?threshold=10&amount=25&cap=100&ask=now";
    assert_eq!(location(&asked), question);
    assert_eq!(state(&world, &ana).await, RefillState::Off);
    let page = world
        .get(question, Some(&recent))
        .await
        .text()
        .await
        .unwrap();
    assert!(page.contains("We will charge $25.00 now"), "{page}");

    let agreed = [&form[..], &[("charge_now", "true")]].concat();
    let armed = world.post("/api/arm_refill", &recent, &agreed).await;
    assert_eq!(location(&armed), "/auto-refill");
    work(&world.ledger).await;
    assert_eq!(charged(&world, &ana).await, [2500]);
    let page = world
        .get("/auto-refill", Some(&recent))
        .await
        .text()
        .await
        .unwrap();
    for text in [
        "When your balance drops below $10.00 we charge $25.00 to Visa ····4242, at most $100.00 a month; $25.00 used in",
        "You agreed on",
        "Turn off",
    ] {
        assert!(page.contains(text), "{text} is not in {page}");
    }
    let off = world.post("/api/turn_off_refill", &recent, &[]).await;
    assert_eq!(location(&off), "/auto-refill");
    assert_eq!(state(&world, &ana).await, RefillState::Off);
}
