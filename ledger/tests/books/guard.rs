//! Blocked destinations and limits: the next call meets them, on every server.

use domain::Declined;
use domain::call::CallRefusal;
use domain::price_list::PriceRefusal;
use ledger::{CallLimits, Error, ImportRates};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::call::{open, refused};
use crate::support::calls::{LANDLINE, MOBILE, ask, call};
use crate::support::{Books, money};

const OLGA: &str = "olga@example.com";

#[sqlx::test(migrations = "../migrations")]
async fn a_blocked_destination_is_called_by_nobody_whatever_the_next_price_list_says(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let ledger = &books.ledger;
    let wallet_id = books.funded("10", "0").await;
    let started = ledger.authorize_call(ask(wallet_id, "c-1", MOBILE)).await;
    started.unwrap();
    // Twice: the first reason stays.
    for why in ["fraud rings", "another reason"] {
        ledger
            .block_destination("+52 1551", why, OLGA)
            .await
            .unwrap();
    }
    let blocks = ledger.blocks(None).await.unwrap();
    assert_eq!(blocks.len(), 1);
    assert_eq!(
        (blocks[0].prefix.as_str(), blocks[0].reason.as_str()),
        ("521551", "fraud rings")
    );
    let list = ImportRates {
        name: "the next list".into(),
        text: "prefix,destination,rate\n521,Mexico mobile,0.11\n5215,Mexico mobile,0.12\n".into(),
        author: OLGA.into(),
        effective: None,
        complete: false,
        dry_run: false,
    };
    ledger.import_rates(list).await.unwrap();
    let call_2 = ledger.authorize_call(ask(wallet_id, "c-2", MOBILE)).await;
    assert_eq!(refused(call_2), CallRefusal::BlockedDestination);
    let (_, quote) = ledger.quote_call(wallet_id, MOBILE).await.unwrap();
    assert_eq!(quote.refusal, Some(CallRefusal::BlockedDestination));
    // The public list says it of the very number, and not of those beside it.
    for (number, blocked) in [("+5215512345678", true), ("+5216612345678", false)] {
        let found = ledger.rates_search(number).await.unwrap();
        assert_eq!(found[0].blocked, blocked, "{number}");
    }
    // The one that ran goes on, and a number that begins otherwise is called.
    ledger.answer_call(call(wallet_id, "c-1")).await.unwrap();
    let beat = ledger.update_call(call(wallet_id, "c-1"), 1, 15).await;
    assert!(beat.is_ok());
    let elsewhere = ledger.authorize_call(ask(wallet_id, "c-3", LANDLINE)).await;
    elsewhere.unwrap();
    ledger
        .end_call(call(wallet_id, "c-3"), 0, "normal")
        .await
        .unwrap();

    ledger
        .lift_block("521551", "it was a mistake", OLGA)
        .await
        .unwrap();
    let again = ledger.lift_block("521551", "it was a mistake", OLGA).await;
    assert!(matches!(again, Err(Error::NotFound)));
    let call_4 = ledger.authorize_call(ask(wallet_id, "c-4", MOBILE)).await;
    call_4.unwrap();
    for (prefix, why, refusal) in [
        ("00", "a reason", PriceRefusal::Prefix),
        ("52x", "a reason", PriceRefusal::Prefix),
        ("52", "  ", PriceRefusal::Reason),
    ] {
        let outcome = ledger.block_destination(prefix, why, OLGA).await;
        assert!(
            matches!(&outcome, Err(Error::Declined(Declined::Prices(said))) if *said == refusal),
            "{outcome:?}"
        );
    }
    // No version of the price book is shown for what changes no price.
    let lists = ledger.price_lists(None).await.unwrap();
    assert_eq!(lists.len(), 2);
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_limit_is_met_by_the_next_call_and_an_empty_one_is_as_configured(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database.clone()).await;
    let other = Books::open(PgPoolOptions::new(), database).await;
    let wallet_id = books.funded("10", "0").await;
    // The other server knows the book already.
    let first = other.ledger.authorize_call(ask(wallet_id, "c-1", LANDLINE));
    first.await.unwrap();
    let tight = CallLimits {
        per_day: Some(money("0.05")),
        ..CallLimits::default()
    };
    for _ in 0..2 {
        books
            .ledger
            .set_call_limits(tight, "an attack", OLGA)
            .await
            .unwrap();
    }
    assert_eq!(books.ledger.call_limits().await.unwrap().len(), 1);
    let second = other.ledger.authorize_call(ask(wallet_id, "c-2", LANDLINE));
    let CallRefusal::SpendLimit { limit, .. } = refused(second.await) else {
        panic!("another refusal");
    };
    assert_eq!(limit, money("0.05"));
    let one_call = CallLimits {
        calls_at_once: Some(1),
        ..CallLimits::default()
    };
    let set = books.ledger.set_call_limits(one_call, "fewer calls", OLGA);
    set.await.unwrap();
    let third = other.ledger.authorize_call(ask(wallet_id, "c-3", LANDLINE));
    assert_eq!(refused(third.await), CallRefusal::TooManyCalls { limit: 1 });
    let configured = CallLimits::default();
    let set = books.ledger.set_call_limits(configured, "as before", OLGA);
    set.await.unwrap();
    let fourth = other.ledger.authorize_call(ask(wallet_id, "c-4", LANDLINE));
    fourth.await.unwrap();
    let minus = CallLimits {
        per_day: Some(money("-1")),
        ..CallLimits::default()
    };
    let outcome = books.ledger.set_call_limits(minus, "a reason", OLGA).await;
    assert!(matches!(
        outcome,
        Err(Error::Declined(Declined::Prices(PriceRefusal::Limit)))
    ));
    books.assert_clean().await;
}
