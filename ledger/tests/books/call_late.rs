//! Calls that do not end as they should: silent switches, late reports, too many seconds.

use domain::call::{CallRefusal, CallState};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use super::call::{open, refused};
use crate::support::calls::{LANDLINE, ask, call};
use crate::support::money;

#[sqlx::test(migrations = "../migrations")]
async fn a_silent_switch_is_given_up_and_the_rest_comes_back(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("25", "0").await;
    books
        .ledger
        .authorize_call(ask(wallet_id, "a", LANDLINE))
        .await
        .unwrap();
    books
        .ledger
        .answer_call(call(wallet_id, "a"))
        .await
        .unwrap();
    books
        .ledger
        .update_call(call(wallet_id, "a"), 1, 120)
        .await
        .unwrap();
    books.clock.advance(Duration::seconds(300 + 110));
    assert_eq!(
        books.ledger.expire_calls().await.unwrap(),
        0,
        "the grace is not over"
    );
    books.clock.advance(Duration::seconds(15));
    assert_eq!(books.ledger.expire_calls().await.unwrap(), 1);
    assert_eq!(books.ledger.expire_calls().await.unwrap(), 0);
    let row = books.ledger.call(&call(wallet_id, "a")).await.unwrap();
    assert_eq!(
        (row.state, row.estimated, row.charge),
        (CallState::Expired, true, Some(money("0.2")))
    );
    let wallet = books.ledger.wallet(wallet_id).await.unwrap();
    assert_eq!(
        (wallet.held, wallet.available()),
        (money("0"), money("24.8"))
    );
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_late_report_corrects_the_estimate_once(pool: PgPoolOptions, database: PgConnectOptions) {
    // Talked seconds reported late, and what the call costs then: confirmed were 120, held was 0.50.
    let books = open(pool, database).await;
    for (talked, charge, shrinkage) in [
        (60, "0.1", "0"),
        (180, "0.3", "0"),
        (900, "0.5", "1"),
        (120, "0.2", "0"),
        (0, "0", "0"),
    ] {
        let wallet_id = books.funded("25", "0.15").await;
        let call_id = format!("late-{talked}");
        books
            .ledger
            .authorize_call(ask(wallet_id, &call_id, LANDLINE))
            .await
            .unwrap();
        books
            .ledger
            .answer_call(call(wallet_id, &call_id))
            .await
            .unwrap();
        books
            .ledger
            .update_call(call(wallet_id, &call_id), 1, 120)
            .await
            .unwrap();
        books.clock.advance(Duration::seconds(430));
        assert_eq!(books.ledger.expire_calls().await.unwrap(), 1);
        let ended = books
            .ledger
            .end_call(call(wallet_id, &call_id), talked, "late")
            .await
            .unwrap();
        assert_eq!(ended.charge, money(charge), "{talked} s");
        let again = books
            .ledger
            .end_call(call(wallet_id, &call_id), talked, "late")
            .await
            .unwrap();
        assert_eq!(again, ended);
        let other = books
            .ledger
            .end_call(call(wallet_id, &call_id), talked + 1, "late")
            .await;
        assert_eq!(refused(other), CallRefusal::Conflict);
        let row = books.ledger.call(&call(wallet_id, &call_id)).await.unwrap();
        assert_eq!(row.shrinkage, money(shrinkage));
        let wallet = books.ledger.wallet(wallet_id).await.unwrap();
        assert_eq!(wallet.available(), money("25.15") - money(charge));
        books.assert_clean().await;
        books.ledger.lots(wallet_id).await.unwrap();
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn after_a_day_nothing_more_is_taken_or_given(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("25", "0").await;
    books
        .ledger
        .authorize_call(ask(wallet_id, "a", LANDLINE))
        .await
        .unwrap();
    books
        .ledger
        .answer_call(call(wallet_id, "a"))
        .await
        .unwrap();
    books
        .ledger
        .update_call(call(wallet_id, "a"), 1, 120)
        .await
        .unwrap();
    books.clock.advance(Duration::seconds(430));
    assert_eq!(books.ledger.expire_calls().await.unwrap(), 1);
    books.clock.advance(Duration::hours(25));
    let ended = books
        .ledger
        .end_call(call(wallet_id, "a"), 250, "late")
        .await
        .unwrap();
    assert_eq!((ended.charge, ended.is_too_late), (money("0.2"), true));
    let same = books.ledger.end_call(call(wallet_id, "a"), 120, "late");
    let same = same.await.unwrap();
    assert_eq!((same.charge, same.is_too_late), (money("0.2"), false));
    assert_eq!(
        books.ledger.wallet(wallet_id).await.unwrap().available(),
        money("24.8")
    );
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn talking_past_the_hold_takes_what_is_there_and_never_more(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("0.6", "0").await;
    books
        .ledger
        .authorize_call(ask(wallet_id, "a", LANDLINE))
        .await
        .unwrap();
    // Held were 0.50; 720 seconds cost 1.20; 0.10 is beside the hold.
    let ended = books
        .ledger
        .end_call(call(wallet_id, "a"), 720, "normal")
        .await
        .unwrap();
    assert_eq!(
        (ended.charge, ended.released, ended.available),
        (money("0.6"), money("0"), money("0"))
    );
    let row = books.ledger.call(&call(wallet_id, "a")).await.unwrap();
    assert_eq!(row.shrinkage, money("0.6"));
    assert_eq!(
        books
            .ledger
            .end_call(call(wallet_id, "a"), 720, "normal")
            .await
            .unwrap(),
        ended
    );
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn two_calls_share_a_nearly_empty_wallet(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("1.2", "0").await;
    for name in ["a", "b"] {
        books
            .ledger
            .authorize_call(ask(wallet_id, name, LANDLINE))
            .await
            .unwrap();
        books
            .ledger
            .answer_call(call(wallet_id, name))
            .await
            .unwrap();
    }
    // 0.20 are left: each call may have half of what is there when it asks.
    let first = books
        .ledger
        .update_call(call(wallet_id, "a"), 1, 280)
        .await
        .unwrap();
    assert_eq!((first.held, first.granted_seconds), (money("0.6"), 360));
    let second = books
        .ledger
        .update_call(call(wallet_id, "b"), 1, 280)
        .await
        .unwrap();
    assert_eq!((second.held, second.granted_seconds), (money("0.55"), 330));
    books.assert_clean().await;
    books
        .ledger
        .end_call(call(wallet_id, "a"), 360, "normal")
        .await
        .unwrap();
    books
        .ledger
        .end_call(call(wallet_id, "b"), 330, "normal")
        .await
        .unwrap();
    assert_eq!(
        books.ledger.wallet(wallet_id).await.unwrap().available(),
        money("0.05")
    );
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn ending_and_giving_up_at_once_has_one_winner(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("100", "1").await;
    let (mut ended, mut given_up) = (0, 0);
    for round in 0..40 {
        let call_id = format!("race-{round}");
        books
            .ledger
            .authorize_call(ask(wallet_id, &call_id, LANDLINE))
            .await
            .unwrap();
        books.clock.advance(Duration::seconds(430));
        let (sweep, end) = {
            let (one, two) = (books.ledger.clone(), books.ledger.clone());
            let reference = call(wallet_id, &call_id);
            tokio::join!(
                tokio::spawn(async move { one.expire_calls().await.unwrap() }),
                tokio::spawn(async move { two.end_call(reference, 30, "normal").await.unwrap() })
            )
        };
        given_up += sweep.unwrap();
        ended += usize::from(end.unwrap().charge == money("0.05"));
    }
    assert_eq!(
        ended, 40,
        "given up or not, the reported seconds are charged"
    );
    println!("given up first: {given_up} of 40");
    books.assert_clean().await;
}
