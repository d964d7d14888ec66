//! The state of the house: checks are kept, run once by however many servers, and say what they found.

use std::sync::Arc;

use domain::Money;
use ledger::{SealingKey, late};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;

use crate::call::open;
use crate::support::Books;
use crate::support::calls::{LANDLINE, ask, call};

#[sqlx::test(migrations = "../migrations")]
async fn a_check_that_was_asked_for_is_kept_with_what_it_found(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let ledger = &books.ledger;
    books.funded("10", "0").await;
    let now = ledger.clock().now();
    assert_eq!(late(&[], &ledger.check_runs().await.unwrap(), now).len(), 4);
    assert!(
        ledger
            .verify_noted(None, "console")
            .await
            .unwrap()
            .is_clean()
    );
    assert!(
        ledger
            .verify_guards_noted("console")
            .await
            .unwrap()
            .is_clean()
    );
    books.corrupt("update wallet set paid = paid + 1").await;
    books.clock.advance(Duration::seconds(1));
    let found = ledger.verify_noted(None, "console").await.unwrap();
    assert!(!found.is_clean());
    // Stripe is nowhere: a comparison that came to no end says so.
    let compared = ledger.reconcile_noted(now - Duration::DAY, now, "console");
    assert!(compared.await.is_err());
    let runs = ledger.check_runs().await.unwrap();
    let said: Vec<_> = runs
        .iter()
        .map(|run| {
            (
                run.kind.as_str(),
                run.found.unwrap_or(-1) > 0,
                run.trouble.is_some(),
            )
        })
        .collect();
    let expected = [
        ("reconcile", false, true),
        ("verify", true, false),
        ("guards", false, false),
        ("verify", false, false),
    ];
    assert_eq!(said, expected);
    let findings = runs[1].findings.as_ref().unwrap().to_string();
    assert!(findings.contains("V3"), "{findings}");
    let alarms = late(&[], &runs, ledger.clock().now());
    let names: Vec<_> = alarms.iter().map(|alarm| alarm.name.as_str()).collect();
    let expected = [
        "The check verify found something",
        "The check verify changes has not run yet",
        "The check reconcile came to no end",
    ];
    assert_eq!(names, expected);
    books.clock.advance(Duration::days(91));
    ledger.tidy().await.unwrap();
    assert_eq!(ledger.check_runs().await.unwrap(), []);
}

#[sqlx::test(migrations = "../migrations")]
async fn what_is_due_is_checked_by_one_server(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = Books::open(pool, database).await;
    books.funded("10", "0").await;
    let (one, two) = tokio::join!(books.ledger.run_due_checks(), books.ledger.run_due_checks());
    assert_eq!(one.unwrap() + two.unwrap(), 4);
    assert_eq!(books.ledger.run_due_checks().await.unwrap(), 0);
    books.clock.advance(Duration::minutes(10));
    assert_eq!(books.ledger.run_due_checks().await.unwrap(), 1);
    let runs = books.ledger.check_runs().await.unwrap();
    assert_eq!(runs.len(), 5);
    for run in runs.iter().filter(|run| run.kind != "reconcile") {
        assert_eq!((run.found, &run.trouble), (Some(0), &None), "{}", run.kind);
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn what_nobody_mends_is_an_alarm(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = Books::open(pool, database).await;
    assert_eq!(books.ledger.alarms().await.unwrap(), []);
    let wallet_id = books.funded("10", "0").await;
    sqlx::query(
        "insert into stripe_event (event_id, event_type, object_id, body, state)
         values ('evt_1', 'charge.updated', 'ch_1', '', 'dead')",
    )
    .execute(&books.owner)
    .await
    .unwrap();
    sqlx::query(
        "insert into refill_attempt (wallet_id, top_up_id, state, amount, payment_method_id, idempotency_key,
             fell_at, decided_at, first_sent_at, last_sent_at, next_at)
         select wallet_id, top_up_id, 'unknown', 10, 'pm_1', 'k', now(), now(), now() - interval '2 hours', now(), now()
         from top_up where wallet_id = $1",
    )
    .bind(wallet_id)
    .execute(&books.owner)
    .await
    .unwrap();
    let alarms = books.ledger.alarms().await.unwrap();
    let names: Vec<_> = alarms
        .iter()
        .map(|alarm| (alarm.name.as_str(), alarm.count))
        .collect();
    let expected = [
        ("Refills of unknown outcome for an hour", 1),
        ("Events from Stripe given up", 1),
    ];
    assert_eq!(names, expected);
    assert_eq!(books.ledger.refill_days(30).await.unwrap(), []);
    sqlx::query("update refill_attempt set state = 'declined', ended_at = now()")
        .execute(&books.owner)
        .await
        .unwrap();
    let days = books.ledger.refill_days(30).await.unwrap();
    assert_eq!((days.len(), days[0].declined), (1, 1));
}

/// The accounts as they stand, beside all transfers added up.
async fn assert_summed(books: &Books, when: &str) {
    let summed: Vec<(String, Money)> = sqlx::query_as(
        "select account, sum(amount) from (select to_account as account, amount from transfer
             union all select from_account, -amount from transfer) as side group by account order by account",
    )
    .fetch_all(&books.owner)
    .await
    .unwrap();
    assert!(summed.len() > 3, "{when}");
    let accounts = books.ledger.house_accounts().await.unwrap();
    let told: Vec<(String, Money)> = accounts
        .iter()
        .map(|one| (one.account.word().to_owned(), one.balance))
        .collect();
    assert_eq!(told, summed, "{when}");
}

#[sqlx::test(migrations = "../migrations")]
async fn the_accounts_are_what_all_transfers_add_up_to_whenever_they_are_sealed(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let (ledger, key) = (
        &books.ledger,
        Arc::new(SealingKey::from_seed(&[7; 32]).unwrap()),
    );
    let (ana, ben) = (
        books.funded("25", "0.50").await,
        books.funded("10", "0").await,
    );
    let called = async |wallet_id, id| {
        ledger
            .authorize_call(ask(wallet_id, id, LANDLINE))
            .await
            .unwrap();
        ledger
            .end_call(call(wallet_id, id), 60, "normal")
            .await
            .unwrap();
    };
    called(ana, "a").await;
    assert_summed(&books, "before the first seal").await;
    ledger.seal(key.clone()).await.unwrap();
    assert_summed(&books, "at the first seal").await;
    called(ana, "b").await;
    assert_summed(&books, "after it").await;
    // A server whose clock is ahead seals as well.
    books.clock.advance(Duration::hours(5));
    called(ben, "c").await;
    ledger.seal(key.clone()).await.unwrap();
    called(ben, "d").await;
    assert_summed(&books, "after the second").await;
    // Books that were sealed before sums were kept.
    books.corrupt("delete from house_sum").await;
    assert_summed(&books, "without sums").await;
    ledger.seal(key.clone()).await.unwrap();
    called(ana, "e").await;
    assert_summed(&books, "after the first sums").await;
    books.assert_clean().await;
    books
        .corrupt("update house_sum set balance = balance + 1 where account = 'call_revenue'")
        .await;
    let report = ledger.verify(None).await.unwrap();
    assert_eq!(report.violated(), ["V22"]);
}
