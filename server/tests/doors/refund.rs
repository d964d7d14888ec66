//! Refunds: to the cent, once, and given back when they do not arrive.

use domain::refund::{RefundRefusal, RefundState};
use ledger::{AskRefund, RefundBy};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use crate::money::balances;
use crate::world::{VISA, World, money};

/// Cards whose refunds take their time, and come back.
pub(crate) const REFUND_PENDS: &str = "4000000000007726";
pub(crate) const REFUND_FAILS: &str = "4000000000005126";

#[sqlx::test(migrations = "../migrations")]
async fn the_examples_of_the_rules_reach_the_card_to_the_cent(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    for (spent, credit, cents) in [("3", "100", 9_700), ("50", "58", 5_084)] {
        let ana = world.person().await;
        let top_up_id = world.bought(&ana, "100", VISA).await;
        world.spend(ana.wallet_id, spent).await;
        let draft = world
            .ledger
            .refund_draft(ana.wallet_id, top_up_id, RefundBy::Customer)
            .await
            .unwrap();
        let best = draft.best.unwrap();
        assert_eq!((best.credit, best.back.cents()), (money(credit), Ok(cents)));
        let state = world.refund(ana.wallet_id, top_up_id, credit).await;
        assert_eq!(state, Ok(RefundState::Succeeded));
        let charge = world.charge_of(top_up_id).await;
        let charge = world.stripe(&format!("charges/{charge}")).await;
        assert_eq!(charge["amount_refunded"], cents);
        assert_eq!(
            world.balances(ana.wallet_id).await,
            balances(["0", "0", "0", "0"])
        );
    }
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn case_9_a_second_partial_refund_and_a_replayed_webhook_are_one_entry_each(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "100", VISA).await;
    for credit in ["30", "20"] {
        let state = world.refund(ana.wallet_id, top_up_id, credit).await;
        assert_eq!(state, Ok(RefundState::Succeeded));
    }
    world.refund_by_hand(top_up_id, 1_000).await;
    for event_type in ["charge.refunded", "refund.created"] {
        let event = world.event(event_type).await.to_string();
        for _ in 0..3 {
            let signature = crate::webhook::sign(&event, "whsec_sandbox", 0);
            assert_eq!(world.deliver(&event, &signature).await, 200);
        }
    }
    // 100 less 60, and the bonus of $40 at two percent.
    let expected = balances(["40", "0.8", "0", "0"]);
    for _ in 0..100 {
        if world.balances(ana.wallet_id).await == expected {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(world.balances(ana.wallet_id).await, expected);
    let left = "select count(*) from transfer where kind = 'refund'";
    assert_eq!(world.count(left).await, 3);
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn one_click_sent_ten_times_at_once_is_one_refund(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "100", VISA).await;
    let ask = AskRefund {
        top_up_id,
        refund_id: world.ledger.new_refund_id(),
        credit: money("25"),
        by: RefundBy::Customer,
    };
    let clicks = (0..10).map(|_| world.ledger.ask_refund(ana.wallet_id, ask));
    for state in futures_util::future::join_all(clicks).await {
        state.unwrap();
    }
    world.clock.advance(Duration::minutes(2));
    world.catch_up().await;
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["75", "3.75", "0", "0"])
    );
    let list = world.stripe("refunds").await;
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    let changed = AskRefund {
        credit: money("26"),
        ..ask
    };
    assert!(
        world
            .ledger
            .ask_refund(ana.wallet_id, changed)
            .await
            .is_err()
    );
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refund_waits_for_its_bank_and_nothing_else_is_refunded_meanwhile(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "25", REFUND_PENDS).await;
    let state = world.refund(ana.wallet_id, top_up_id, "10").await;
    assert_eq!(state, Ok(RefundState::Pending));
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["25", "0.5", "10.5", "0"])
    );
    let second = world.refund(ana.wallet_id, top_up_id, "5").await;
    assert_eq!(second, Err(RefundRefusal::OnItsWay));
    world.assert_clean().await;
    world
        .control("clock/advance", json!({ "seconds": 11 }))
        .await;
    world.catch_up().await;
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["15", "0", "0", "0"])
    );
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refund_that_comes_back_from_the_bank_is_given_back_whole(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "100", REFUND_FAILS).await;
    let before = world.balances(ana.wallet_id).await;
    let state = world.refund(ana.wallet_id, top_up_id, "100").await;
    assert_eq!(state, Ok(RefundState::Succeeded));
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["0", "0", "0", "0"])
    );
    world
        .control("clock/advance", json!({ "seconds": 11 }))
        .await;
    for _ in 0..2 {
        world.catch_up().await;
        assert_eq!(world.balances(ana.wallet_id).await, before);
    }
    world.assert_clean().await;
    // It is refundable again, to another end.
    let again = world.refund(ana.wallet_id, top_up_id, "40").await;
    assert_eq!(again, Ok(RefundState::Succeeded));
    world.assert_clean().await;
    let unread = world.ledger.unread_notices(ana.wallet_id).await.unwrap();
    let said: Vec<String> = unread
        .iter()
        .map(|one| language::notice::headline(&one.notice, language::Language::English))
        .collect();
    assert!(
        said.contains(&"Your refund of $100.00 did not arrive".to_owned()),
        "{said:?}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_refund_from_the_dashboard_of_spent_money_is_owed_and_paid_first(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "100", VISA).await;
    world.spend(ana.wallet_id, "50").await;
    world
        .control("webhooks/mode", json!({ "mode": "drop" }))
        .await;
    world.refund_by_hand(top_up_id, 10_000).await;
    for _ in 0..2 {
        world.catch_up().await;
        assert_eq!(
            world.balances(ana.wallet_id).await,
            balances(["0", "0", "0", "42"])
        );
    }
    assert_eq!(
        world.refund(ana.wallet_id, top_up_id, "1").await,
        Err(RefundRefusal::Debt)
    );
    world.bought(&ana, "50", VISA).await;
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["8", "2.5", "0", "0"])
    );
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn every_fault_on_the_way_to_stripe_ends_with_one_refund(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    for kind in [
        "500_before",
        "500_after_commit",
        "reset",
        "reset_after_commit",
        "truncated_body",
        "html_502",
        "429",
        "409",
    ] {
        let ana = world.person().await;
        let top_up_id = world.bought(&ana, "25", VISA).await;
        let fault = json!({ "path": "/v1/refunds", "n": 1, "kind": kind });
        world.control("faults", fault).await;
        world.refund(ana.wallet_id, top_up_id, "25").await.unwrap();
        world.clock.advance(Duration::seconds(70));
        world.catch_up().await;
        assert_eq!(
            world.balances(ana.wallet_id).await,
            balances(["0", "0", "0", "0"]),
            "{kind}"
        );
        let charge = world.charge_of(top_up_id).await;
        let refunds = world.stripe(&format!("refunds?charge={charge}")).await;
        assert_eq!(refunds["data"].as_array().unwrap().len(), 1, "{kind}");
    }
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn what_stripe_refuses_comes_back_at_once(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "25", VISA).await;
    world
        .control("webhooks/mode", json!({ "mode": "drop" }))
        .await;
    // Nobody told us of the dispute yet.
    world.dispute(top_up_id, "chargeback").await;
    let state = world.refund(ana.wallet_id, top_up_id, "25").await;
    assert_eq!(state, Ok(RefundState::Refused));
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["25", "0.5", "0", "0"])
    );
    world.assert_clean().await;
    world.catch_up().await;
    assert_eq!(
        world.refund(ana.wallet_id, top_up_id, "1").await,
        Err(RefundRefusal::Disputed)
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn after_sixty_days_support_refunds(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let top_up_id = world.bought(&ana, "25", VISA).await;
    world.clock.advance(Duration::days(61));
    assert_eq!(
        world.refund(ana.wallet_id, top_up_id, "25").await,
        Err(RefundRefusal::TooLate { days: 60 })
    );
    let ask = AskRefund {
        top_up_id,
        refund_id: world.ledger.new_refund_id(),
        credit: money("25"),
        by: RefundBy::Support,
    };
    let state = world.ledger.ask_refund(ana.wallet_id, ask).await.unwrap();
    assert_eq!(state, RefundState::Succeeded);
    let ben = world.person().await;
    assert!(
        matches!(
            world.ledger.ask_refund(ben.wallet_id, ask).await,
            Err(ledger::Error::NotFound)
        ),
        "another's looks like none"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn the_page_shows_the_calculation_and_refunds_after_a_recent_sign_in(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let (ana, ben) = (world.person().await, world.person().await);
    let top_up_id = world.bought(&ana, "100", VISA).await;
    world.spend(ana.wallet_id, "50").await;
    let path = format!("/refunds/{top_up_id}");
    let page = world.get(&path, Some(&ana)).await.text().await.unwrap();
    assert!(page.contains("Refund $50.84 to Visa"), "{page}");
    let part = world.get(&format!("{path}?credit=10"), Some(&ana)).await;
    let part = part.text().await.unwrap();
    assert!(
        part.contains("+$10.00") && part.contains("Refund $"),
        "{part}"
    );
    let above = world.get(&format!("{path}?credit=58.01"), Some(&ana)).await;
    assert!(above.text().await.unwrap().contains("At most $58.00"));
    assert_eq!(world.get(&path, Some(&ben)).await.status(), 404);

    let click = async || {
        let fields = [
            ("top_up_id", top_up_id.to_string()),
            ("refund_id", world.ledger.new_refund_id().to_string()),
            ("credit", "58".to_owned()),
        ];
        let answer = world
            .http
            .post(format!("{}/api/ask_refund", world.base))
            .header("cookie", &ana.cookie)
            .header("origin", &world.base)
            .header("accept", "text/html")
            .form(&fields)
            .send()
            .await
            .unwrap();
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    world.clock.advance(Duration::minutes(11));
    assert!(click().await.contains("/sign-in"), "signed in too long ago");
    world.assert_clean().await;
    assert_eq!(world.count("select count(*) from refund").await, 0);
    world.signed_in_just_now(&ana).await;
    assert_eq!(click().await, path);
    assert_eq!(
        world.balances(ana.wallet_id).await,
        balances(["0", "0", "0", "0"])
    );
    let page = world.get(&path, Some(&ana)).await.text().await.unwrap();
    assert!(page.contains("sent to your card"), "{page}");
}
