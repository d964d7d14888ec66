//! Every fault of the network on every call that money depends on; then Stripe's record beside the books.

use domain::refund::RefundState;
use domain::top_up::TopUpState;
use language::Language;
use ledger::{AskRefund, Error, Ledger, RefundBy, SavedFrom, StartTopUp};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use crate::money::balances;
use crate::refill::{arm, charged, spend, work};
use crate::world::{Person, VISA, World, money, session_of};

const FAULTS: [&str; 9] = [
    "500_before",
    "500_after_commit",
    "timeout_after_commit",
    "reset",
    "reset_after_commit",
    "truncated_body",
    "html_502",
    "429",
    "409",
];

/// The next request there fails so; an answer that comes too late comes after two seconds.
async fn fail(world: &World, path: &str, kind: &str) {
    let fault = json!({ "path": path, "n": 1, "kind": kind, "milliseconds": 2_000 });
    world.control("faults", fault).await;
}

/// Asks again, as a person clicks again who was told that it did not work.
async fn clicked<T, F: Future<Output = Result<T, Error>>>(click: impl Fn() -> F) -> T {
    for _ in 0..5 {
        if let Ok(done) = click().await {
            return done;
        }
    }
    panic!("five clicks did not do it");
}

#[sqlx::test(migrations = "../migrations")]
async fn each_fault_on_each_money_call_leaves_what_stripe_charged_in_the_books(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let server = world.impatient_server().await;
    let from = world.clock.now() - Duration::minutes(1);
    let drop = json!({ "mode": "drop" });
    world.control("webhooks/mode", drop).await;
    for (index, kind) in FAULTS.into_iter().enumerate() {
        let ana = world.person().await;
        top_up_and_refund(&world, &server, &ana, kind).await;
        save_card_and_refill(&world, &server, &ana, kind, index).await;
        let expected = balances(["29.99", "0", "0", "0"]);
        assert_eq!(world.balances(ana.wallet_id).await, expected, "{kind}");
    }
    let until = world.clock.now() + Duration::minutes(1);
    let compared = server.compare_with_stripe(from, until).await.unwrap();
    assert_eq!(compared.differences, []);
    assert_eq!(compared.payments.compared, 2 * FAULTS.len());
    assert_eq!(compared.refunds.compared, FAULTS.len());
    world.assert_clean().await;
}

/// Buys $25.00, and has $20.00 of it back.
async fn top_up_and_refund(world: &World, server: &Ledger, ana: &Person, kind: &str) {
    let start = StartTopUp {
        top_up_id: server.new_top_up_id(),
        amount: money("25"),
        save_card: None,
        wants_invoice: false,
    };
    fail(world, "/v1/checkout/sessions", kind).await;
    let page = clicked(|| server.start_top_up(ana.wallet_id, start)).await;
    world.pay(&session_of(&page), VISA).await;
    world.clock.advance(Duration::seconds(31));
    server.reconcile_top_ups().await.unwrap();
    world
        .until(ana.wallet_id, start.top_up_id, TopUpState::Settled)
        .await;

    fail(world, "/v1/refunds", kind).await;
    let ask = AskRefund {
        top_up_id: start.top_up_id,
        refund_id: server.new_refund_id(),
        credit: money("20"),
        by: RefundBy::Customer,
    };
    let mut state = clicked(|| server.ask_refund(ana.wallet_id, ask)).await;
    for _ in 0..10 {
        if state == RefundState::Succeeded {
            break;
        }
        world.clock.advance(Duration::seconds(70));
        server.send_refunds().await.unwrap();
        state = server.ask_refund(ana.wallet_id, ask).await.unwrap();
    }
    assert_eq!(state, RefundState::Succeeded, "{kind}");
}

/// Saves a card without paying, turns auto-refill on and spends below its threshold.
async fn save_card_and_refill(
    world: &World,
    server: &Ledger,
    ana: &Person,
    kind: &str,
    index: usize,
) {
    let id = server.new_card_setup_id();
    fail(world, "/v1/checkout/sessions", kind).await;
    let page = clicked(|| {
        server.start_card_setup(ana.wallet_id, id, SavedFrom::Account, Language::English)
    })
    .await;
    world.pay(&session_of(&page), VISA).await;
    server.check_card_setup(ana.wallet_id, id).await.unwrap();
    assert_eq!(server.cards(ana.wallet_id).await.unwrap().len(), 1);

    arm(world, ana, ("5", "25", "100")).await;
    fail(world, "/v1/payment_intents", kind).await;
    spend(world, ana, index).await;
    for _ in 0..12 {
        work(server).await;
        world.clock.advance(Duration::seconds(61));
    }
    for _ in 0..4 {
        // A failure that Stripe keeps under the key is given up once that is sure.
        world.clock.advance(Duration::minutes(5));
        work(server).await;
    }
    assert_eq!(charged(world, ana).await, [2500], "{kind}");
}
