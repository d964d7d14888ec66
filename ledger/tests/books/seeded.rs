//! Guards removed one by one, in a database of their own: for each, an honest-looking act that the
//! guard stops, and what catches it when the guard is gone. A guard that nobody would miss is no guard.

use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::call::open;
use crate::support::Books;
use crate::support::calls::{LANDLINE, ask, call};

/// A guard, how to take it away, an act that goes wrong without it, and the statement that sees it.
struct Bug {
    name: &'static str,
    removed: &'static str,
    act: &'static str,
    caught_by: &'static str,
}

/// A hold written as one statement, with its guard left out at the mark.
const BUGS: &[Bug] = &[
    Bug {
        name: "the balance is not guarded by the row",
        removed: "alter domain sound_wallet drop constraint wallet_never_overdrawn;
                  alter domain sound_transfer drop constraint transfer_available_never_negative",
        act: "with debit as (update wallet set held = held + 100, version = version + 1
                  returning wallet_id, version, paid + promotional - held as available, held, promotional, debt)
              insert into transfer select wallet_id, version, 'hold', 'available', 'held', 'USD', 100, 0, available, held,
                  promotional, debt, 'call', 'over', 0 from debit",
        caught_by: "V5",
    },
    Bug {
        name: "a transfer may happen twice",
        removed: "alter table transfer drop constraint transfer_happens_once",
        act: "with credit as (update wallet set paid = paid + 25, version = version + 1
                  returning wallet_id, version, paid + promotional - held as available, held, promotional, debt)
              insert into transfer select credit.wallet_id, credit.version, 'top_up', 'stripe_clearing', 'available', 'USD', 25, 0,
                  available, held, promotional, debt, 'top_up', top_up_id::text, 0 from credit join top_up using (wallet_id)",
        caught_by: "V11",
    },
    Bug {
        name: "numbers may be used twice",
        removed: "alter table expired_credit drop constraint expired_credit_was_given; alter table transfer drop constraint transfer_pkey",
        act: "insert into transfer select wallet_id, 1, 'promo', 'promotion_expense', 'available', 'USD', 1, 1, 25, 0, 0, 0,
                  'campaign', 'again', 0 from wallet",
        caught_by: "V2",
    },
    Bug {
        name: "money may take any way",
        removed: "alter domain sound_transfer drop constraint transfer_route_is_known",
        act: "with credit as (update wallet set paid = paid + 1, version = version + 1
                  returning wallet_id, version, paid + promotional - held as available, held, promotional, debt)
              insert into transfer select wallet_id, version, 'top_up', 'breakage', 'available', 'USD', 1, 0,
                  available, held, promotional, debt, 'adjustment', 'x', 0 from credit",
        caught_by: "V1",
    },
    Bug {
        name: "an amount need not be a number",
        removed: "alter domain sound_transfer drop constraint transfer_amount_is_positive",
        act: "with credit as (update wallet set version = version + 1
                  returning wallet_id, version, paid + promotional - held as available, held, promotional, debt)
              insert into transfer select wallet_id, version, 'adjustment', 'adjustments', 'available', 'USD', 'NaN', 0,
                  available, held, promotional, debt, 'adjustment', 'x', 0 from credit",
        caught_by: "V1",
    },
    Bug {
        name: "given credit may exceed the amount",
        removed: "alter domain sound_transfer drop constraint transfer_promotional_is_part_of_amount",
        act: "with credit as (update wallet set promotional = promotional + 2, paid = paid - 1, version = version + 1
                  returning wallet_id, version, paid + promotional - held as available, held, promotional, debt)
              insert into transfer select wallet_id, version, 'promo', 'promotion_expense', 'available', 'USD', 1, 2,
                  available, held, promotional, debt, 'campaign', 'x', 0 from credit",
        caught_by: "V1",
    },
    Bug {
        name: "a balance may change without a transfer",
        removed: "select 1",
        act: "update wallet set paid = paid + 5",
        caught_by: "V3",
    },
    Bug {
        name: "a call may end without its capture",
        removed: "select 1",
        act: "update call set state = 'ended', ended_at = now(), talked_seconds = 60, billed_seconds = 60, charge = 0.1,
                  released = held - 0.1 where state = 'authorized'",
        caught_by: "V7",
    },
    Bug {
        name: "an unanswered call may cost something",
        removed: "alter domain sound_call drop constraint call_unanswered_costs_nothing",
        act: "update call set talked_seconds = 0 where state = 'ended'",
        caught_by: "V20",
    },
    Bug {
        name: "the number of running calls may be wrong",
        removed: "alter domain sound_wallet drop constraint wallet_running_calls_never_negative",
        act: "update wallet set running_calls = running_calls - 2",
        caught_by: "V6",
    },
    Bug {
        name: "a payment may be credited to two top-ups",
        removed: "alter table top_up drop constraint top_up_payment_is_credited_once",
        act: "insert into top_up (wallet_id, top_up_id, source, state, amount, bonus, idempotency_key, checkout_expires_at,
                  return_origin, next_check_at, settled_at, stripe_payment_id)
              select wallet_id, gen_random_uuid(), 'manual', 'settled', amount, 0, 'k', now(), '', now(), now(), stripe_payment_id
              from top_up",
        caught_by: "V10",
    },
    Bug {
        name: "a correction of more than fifty dollars by one person",
        removed: "alter table adjustment drop constraint adjustment_above_fifty_needs_two",
        act: "insert into adjustment (wallet_id, adjustment_id, state, amount, reason, author, asked_at, decided_at)
              select wallet_id, gen_random_uuid(), 'posted', 51, 'alone', 'Ines', now(), now() from wallet",
        caught_by: "V14",
    },
];

async fn violated(books: &Books) -> Vec<&'static str> {
    books.ledger.verify(None).await.unwrap().violated()
}

async fn run(owner: &PgPool, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(sql).execute(owner).await.map(drop)
}

#[sqlx::test(migrations = "../migrations")]
async fn every_removed_guard_is_missed(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = open(pool, database).await;
    let wallet_id = books.funded("25", "0").await;
    for name in ["ended", "running"] {
        books
            .ledger
            .authorize_call(ask(wallet_id, name, LANDLINE))
            .await
            .unwrap();
    }
    books
        .ledger
        .end_call(call(wallet_id, "ended"), 60, "normal")
        .await
        .unwrap();
    books.assert_clean().await;
    let (mut killed, mut stopped) = (0, 0);
    for bug in BUGS {
        let mut tries = Vec::new();
        for sql in ["select 1", bug.removed] {
            // All in one transaction that is undone: each bug has the same books to spoil.
            let mut copy = Copy::of(&books).await;
            run(&copy.owner, sql).await.unwrap();
            let outcome = run(&copy.owner, bug.act).await;
            let seen = if outcome.is_ok() {
                violated(&copy.books).await
            } else {
                Vec::new()
            };
            tries.push((outcome.is_ok(), seen));
            copy.drop_database(&books).await;
        }
        let has_guard = bug.removed != "select 1";
        assert_eq!(
            tries[0].0, !has_guard,
            "{}: the guard must stop it while it is there",
            bug.name
        );
        assert!(tries[1].0, "{}: nothing else may stop it", bug.name);
        assert!(
            tries[1].1.contains(&bug.caught_by),
            "{}: seen by {:?} only",
            bug.name,
            tries[1].1
        );
        println!("killed: {} (by {})", bug.name, tries[1].1.join(", "));
        killed += 1;
        stopped += usize::from(has_guard);
    }
    assert!(killed >= 10 && stopped >= 8);
}

/// A copy of a database, to be spoiled.
struct Copy {
    books: Books,
    owner: PgPool,
    name: String,
}

impl Copy {
    async fn of(books: &Books) -> Self {
        let name = format!("copy_{}", uuid::Uuid::now_v7().simple());
        let source: String = sqlx::query_scalar("select current_database()")
            .fetch_one(&books.owner)
            .await
            .unwrap();
        let admin = admin(books).await;
        // A template must have no visitors; the pools of the books come back by themselves.
        sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1")
            .bind(&source)
            .execute(&admin)
            .await
            .unwrap();
        let sql = text(format!("create database {name} template \"{source}\""));
        sqlx::raw_sql(sql).execute(&admin).await.unwrap();
        admin.close().await;
        let database = books.database.clone().database(&name);
        let books = Books::open(PgPoolOptions::new().max_connections(2), database).await;
        Self {
            owner: books.owner.clone(),
            books,
            name,
        }
    }

    async fn drop_database(&mut self, original: &Books) {
        self.owner.close().await;
        let admin = admin(original).await;
        let sql = text(format!("drop database {} with (force)", self.name));
        sqlx::raw_sql(sql).execute(&admin).await.unwrap();
        admin.close().await;
    }
}

async fn admin(books: &Books) -> PgPool {
    let database = books.database.clone().database("postgres");
    PgPoolOptions::new()
        .max_connections(1)
        .connect_with(database)
        .await
        .unwrap()
}

/// Names of databases cannot be parameters; this one is ours.
fn text(sql: String) -> &'static str {
    sql.leak()
}
