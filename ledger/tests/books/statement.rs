//! Statements and the line of the balance, from books that were written by the acts themselves.

use domain::statement::Statement;
use domain::{CustomerId, Money};
use language::Language;
use ledger::Wanted;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::call::open;
use crate::support::calls::{LANDLINE, ask, call};
use crate::support::{Books, money};

/// A wallet of $108 and this many calls of a minute each.
async fn wallet_with_calls(books: &Books, calls: i64) -> domain::WalletId {
    let wallet_id = books.funded("100", "8").await;
    for number in 0..calls {
        let call_id = number.to_string();
        let ledger = &books.ledger;
        ledger
            .authorize_call(ask(wallet_id, &call_id, LANDLINE))
            .await
            .unwrap();
        ledger
            .end_call(call(wallet_id, &call_id), 60, "normal")
            .await
            .unwrap();
    }
    wallet_id
}

#[sqlx::test(migrations = "../migrations")]
async fn neighboring_statements_meet_and_together_say_everything(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = wallet_with_calls(&books, 12).await;
    let entries = books.ledger.entries(wallet_id, None).await.unwrap();
    let (first, last) = (entries.last().unwrap().at, entries[0].at);
    // An entry written in the very moment where two statements meet belongs to the later one.
    let middle = entries[17].at;
    let state = async |from, until| -> Statement {
        books
            .ledger
            .statement(wallet_id, from, until, Language::English)
            .await
            .unwrap()
    };
    let early = state(first - Duration::days(1), middle).await;
    let late = state(middle, last + Duration::days(1)).await;
    assert_eq!(early.opening().available(), Money::ZERO);
    assert_eq!(early.closing(), late.opening());
    assert_eq!(early.lines().len() + late.lines().len(), entries.len());
    assert_eq!(late.lines()[0].entry.at, middle);
    let wallet = books.ledger.wallet(wallet_id).await.unwrap();
    assert_eq!(*late.closing(), wallet);
    assert_eq!(early.change() + late.change(), wallet.available());
    let about: Vec<&str> = late
        .lines()
        .iter()
        .map(|line| line.about.as_str())
        .collect();
    assert!(about.iter().all(|about| *about == "Mexico"), "{about:?}");

    let nothing = state(last + Duration::days(1), last + Duration::days(2)).await;
    assert_eq!((nothing.opening(), nothing.lines().len()), (&wallet, 0));
    assert_eq!(nothing.closing(), &wallet);
    assert_eq!(
        books.ledger.first_entry_at(wallet_id).await.unwrap(),
        Some(first)
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn books_that_contradict_themselves_are_not_stated(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = wallet_with_calls(&books, 1).await;
    books
        .corrupt("update transfer set amount = amount + 1 where kind = 'capture'")
        .await;
    let now = OffsetDateTime::now_utc();
    let refused = books
        .ledger
        .statement(
            wallet_id,
            now - Duration::days(1),
            now + Duration::days(1),
            Language::English,
        )
        .await;
    assert!(
        matches!(refused, Err(ledger::Error::Unavailable { .. })),
        "{refused:?}"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_line_of_balances_is_what_single_looks_say(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = wallet_with_calls(&books, 5).await;
    // As if each entry had been a day after the one before, the last one yesterday.
    books
        .corrupt("update transfer set created_at = now() - (18 - seq) * interval '1 day'")
        .await;
    books
        .corrupt("update top_up set started_at = now() - interval '17 days', settled_at = now() - interval '17 days'")
        .await;
    let now = OffsetDateTime::now_utc();
    let moments: Vec<_> = (-20..=0).map(|day| now + Duration::days(day)).collect();
    let look = async || {
        let ledger = &books.ledger;
        ledger.available_before(wallet_id, &moments).await.unwrap()
    };
    let line = look().await;
    for (moment, available) in moments.iter().zip(&line) {
        let just_before = *moment - Duration::microseconds(1);
        let single = books.ledger.balance_at(wallet_id, just_before).await;
        let single = single.unwrap().map(|entry| entry.available_after);
        assert_eq!(single.unwrap_or_default(), *available, "{moment}");
    }
    assert_eq!(line.first(), Some(&Money::ZERO));
    assert_eq!(line.last(), Some(&money("107.50")));
    // A line that reaches up to now is not remembered: what is under way may still change it.
    books
        .corrupt("update transfer set available_after = 7 where seq = 17")
        .await;
    assert_eq!(look().await.last(), Some(&money("7")));

    let bought_since = async |bought_since| {
        let wanted = Wanted {
            bought_since,
            history: None,
            known: None,
        };
        let customer_id = CustomerId(Uuid::now_v7());
        let overview = books.ledger.overview(customer_id, wallet_id, &wanted).await;
        overview.unwrap().bought
    };
    let bought = bought_since(moments[0]).await;
    assert_eq!(bought.len(), 1);
    assert_eq!(bought[0].amount, money("100"));
    assert!(bought_since(moments[10]).await.is_empty());
}
