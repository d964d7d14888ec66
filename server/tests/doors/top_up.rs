//! From the click to Stripe's page: one click or ten, with and without trouble on the way.

use domain::Declined;
use domain::top_up::{AmountRefusal, TopUpState};
use futures_util::future::join_all;
use ledger::{Error, StartTopUp};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use crate::world::{PATIENCE, VISA, World, money, session_of};

#[sqlx::test(migrations = "../migrations")]
async fn case_16_two_tabs_and_two_clicks_start_one_top_up(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    let ana = world.person().await;
    let start = StartTopUp {
        top_up_id: world.ledger.new_top_up_id(),
        amount: money("25"),
        save_card: None,
        wants_invoice: false,
    };
    let clicks = join_all((0..5).map(|_| world.ledger.start_top_up(ana.wallet_id, start))).await;
    let pages: Vec<String> = clicks.into_iter().map(Result::unwrap).collect();
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
    let sessions = world.stripe("checkout/sessions").await;
    assert_eq!(sessions["data"].as_array().unwrap().len(), 1);

    world.pay(&session_of(&pages[0]), VISA).await;
    world
        .until(ana.wallet_id, start.top_up_id, TopUpState::Settled)
        .await;
    // A click on an old tab, after all was paid, leads to the status page.
    let late = world
        .ledger
        .start_top_up(ana.wallet_id, start)
        .await
        .unwrap();
    assert_eq!(late, format!("{}/top-ups/{}", world.base, start.top_up_id));
    world.assert_credited_once(ana.wallet_id).await;
}

#[sqlx::test(migrations = "../migrations")]
async fn an_id_means_one_amount_of_one_wallet(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    let (ana, ben) = (world.person().await, world.person().await);
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;

    let other_amount = StartTopUp {
        top_up_id,
        amount: money("50"),
        save_card: None,
        wants_invoice: false,
    };
    let changed = world.ledger.start_top_up(ana.wallet_id, other_amount).await;
    assert!(
        matches!(changed, Err(Error::Declined(Declined::TopUpChanged))),
        "{changed:?}"
    );

    let same = StartTopUp {
        top_up_id,
        amount: money("25"),
        save_card: None,
        wants_invoice: false,
    };
    let foreign = world.ledger.start_top_up(ben.wallet_id, same).await;
    assert!(matches!(foreign, Err(Error::NotFound)), "{foreign:?}");
    assert!(matches!(
        world.ledger.top_up(ben.wallet_id, top_up_id).await,
        Err(Error::NotFound)
    ));
    assert_eq!(world.count("select count(*) from top_up").await, 1);

    world
        .control(&format!("sessions/{session_id}/expire"), json!({}))
        .await;
    let over = world.ledger.start_top_up(ana.wallet_id, same).await;
    assert!(
        matches!(over, Err(Error::Declined(Declined::TopUpOver))),
        "{over:?}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn an_amount_outside_the_limits_is_refused_and_nothing_is_written(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    for (amount, refusal) in [
        (
            "4.99",
            AmountRefusal::BelowSmallest {
                smallest: money("5"),
            },
        ),
        (
            "-5",
            AmountRefusal::BelowSmallest {
                smallest: money("5"),
            },
        ),
        (
            "1000.01",
            AmountRefusal::AboveLargest {
                largest: money("1000"),
            },
        ),
        ("5.005", AmountRefusal::NotWholeCents),
    ] {
        let start = StartTopUp {
            top_up_id: world.ledger.new_top_up_id(),
            amount: money(amount),
            save_card: None,
            wants_invoice: false,
        };
        match world.ledger.start_top_up(ana.wallet_id, start).await {
            Err(Error::Declined(Declined::Amount(found))) => assert_eq!(found, refusal, "{amount}"),
            other => panic!("{amount}: {other:?}"),
        }
    }
    assert_eq!(world.count("select count(*) from top_up").await, 0);
}

/// Whatever happens on the way to Stripe, one page opens, and paying it credits once.
#[sqlx::test(migrations = "../migrations")]
async fn trouble_on_the_way_to_the_page_opens_one_page(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::start(pool, database).await;
    for path in ["/v1/checkout/sessions", "/v1/customers"] {
        for kind in [
            "500_before",
            "500_after_commit",
            "reset",
            "reset_after_commit",
            "truncated_body",
            "html_502",
            "409",
            "429",
        ] {
            let person = world.person().await;
            world
                .control("faults", json!({ "path": path, "n": 1, "kind": kind }))
                .await;
            let (top_up_id, session_id) = world.start_top_up(person.wallet_id, "25").await;
            let left = world
                .http
                .get(format!("http://{}/_sandbox/faults", world.sandbox.http))
                .send()
                .await
                .unwrap();
            assert_eq!(
                left.text().await.unwrap(),
                "[]",
                "{path} {kind}: the fault must have happened"
            );
            world.pay(&session_id, VISA).await;
            world
                .until(person.wallet_id, top_up_id, TopUpState::Settled)
                .await;
            let wallet = world.ledger.wallet(person.wallet_id).await.unwrap();
            assert_eq!(
                (wallet.paid, wallet.version),
                (money("25"), 2),
                "{path} {kind}"
            );
        }
    }
    world.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn who_goes_back_and_chooses_otherwise_is_not_sent_to_the_first_page(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let start = StartTopUp {
        top_up_id: world.ledger.new_top_up_id(),
        amount: money("25"),
        save_card: Some(language::Language::English),
        wants_invoice: false,
    };
    let started = world.ledger.start_top_up(ana.wallet_id, start).await;
    let page = started.unwrap();
    let otherwise = [
        StartTopUp {
            amount: money("50"),
            ..start
        },
        StartTopUp {
            save_card: None,
            ..start
        },
        StartTopUp {
            wants_invoice: true,
            ..start
        },
    ];
    for start in otherwise {
        let refused = world.ledger.start_top_up(ana.wallet_id, start).await;
        let is_told = matches!(refused, Err(Error::Declined(Declined::TopUpChanged)));
        assert!(is_told, "{start:?}: {refused:?}");
    }
    let french = StartTopUp {
        save_card: Some(language::Language::French),
        ..start
    };
    let again = world.ledger.start_top_up(ana.wallet_id, french).await;
    assert_eq!(again.unwrap(), page, "in another language it is the same");
}

#[sqlx::test(migrations = "../migrations")]
async fn a_top_up_that_never_got_a_page_expires(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    world
        .control(
            "faults",
            json!({ "path": "/v1/checkout/sessions", "n": 100, "kind": "429" }),
        )
        .await;
    let start = StartTopUp {
        top_up_id: world.ledger.new_top_up_id(),
        amount: money("25"),
        save_card: None,
        wants_invoice: false,
    };
    let busy = world.ledger.start_top_up(ana.wallet_id, start).await;
    assert!(matches!(busy, Err(Error::Busy)), "{busy:?}");
    assert_eq!(
        world
            .ledger
            .top_up(ana.wallet_id, start.top_up_id)
            .await
            .unwrap()
            .state,
        TopUpState::Pending
    );
    // Stripe answers again, but opens no page that closes so soon: another id is needed.
    world.control("faults/clear", json!({})).await;
    world.pass(Duration::minutes(35)).await;
    let late = world.ledger.start_top_up(ana.wallet_id, start).await;
    assert!(
        matches!(late, Err(Error::Declined(Declined::TopUpOver))),
        "{late:?}"
    );
    world.clock.advance(Duration::minutes(26));
    world.ledger.reconcile_top_ups().await.unwrap();
    assert_eq!(
        world
            .ledger
            .top_up(ana.wallet_id, start.top_up_id)
            .await
            .unwrap()
            .state,
        TopUpState::Expired
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn payment_pages_are_not_opened_without_end(pool: PgPoolOptions, database: PgConnectOptions) {
    let world = World::without_workers(pool, database).await;
    // The beginning of an hour, so that the window does not turn during the test.
    let into = world.clock.now().unix_timestamp() % 3600;
    world.clock.advance(Duration::seconds(3600 - into));
    let ana = world.person().await;
    for _ in 0..20 {
        world.start_top_up(ana.wallet_id, "5").await;
    }
    let start = StartTopUp {
        top_up_id: world.ledger.new_top_up_id(),
        amount: money("5"),
        save_card: None,
        wants_invoice: false,
    };
    let stopped = world.ledger.start_top_up(ana.wallet_id, start).await;
    assert!(
        matches!(stopped, Err(Error::Declined(Declined::TooMany { .. }))),
        "{stopped:?}"
    );
    assert_eq!(
        world.count("select count(*) from top_up").await,
        20,
        "what was refused is not there"
    );
    world.clock.advance(Duration::hours(1));
    world
        .ledger
        .start_top_up(ana.wallet_id, start)
        .await
        .unwrap();
}

#[sqlx::test(migrations = "../migrations")]
async fn case_12_a_ladder_that_changes_before_the_payment_leaves_the_bonus_that_was_shown(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    let ana = world.person().await;
    let (top_up_id, session_id) = world.start_top_up(ana.wallet_id, "25").await;
    let mut rules = ledger::Rules::default();
    rules.top_up.ladder.clear();
    let changed = world.server_with(rules, PATIENCE).await;
    world.pay(&session_id, VISA).await;
    world.clock.advance(Duration::seconds(31));
    changed.reconcile_top_ups().await.unwrap();
    world
        .until(ana.wallet_id, top_up_id, TopUpState::Settled)
        .await;
    world.assert_credited_once(ana.wallet_id).await;
}
