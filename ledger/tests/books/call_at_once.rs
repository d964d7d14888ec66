//! Calls and acts that arrive at the same moment: never more than the money and the rules allow.

use domain::Declined;
use domain::call::CallRefusal;
use ledger::Error;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::call::{open, refused};
use crate::support::calls::{LANDLINE, MOBILE, ask, call};
use crate::support::money;

#[sqlx::test(migrations = "../migrations")]
async fn thirty_calls_at_once_on_money_for_one_start_exactly_one(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    // One minute on the 60/60 route, and not a cent more.
    let wallet_id = books.funded("0.1", "0").await;
    let tries: Vec<_> = (0..30)
        .map(|number| {
            let ledger = books.ledger.clone();
            tokio::spawn(async move {
                ledger
                    .authorize_call(ask(wallet_id, &format!("c{number}"), MOBILE))
                    .await
            })
        })
        .collect();
    let (mut started, mut declined) = (0, 0);
    for task in tries {
        match task.await.unwrap() {
            Ok(_) => started += 1,
            Err(Error::Declined(Declined::Call(
                CallRefusal::BelowMinimum { .. } | CallRefusal::TooManyCalls { .. },
            ))) => declined += 1,
            other => panic!("unexpected {other:?}"),
        }
    }
    assert_eq!((started, declined), (1, 29));
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn at_most_two_calls_run_at_once_however_they_arrive(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("100", "0").await;
    let tries: Vec<_> = (0..20)
        .map(|number| {
            let ledger = books.ledger.clone();
            tokio::spawn(async move {
                ledger
                    .authorize_call(ask(wallet_id, &format!("c{number}"), LANDLINE))
                    .await
            })
        })
        .collect();
    let mut started = 0;
    for task in tries {
        match task.await.unwrap() {
            Ok(_) => started += 1,
            outcome => assert_eq!(refused(outcome), CallRefusal::TooManyCalls { limit: 2 }),
        }
    }
    assert_eq!(started, 2);
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn the_same_act_at_once_from_sixteen_callers_happens_once(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("25", "0.30").await;
    let starts: Vec<_> = (0..16)
        .map(|_| {
            let ledger = books.ledger.clone();
            tokio::spawn(async move {
                ledger
                    .authorize_call(ask(wallet_id, "a", LANDLINE))
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in starts {
        answers.push(task.await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    let ends: Vec<_> = (0..16)
        .map(|_| {
            let ledger = books.ledger.clone();
            tokio::spawn(async move {
                ledger
                    .end_call(call(wallet_id, "a"), 200, "normal")
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in ends {
        answers.push(task.await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(answers[0].charge, money("0.3333"));
    let written: i64 = sqlx::query_scalar("select count(*) from transfer where subject = 'call'")
        .fetch_one(&books.owner)
        .await
        .unwrap();
    assert_eq!(written, 3, "one hold, one capture, one release");
    books.assert_clean().await;
}
