//! Auto-refill and what the bank answers: yes, no, not now, not without the customer.

use domain::refill::{RefillState, SuspendReason};
use language::Language;
use ledger::Error;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use crate::refill::{TERMS, arm, armed, attempts, charged, notices, spend, state, work};
use crate::world::{VISA, World, money};

/// Succeeds without its owner once it was saved.
const SAVED_3DS: &str = "4000002500003155";
/// Asks its owner every time.
const ASKS_ALWAYS: &str = "4000002760003184";
/// Can be saved, is declined when charged.
const DECLINES_LATER: &str = "4000000000000341";

#[sqlx::test(migrations = "../migrations")]
async fn case_8_three_refill_failures_suspend_and_never_two_are_open(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = armed(&world, DECLINES_LATER).await;
    spend(&world, &ana, 1).await;
    for (declines, pause) in [(1, 15), (2, 6 * 60)] {
        work(&world.ledger).await;
        assert_eq!(attempts(&world, "declined").await, declines);
        assert_eq!(state(&world, &ana).await, RefillState::BackingOff);
        spend(&world, &ana, 10 + usize::try_from(declines).unwrap()).await;
        world.clock.advance(Duration::minutes(pause - 1));
        work(&world.ledger).await;
        assert_eq!(attempts(&world, "declined").await, declines, "not yet");
        world.clock.advance(Duration::minutes(1));
    }
    work(&world.ledger).await;
    let view = world.ledger.refill(ana.wallet_id).await.unwrap();
    assert_eq!(
        (view.state, view.reason),
        (RefillState::Suspended, Some(SuspendReason::Failures))
    );
    assert_eq!(attempts(&world, "declined").await, 3);
    world.clock.advance(Duration::hours(48));
    spend(&world, &ana, 2).await;
    work(&world.ledger).await;
    assert_eq!(world.count("select count(*) from refill_attempt").await, 3);
    assert_eq!(charged(&world, &ana).await, [0; 0]);
    assert_eq!(notices(&world, &ana, "refill_failed").await, 3);
    // What was declined can never be paid later.
    let customer = world.stripe_customer(&ana).await;
    let payments = world
        .stripe(&format!("payment_intents?customer={customer}"))
        .await;
    let left_open = payments["data"].as_array().unwrap().iter();
    let left_open = left_open.filter(|payment| payment["status"] == "requires_payment_method");
    assert_eq!(left_open.count(), 0);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_hard_decline_suspends_at_once(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    let ana = armed(&world, VISA).await;
    let card = world.ledger.cards(ana.wallet_id).await.unwrap().remove(0);
    let next = format!("payment_methods/{}/next", card.payment_method_id);
    world
        .control(&next, json!({ "outcome": "stolen_card" }))
        .await;
    spend(&world, &ana, 1).await;
    work(&world.ledger).await;
    let view = world.ledger.refill(ana.wallet_id).await.unwrap();
    assert_eq!(view.reason, Some(SuspendReason::CardDeclined));

    // Only the customer turns it on again.
    world.clock.advance(Duration::hours(48));
    spend(&world, &ana, 2).await;
    work(&world.ledger).await;
    assert_eq!(charged(&world, &ana).await, [0; 0]);
    arm(&world, &ana, TERMS).await;
    work(&world.ledger).await;
    assert_eq!(charged(&world, &ana).await, [2500]);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_card_authenticated_when_it_was_saved_is_charged_later(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = armed(&world, SAVED_3DS).await;
    spend(&world, &ana, 1).await;
    work(&world.ledger).await;
    assert_eq!(charged(&world, &ana).await, [2500]);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_bank_that_asks_is_answered_on_stripe_s_page(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = armed(&world, ASKS_ALWAYS).await;
    spend(&world, &ana, 1).await;
    work(&world.ledger).await;
    assert_eq!(state(&world, &ana).await, RefillState::ActionRequired);
    assert_eq!(notices(&world, &ana, "refill_needs_you").await, 1);
    spend(&world, &ana, 2).await;
    work(&world.ledger).await;
    assert_eq!(attempts(&world, "declined").await, 1, "no second try");

    let page = world
        .ledger
        .answer_refill(ana.wallet_id, Language::English)
        .await
        .unwrap();
    let again = world
        .ledger
        .answer_refill(ana.wallet_id, Language::English)
        .await
        .unwrap();
    assert_eq!(page, again, "two clicks, one page");
    let session = crate::world::session_of(&page);
    let paid = json!({ "card": ASKS_ALWAYS, "authenticate": true });
    world
        .control(&format!("sessions/{session}/pay"), paid)
        .await;
    world.process_events().await;
    let view = world.ledger.refill(ana.wallet_id).await.unwrap();
    assert_eq!(view.state, RefillState::Armed);
    let wallet = world.ledger.wallet(ana.wallet_id).await.unwrap();
    assert_eq!(wallet.paid, money("34.98"));
    assert_eq!(
        world.ledger.cards(ana.wallet_id).await.unwrap().len(),
        1,
        "the same card"
    );
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_question_nobody_answers_suspends_after_a_day(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = armed(&world, ASKS_ALWAYS).await;
    spend(&world, &ana, 1).await;
    work(&world.ledger).await;
    world.clock.advance(Duration::hours(23));
    assert_eq!(world.ledger.end_unanswered_refills().await.unwrap(), 0);
    world.clock.advance(Duration::hours(1));
    assert_eq!(world.ledger.end_unanswered_refills().await.unwrap(), 1);
    let view = world.ledger.refill(ana.wallet_id).await.unwrap();
    assert_eq!(view.reason, Some(SuspendReason::NotConfirmed));
    let late = world
        .ledger
        .answer_refill(ana.wallet_id, Language::English)
        .await;
    assert!(matches!(late, Err(Error::Declined(_))), "{late:?}");
}
