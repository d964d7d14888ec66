//! Calls from the first second to the last: what is held, charged and given back.

use domain::Declined;
use domain::call::{CallRefusal, CallState, FreezeReason};
use ledger::Error;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::calls::{BLOCKED, FREE, LANDLINE, MOBILE, PREMIUM, ask, call};
use crate::support::{Books, money};

pub(crate) async fn open(pool: PgPoolOptions, database: PgConnectOptions) -> Books {
    let books = Books::open(pool, database).await;
    books.add_rates().await;
    books
}

#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> CallRefusal {
    match outcome {
        Err(Error::Declined(Declined::Call(refusal))) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_call_is_held_charged_to_the_second_and_the_rest_comes_back(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("25", "0.50").await;
    let started = books
        .ledger
        .authorize_call(ask(wallet_id, "a", LANDLINE))
        .await
        .unwrap();
    assert_eq!((started.held, started.granted_seconds), (money("0.5"), 300));
    assert!(!started.is_final);
    let wallet = books.ledger.wallet(wallet_id).await.unwrap();
    assert_eq!(
        (wallet.held, wallet.available()),
        (money("0.5"), money("25"))
    );

    books
        .ledger
        .answer_call(call(wallet_id, "a"))
        .await
        .unwrap();
    let beat = books
        .ledger
        .update_call(call(wallet_id, "a"), 1, 15)
        .await
        .unwrap();
    assert_eq!((beat.granted_seconds, beat.held), (300, money("0.5")));
    let ended = books
        .ledger
        .end_call(call(wallet_id, "a"), 61, "normal")
        .await
        .unwrap();
    // 61 seconds at ten cents a minute: 0.10166… is rounded up.
    assert_eq!(ended.charge, money("0.1017"));
    assert_eq!(ended.released, money("0.3983"));
    assert_eq!(ended.available, money("25.3983"));
    let wallet = books.ledger.wallet(wallet_id).await.unwrap();
    assert_eq!(
        wallet.promotional,
        money("0.3983"),
        "given credit pays first"
    );
    assert_eq!((wallet.paid, wallet.held), (money("25"), money("0")));
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_charge_takes_what_there_is_of_given_credit_and_the_rest_of_paid(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    // A minute for ten cents: more given than that, just as much, less, none; a minute of a special number.
    for (callee, given, left, paid) in [
        (LANDLINE, "0.2", "0.1", "25"),
        (LANDLINE, "0.1", "0", "25"),
        (LANDLINE, "0.04", "0", "24.94"),
        (LANDLINE, "0", "0", "24.9"),
        (PREMIUM, "0.2", "0.2", "24"),
    ] {
        let wallet_id = books.funded("25", given).await;
        for (call_id, talked) in [("silent", 0), ("talked", 60)] {
            let ask = ask(wallet_id, call_id, callee);
            books.ledger.authorize_call(ask).await.unwrap();
            let call = call(wallet_id, call_id);
            books.ledger.end_call(call, talked, "normal").await.unwrap();
        }
        let wallet = books.ledger.wallet(wallet_id).await.unwrap();
        assert_eq!(
            (wallet.promotional, wallet.paid, wallet.held),
            (money(left), money(paid), money("0")),
            "{given} given"
        );
    }
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn every_act_done_twice_is_done_once(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("25", "0.05").await;
    let first = books
        .ledger
        .authorize_call(ask(wallet_id, "a", LANDLINE))
        .await
        .unwrap();
    assert_eq!(
        books
            .ledger
            .authorize_call(ask(wallet_id, "a", LANDLINE))
            .await
            .unwrap(),
        first
    );
    let other = books
        .ledger
        .authorize_call(ask(wallet_id, "a", MOBILE))
        .await;
    assert_eq!(refused(other), CallRefusal::Conflict);

    let answered = books
        .ledger
        .answer_call(call(wallet_id, "a"))
        .await
        .unwrap();
    assert_eq!(
        books
            .ledger
            .answer_call(call(wallet_id, "a"))
            .await
            .unwrap(),
        answered
    );

    let beat = books
        .ledger
        .update_call(call(wallet_id, "a"), 3, 280)
        .await
        .unwrap();
    assert_eq!((beat.granted_seconds, beat.held), (600, money("1")));
    let again = books
        .ledger
        .update_call(call(wallet_id, "a"), 3, 280)
        .await
        .unwrap();
    assert_eq!(again, beat);
    let changed = books.ledger.update_call(call(wallet_id, "a"), 3, 290).await;
    assert_eq!(refused(changed), CallRefusal::Conflict);
    let old = books
        .ledger
        .update_call(call(wallet_id, "a"), 1, 15)
        .await
        .unwrap();
    assert_eq!(
        (old.seq, old.granted_seconds),
        (1, 600),
        "a gap is accepted"
    );

    let ended = books
        .ledger
        .end_call(call(wallet_id, "a"), 590, "normal")
        .await
        .unwrap();
    assert_eq!(
        books
            .ledger
            .end_call(call(wallet_id, "a"), 590, "normal")
            .await
            .unwrap(),
        ended
    );
    let conflict = books
        .ledger
        .end_call(call(wallet_id, "a"), 12, "normal")
        .await;
    assert_eq!(refused(conflict), CallRefusal::Conflict);
    // The first answer still stands, also for the start.
    assert_eq!(
        books
            .ledger
            .authorize_call(ask(wallet_id, "a", LANDLINE))
            .await
            .unwrap(),
        first
    );
    let late = books.ledger.update_call(call(wallet_id, "a"), 9, 595).await;
    assert_eq!(refused(late), CallRefusal::CallEnded);
    let row = books.ledger.call(&call(wallet_id, "a")).await.unwrap();
    assert_eq!(
        (row.state, row.charge),
        (CallState::Ended, Some(ended.charge))
    );
    let kinds: Vec<String> =
        sqlx::query_scalar("select kind from transfer where subject = 'call' order by seq")
            .fetch_all(&books.owner)
            .await
            .unwrap();
    assert_eq!(kinds, ["hold", "extend", "capture", "release"]);
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn refusals_carry_their_numbers_and_write_nothing(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let short = books.funded("0.025", "0").await;
    let refusal = refused(books.ledger.authorize_call(ask(short, "a", MOBILE)).await);
    let expected = CallRefusal::BelowMinimum {
        required: money("0.1"),
        available: money("0.025"),
        shortfall: money("0.075"),
        refill_possible: false,
    };
    assert_eq!(refusal, expected);
    let quote = books.ledger.quote_call(short, MOBILE).await.unwrap().1;
    assert_eq!(quote.refusal, Some(expected), "the quote says the same");
    let rich = books.funded("100", "50").await;
    let refusal = refused(
        books
            .ledger
            .authorize_call(ask(rich, "b", "4930123456"))
            .await,
    );
    assert_eq!(refusal, CallRefusal::NoRate);
    let refusal = refused(books.ledger.authorize_call(ask(rich, "c", BLOCKED)).await);
    assert_eq!(refusal, CallRefusal::BlockedDestination);
    let given = books.funded("0.5", "0.5").await;
    let refusal = refused(books.ledger.authorize_call(ask(given, "b", PREMIUM)).await);
    assert!(
        matches!(refusal, CallRefusal::BelowMinimum { .. }),
        "given credit pays no premium number"
    );
    sqlx::query("update wallet set debt = 1 where wallet_id = $1")
        .bind(rich)
        .execute(&books.owner)
        .await
        .unwrap();
    let refusal = refused(books.ledger.authorize_call(ask(rich, "d", LANDLINE)).await);
    assert_eq!(
        refusal,
        CallRefusal::WalletFrozen {
            reason: FreezeReason::Debt
        }
    );
    let written: i64 = sqlx::query_scalar(
        "select (select count(*) from call) + (select count(*) from transfer where subject = 'call')",
    )
    .fetch_one(&books.owner)
    .await
    .unwrap();
    assert_eq!(written, 0);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_short_balance_is_held_whole_and_a_free_call_holds_nothing(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("0.2", "0").await;
    let started = books
        .ledger
        .authorize_call(ask(wallet_id, "a", LANDLINE))
        .await
        .unwrap();
    assert_eq!(
        (started.held, started.granted_seconds, started.is_final),
        (money("0.2"), 120, true)
    );
    let free = books
        .ledger
        .authorize_call(ask(wallet_id, "f", FREE))
        .await
        .unwrap();
    assert_eq!((free.held, free.granted_seconds), (money("0"), 14_400));
    let ended = books
        .ledger
        .end_call(call(wallet_id, "f"), 3_000, "normal")
        .await
        .unwrap();
    assert_eq!((ended.charge, ended.billed_seconds), (money("0"), 3_000));
    let ended = books
        .ledger
        .end_call(call(wallet_id, "a"), 0, "busy")
        .await
        .unwrap();
    assert_eq!((ended.charge, ended.released), (money("0"), money("0.2")));
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_price_change_during_a_call_does_not_change_the_call(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("25", "0").await;
    books
        .ledger
        .authorize_call(ask(wallet_id, "old", LANDLINE))
        .await
        .unwrap();
    sqlx::raw_sql(
        "insert into price_list (price_list_id, name) values (2, 'dearer');
         update rate set valid_to = now() where prefix = '52';
         insert into rate (prefix, valid_from, destination, kind, per_minute, price_list_id)
         values ('52', now(), 'Mexico', 'landline', 0.60, 2)",
    )
    .execute(&books.owner)
    .await
    .unwrap();
    // No word to the server: the statement itself notices that the prices are newer.
    books
        .ledger
        .authorize_call(ask(wallet_id, "new", LANDLINE))
        .await
        .unwrap();
    let old = books
        .ledger
        .end_call(call(wallet_id, "old"), 60, "normal")
        .await
        .unwrap();
    let new = books
        .ledger
        .end_call(call(wallet_id, "new"), 60, "normal")
        .await
        .unwrap();
    assert_eq!((old.charge, new.charge), (money("0.1"), money("0.6")));
    books.assert_clean().await;
}
