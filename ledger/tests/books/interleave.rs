//! All interleavings of the steps of two acts on one wallet, with barriers between the steps, and
//! whole acts of three callers in every order they can begin.

use domain::{Money, WalletId};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::call::open;
use crate::support::calls::{LANDLINE, ask, call};
use crate::support::{Books, money};

/// Every order of two sequences of steps that keeps each sequence's own order.
fn orders(first: usize, second: usize) -> Vec<Vec<bool>> {
    match (first, second) {
        (0, rest) => vec![vec![true; rest]],
        (rest, 0) => vec![vec![false; rest]],
        _ => {
            let with = |next: bool, rest: Vec<Vec<bool>>| {
                rest.into_iter()
                    .map(move |tail| [vec![next], tail].concat())
            };
            let begins_with_first = with(false, orders(first - 1, second));
            begins_with_first
                .chain(with(true, orders(first, second - 1)))
                .collect()
        }
    }
}

/// A transaction outside the ledger that locks the wallet, writes a correct move, and commits: step by
/// step, while the ledger's own act runs against it.
async fn spend(tx: &mut sqlx::PgConnection, wallet_id: WalletId, step: usize) {
    match step {
        0 => {
            sqlx::query("select from wallet where wallet_id = $1 for update")
                .bind(wallet_id)
                .execute(tx)
                .await
                .unwrap();
        }
        _ => {
            sqlx::query(
                "with debit as (update wallet set paid = paid - 0.4, version = version + 1 where wallet_id = $1
                     returning version, paid + promotional - held as available, held, promotional, debt)
                 insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
                     available_after, held_after, promotional_after, debt_after, subject, subject_id)
                 select $1, version, 'clawback', 'available', 'promotion_expense', 0.4, 0, available, held, promotional,
                     debt, 'top_up', version::text from debit",
            )
            .bind(wallet_id)
            .execute(tx)
            .await
            .unwrap();
        }
    }
}

/// Which act of the ledger meets the other transaction.
#[derive(Clone, Copy, Debug)]
enum Act {
    Authorize,
    End,
}

async fn act(books: &Books, wallet_id: WalletId, act: Act) -> bool {
    match act {
        Act::Authorize => books
            .ledger
            .authorize_call(ask(wallet_id, "b", LANDLINE))
            .await
            .is_ok(),
        Act::End => books
            .ledger
            .end_call(call(wallet_id, "a"), 60, "normal")
            .await
            .is_ok(),
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn an_act_that_meets_another_at_any_step_sees_its_outcome(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let mut tried = 0;
    for kind in [Act::Authorize, Act::End] {
        // The other transaction has three steps: lock, write, commit; the act may begin before each.
        for begins_before in 0..=3usize {
            let wallet_id = books
                .funded(if begins_before == 0 { "1.5" } else { "1.0" }, "0")
                .await;
            books
                .ledger
                .authorize_call(ask(wallet_id, "a", LANDLINE))
                .await
                .unwrap();
            let mut tx = books.owner.begin().await.unwrap();
            let mut running = None;
            let begin = || {
                let ledger = books.ledger.clone();
                let books = Books {
                    ledger,
                    owner: books.owner.clone(),
                    clock: books.clock.clone(),
                    database: books.database.clone(),
                };
                tokio::spawn(async move { act(&books, wallet_id, kind).await })
            };
            for step in 0..2 {
                if begins_before == step {
                    let task = begin();
                    if step > 0 {
                        wait_until_blocked(&books).await;
                        running = Some(task);
                    } else {
                        assert!(task.await.unwrap());
                    }
                }
                spend(&mut tx, wallet_id, step).await;
            }
            if begins_before == 2 {
                running = Some(begin());
                wait_until_blocked(&books).await;
            }
            tx.commit().await.unwrap();
            if begins_before == 3 {
                running = Some(begin());
            }
            if let Some(task) = running {
                assert!(
                    task.await.unwrap(),
                    "{kind:?} begun before step {begins_before}"
                );
            }
            // 1.00 less 0.50 held less 0.40 leaves 0.10, just a minute: what the other left is all it gets.
            let held = books.ledger.wallet(wallet_id).await.unwrap().held;
            let expected = match kind {
                Act::End => Money::ZERO,
                Act::Authorize if begins_before == 0 => money("1"),
                Act::Authorize => money("0.6"),
            };
            assert_eq!(held, expected, "{kind:?} begun before step {begins_before}");
            books.assert_clean().await;
            tried += 1;
        }
    }
    assert_eq!(tried, 8);
}

/// Waits until somebody waits for a lock: the barrier between the steps.
async fn wait_until_blocked(books: &Books) {
    for _ in 0..500 {
        let waiting: i64 = sqlx::query_scalar(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
        .fetch_one(&books.owner)
        .await
        .unwrap();
        if waiting > 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("nobody waits");
}

/// An extension outside the ledger, step by step: locks the call, holds twenty cents more, and commits.
async fn extend(tx: &mut sqlx::PgConnection, wallet_id: WalletId, step: usize) {
    let sql = match step {
        0 => "select from call where wallet_id = $1 and call_id = 'a' for update",
        _ => {
            "with longer as (update call set held = held + 0.2, extensions = 1 where wallet_id = $1 and call_id = 'a'),
             debit as (update wallet set held = held + 0.2, version = version + 1 where wallet_id = $1
                 returning version, paid + promotional - held as available, held, promotional, debt)
             insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
                 available_after, held_after, promotional_after, debt_after, subject, subject_id, step)
             select $1, version, 'extend', 'available', 'held', 0.2, 0, available, held, promotional, debt, 'call',
                 'a', 1 from debit"
        }
    };
    sqlx::query(sql).bind(wallet_id).execute(tx).await.unwrap();
}

#[sqlx::test(migrations = "../migrations")]
async fn an_end_that_meets_an_extension_at_any_step_gives_all_of_it_back(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    for begins_after in 0..2usize {
        let wallet_id = books.funded("5", "0.05").await;
        books
            .ledger
            .authorize_call(ask(wallet_id, "a", LANDLINE))
            .await
            .unwrap();
        let mut tx = books.owner.begin().await.unwrap();
        let mut running = None;
        for step in 0..2 {
            extend(&mut tx, wallet_id, step).await;
            if begins_after == step {
                let ledger = books.ledger.clone();
                let call = call(wallet_id, "a");
                running = Some(tokio::spawn(async move {
                    ledger.end_call(call, 60, "normal").await
                }));
                wait_until_blocked(&books).await;
            }
        }
        tx.commit().await.unwrap();
        let ended = running.expect("it was begun").await.unwrap().unwrap();
        // Fifty cents were held and twenty more, ten are the charge, five of them were given.
        assert_eq!(
            (ended.charge, ended.released, ended.available),
            (money("0.1"), money("0.6"), money("4.95")),
            "begun after step {begins_after}"
        );
        let wallet = books.ledger.wallet(wallet_id).await.unwrap();
        assert_eq!(wallet.held, Money::ZERO);
        assert_eq!(wallet.promotional, Money::ZERO);
    }
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn whatever_the_order_of_steps_of_two_calls_the_money_is_the_same(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let orders = orders(3, 3);
    assert_eq!(orders.len(), 20);
    for order in orders {
        let wallet_id = books.funded("10", "0.10").await;
        let mut next = [0; 2];
        for which in order {
            let name = if which { "b" } else { "a" };
            let step = &mut next[usize::from(which)];
            match *step {
                0 => drop(
                    books
                        .ledger
                        .authorize_call(ask(wallet_id, name, LANDLINE))
                        .await
                        .unwrap(),
                ),
                1 => drop(
                    books
                        .ledger
                        .update_call(call(wallet_id, name), 1, 290)
                        .await
                        .unwrap(),
                ),
                _ => drop(
                    books
                        .ledger
                        .end_call(call(wallet_id, name), 300, "normal")
                        .await
                        .unwrap(),
                ),
            }
            *step += 1;
        }
        let wallet = books.ledger.wallet(wallet_id).await.unwrap();
        assert_eq!(
            (wallet.available(), wallet.held),
            (money("9.1"), Money::ZERO)
        );
    }
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn three_acts_at_once_leave_one_of_the_outcomes_some_order_would(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    for _ in 0..30 {
        let wallet_id = books.funded("0.7", "0").await;
        books
            .ledger
            .authorize_call(ask(wallet_id, "a", LANDLINE))
            .await
            .unwrap();
        let ledger = &books.ledger;
        let (ended, started, extended) = tokio::join!(
            ledger.end_call(call(wallet_id, "a"), 60, "normal"),
            ledger.authorize_call(ask(wallet_id, "b", LANDLINE)),
            ledger.update_call(call(wallet_id, "a"), 1, 290),
        );
        assert_eq!(ended.unwrap().charge, money("0.1"));
        // The second call gets all there is at its moment; the extension comes before the end or not at all.
        let held = started.map_or(Money::ZERO, |grant| grant.held);
        let wallet = books.ledger.wallet(wallet_id).await.unwrap();
        assert_eq!(wallet.held, held);
        assert_eq!(wallet.available() + held, money("0.6"));
        drop(extended);
    }
    books.assert_clean().await;
}
