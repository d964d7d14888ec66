//! The migrations keep the rules that let one wallet be one shard, whatever the database grows into.

use std::collections::BTreeSet;

use ledger::{LOCAL_TABLES, REFERENCE_TABLES, WALLET_TABLES};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::Books;

/// What no migration and no query contains, in lower case and single spaces.
const FORBIDDEN: &[&str] = &[
    "create trigger",
    "create constraint trigger",
    "deferrable",
    "exclude using",
    "lock table",
    "pg_advisory_lock",
    "create temporary",
    "create temp ",
    "bigserial",
    "generated always as identity",
    "nextval(",
    "create rule",
];

/// Files below these folders.
fn sources() -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join("../migrations"), root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|kind| kind == "sql" || kind == "rs")
            {
                let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
                let words: Vec<&str> = text.split_whitespace().collect();
                found.push((path.display().to_string(), words.join(" ")));
            }
        }
    }
    found
}

#[test]
fn migrations_and_queries_use_nothing_that_shards_refuse() {
    let sources = sources();
    assert!(sources.len() > 30, "the sources were not found");
    for (path, text) in sources {
        for word in FORBIDDEN {
            assert!(!text.contains(word), "{path} contains `{word}`");
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn every_key_of_a_wallet_table_begins_with_the_wallet(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let keys: Vec<(String, String, String)> = sqlx::query_as(
        "select relname, indexrelid::regclass::text, coalesce(attname, '(an expression)') from pg_index
         join pg_class on pg_class.oid = indrelid and relnamespace = 'public'::regnamespace
         left join pg_attribute on attrelid = indrelid and attnum = indkey[0]
         where indisunique
         union all
         select conrelid::regclass::text, conname, attname from pg_constraint
         join pg_attribute on attrelid = conrelid and attnum = conkey[1]
         where contype = 'f' and connamespace = 'public'::regnamespace",
    )
    .fetch_all(&books.owner)
    .await
    .unwrap();
    let mut checked = 0;
    for (table, key, first) in keys {
        if WALLET_TABLES.contains(&table.as_str()) {
            assert_eq!(first, "wallet_id", "{key} of {table}");
            checked += 1;
        }
    }
    assert!(
        checked >= WALLET_TABLES.len(),
        "only {checked} keys were looked at"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn every_table_says_where_it_lives(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = Books::open(pool, database).await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
         and relname <> '_sqlx_migrations'",
    )
    .fetch_all(&books.owner)
    .await
    .unwrap();
    let known: BTreeSet<&str> = [WALLET_TABLES, REFERENCE_TABLES, LOCAL_TABLES]
        .concat()
        .into_iter()
        .collect();
    for table in tables {
        assert!(
            known.contains(table.as_str()),
            "{table} is neither of a wallet, nor a reference, nor local"
        );
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn where_the_extension_is_missing_distributing_says_so_and_changes_nothing(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = Books::open(pool, database).await;
    let outcome = ledger::distribute(&books.database).await.unwrap();
    assert!(
        matches!(outcome, ledger::Distributed::NoExtension),
        "{outcome:?}"
    );
}
