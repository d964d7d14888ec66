//! More time for a running call: written by one statement where nothing stands against it, and by the
//! rules wherever something does.

use domain::{Money, WalletId};
use ledger::{CallLimits, Updated};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::call::open;
use crate::support::calls::{LANDLINE, MOBILE, PREMIUM, ask, call};
use crate::support::{Books, money};

/// What a heartbeat near the end of the first grant was told, and who wrote it.
#[derive(Debug, PartialEq)]
struct Told {
    seconds: u32,
    held: Money,
    is_final: bool,
    by_one_statement: bool,
}

fn told(seconds: u32, held: &str, is_final: bool, by_one_statement: bool) -> Told {
    Told {
        seconds,
        held: money(held),
        is_final,
        by_one_statement,
    }
}

impl Books {
    /// A call "a" that was answered and has the five minutes everybody gets at first.
    async fn talking(&self, paid: &str, callee: &str) -> WalletId {
        let wallet_id = self.funded(paid, "0").await;
        let started = self.ledger.authorize_call(ask(wallet_id, "a", callee));
        started.await.unwrap();
        let answered = self.ledger.answer_call(call(wallet_id, "a"));
        answered.await.unwrap();
        wallet_id
    }

    async fn beat(&self, wallet_id: WalletId, seq: i64, talked: u32) -> Updated {
        let beat = self
            .ledger
            .update_call(call(wallet_id, "a"), seq, talked)
            .await;
        beat.unwrap()
    }

    /// The first heartbeat, when less than a minute is left.
    async fn told(&self, wallet_id: WalletId) -> Told {
        let beat = self.beat(wallet_id, 1, 290).await;
        Told {
            seconds: beat.granted_seconds,
            held: beat.held,
            is_final: beat.is_final,
            by_one_statement: self.by_one_statement(wallet_id).await,
        }
    }

    /// Whether the call and its wallet were last changed by the same statement of one transaction.
    async fn by_one_statement(&self, wallet_id: WalletId) -> bool {
        sqlx::query_scalar(
            "select call.xmin = wallet.xmin and call.cmin::text = wallet.cmin::text
             from call join wallet using (wallet_id) where wallet_id = $1 and call_id = 'a'",
        )
        .bind(wallet_id)
        .fetch_one(&self.owner)
        .await
        .unwrap()
    }

    async fn limit(&self, per_day: &str) {
        let limits = CallLimits {
            per_day: Some(money(per_day)),
            ..CallLimits::default()
        };
        let set = self
            .ledger
            .set_call_limits(limits, "a test", "olga@example.com");
        set.await.unwrap();
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn the_only_call_of_a_wallet_with_enough_is_extended_by_one_statement(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let wallet_id = books.talking("25", LANDLINE).await;
    assert_eq!(books.told(wallet_id).await, told(600, "1", false, true));
    // Repeated it changes nothing, and old ones learn how things stand.
    assert_eq!(books.beat(wallet_id, 1, 290).await.held, money("1"));
    assert_eq!(books.beat(wallet_id, 0, 15).await.granted_seconds, 600);
    // The next goes on where this one stopped; two that say the same at once are one.
    let (one, other) = tokio::join!(books.beat(wallet_id, 7, 590), books.beat(wallet_id, 7, 590));
    assert_eq!(one, other);
    assert_eq!((one.granted_seconds, one.held), (900, money("1.5")));
    assert!(books.by_one_statement(wallet_id).await);
    let steps: Vec<(String, i32)> =
        sqlx::query_as("select kind, step from transfer where subject = 'call' order by seq")
            .fetch_all(&books.owner)
            .await
            .unwrap();
    let expected = [("hold", 0), ("extend", 1), ("extend", 2)];
    assert_eq!(steps, expected.map(|(kind, step)| (kind.to_owned(), step)));
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn the_last_credit_is_given_by_the_rules(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = open(pool, database).await;
    // One second more than the next five minutes costs 1.0017.
    for (paid, callee, expected) in [
        ("1.0017", LANDLINE, told(600, "1", false, true)),
        ("1.0016", LANDLINE, told(600, "1", true, false)),
        ("0.75", LANDLINE, told(450, "0.75", true, false)),
        ("0.5", LANDLINE, told(300, "0.5", true, false)),
        ("1.1", MOBILE, told(600, "1", false, true)),
        ("1.0999", MOBILE, told(600, "1", true, false)),
        // Only paid credit counts there.
        ("25", PREMIUM, told(600, "10", false, false)),
    ] {
        let wallet_id = books.talking(paid, callee).await;
        assert_eq!(books.told(wallet_id).await, expected, "{paid} {callee}");
    }
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_second_call_shares_with_the_first(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = open(pool, database).await;
    let wallet_id = books.talking("1.4", LANDLINE).await;
    let second = books.ledger.authorize_call(ask(wallet_id, "b", LANDLINE));
    assert_eq!(second.await.unwrap().held, money("0.5"));
    // Of the forty cents that are left, half is for the other.
    assert_eq!(books.told(wallet_id).await, told(420, "0.7", true, false));
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_frozen_wallet_holds_no_more(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = open(pool, database).await;
    let wallet_id = books.talking("25", LANDLINE).await;
    let frozen = books.ledger.freeze(wallet_id, "a stolen card");
    frozen.await.unwrap();
    assert_eq!(books.told(wallet_id).await, told(300, "0.5", true, false));
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn a_wallet_in_debt_holds_no_more(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = open(pool, database).await;
    let wallet_id = books.talking("25", LANDLINE).await;
    books.corrupt("update wallet set debt = 1").await;
    assert_eq!(books.told(wallet_id).await, told(300, "0.5", true, false));
}

#[sqlx::test(migrations = "../migrations")]
async fn more_time_that_crosses_the_threshold_of_a_refill_leaves_its_note(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    for (threshold, by_one_statement) in [("24", true), ("24.0001", false)] {
        let wallet_id = books.talking("25", LANDLINE).await;
        books.listen_below(wallet_id, threshold).await;
        let expected = told(600, "1", false, by_one_statement);
        assert_eq!(books.told(wallet_id).await, expected, "{threshold}");
        let is_noted = books.takes_note(wallet_id).await;
        assert_eq!(is_noted, !by_one_statement, "{threshold}");
    }
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn calls_take_no_more_in_a_day_than_the_limit(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    for (per_day, expected) in [
        ("1.0017", told(600, "1", false, true)),
        ("1.0016", told(600, "1", true, false)),
        ("0.75", told(450, "0.75", true, false)),
    ] {
        books.limit(per_day).await;
        let wallet_id = books.talking("25", LANDLINE).await;
        assert_eq!(books.told(wallet_id).await, expected, "{per_day}");
    }
    books.limit("20").await;
    let wallet_id = books.talking("25", LANDLINE).await;
    // The server that extends has not heard of it yet.
    books.limit("0.75").await;
    assert_eq!(books.told(wallet_id).await, told(450, "0.75", true, false));
    books.assert_clean().await;
}
