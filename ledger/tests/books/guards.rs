//! What the database itself refuses, and that nobody has quietly taken it away.

use std::path::Path;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::Books;

/// Set to write the list of guards anew after a migration; then read what changed in it.
const UPDATE: &str = "UPDATE_GUARDS";

#[sqlx::test(migrations = "../migrations")]
async fn the_guards_in_the_database_are_those_listed(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    if std::env::var_os(UPDATE).is_some() {
        let list = books.ledger.guards().await.unwrap().join("\n") + "\n";
        std::fs::write(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("guards.txt"),
            list,
        )
        .unwrap();
        return;
    }
    let check = books.ledger.verify_guards().await.unwrap();
    assert_eq!(
        check.violations, 0,
        "run once with {UPDATE}=1 and review the list: {:#?}",
        check.examples
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_guard_taken_away_or_put_in_is_named(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = Books::open(pool, database).await;
    let before = books.ledger.verify_guards().await.unwrap().violations;
    let changes = [
        (
            "alter domain sound_wallet drop constraint wallet_never_overdrawn",
            "missing: constraint sound_wallet wallet_never_overdrawn",
        ),
        (
            "grant update on transfer to wallet_web",
            "not listed: grant wallet_web update on transfer",
        ),
        (
            "grant delete on transfer to public",
            "not listed: public may delete transfer",
        ),
        (
            "create function sneak() returns trigger language plpgsql as 'begin return null; end';
             create trigger sneaky before update on wallet for each row execute function sneak()",
            "not listed: trigger sneaky on wallet",
        ),
        (
            "drop index call_running",
            "missing: index CREATE INDEX call_running",
        ),
        (
            "create or replace function wallet_is_sound(w wallet) returns boolean language plpgsql immutable
             as 'begin return true; end'",
            "missing: function CREATE OR REPLACE FUNCTION public.wallet_is_sound",
        ),
    ];
    for (change, _) in changes {
        sqlx::raw_sql(change).execute(&books.owner).await.unwrap();
    }
    let check = books.ledger.verify_guards().await.unwrap();
    for (change, named) in changes {
        assert!(
            check.examples.iter().any(|line| line.starts_with(named)),
            "{change}: {:#?}",
            check.examples
        );
    }
    assert_eq!(
        check.violations - before,
        8,
        "the function and its trigger are two, and so are a function as it was and as it is"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn no_role_of_the_application_may_change_or_remove_a_transfer(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    books.funded("25", "0").await;
    let mut refused = 0;
    for role in [
        "wallet_web",
        "wallet_switch",
        "wallet_worker",
        "wallet_read",
    ] {
        let session = books.database.clone().options([("role", role)]);
        let session = PgPoolOptions::new()
            .max_connections(1)
            .connect_with(session)
            .await
            .unwrap();
        for act in [
            "update transfer set amount = 1",
            "delete from transfer",
            "truncate transfer",
            "update transfer set created_at = now()",
            "delete from wallet",
            "update wallet set currency = 'USD'",
            "insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional, available_after,
                 held_after, promotional_after, debt_after, subject, subject_id, created_at)
             select wallet_id, 9, 'top_up', 'stripe_clearing', 'available', 1, 0, 26, 0, 0, 0, 'top_up', 'x', now() from wallet",
            "alter table transfer disable trigger all",
        ] {
            let outcome = sqlx::query(act).execute(&session).await;
            let error = outcome.expect_err(act);
            let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
            assert_eq!(code.as_deref(), Some("42501"), "{role}: {act}: {error}");
            refused += 1;
        }
        session.close().await;
    }
    assert_eq!(refused, 32);
    books.assert_clean().await;
}

#[sqlx::test(migrations = "../migrations")]
async fn the_charging_door_sees_no_personal_table(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = Books::open(pool, database).await;
    for role in ["wallet_switch", "wallet_read"] {
        let session = books.database.clone().options([("role", role)]);
        let session = PgPoolOptions::new()
            .max_connections(1)
            .connect_with(session)
            .await
            .unwrap();
        for table in [
            "select email from customer",
            "select body_text from email",
            "select data from session",
        ] {
            let error = sqlx::query(table).execute(&session).await.expect_err(table);
            assert!(
                error.to_string().contains("permission denied"),
                "{role}: {error}"
            );
        }
        session.close().await;
    }
}
