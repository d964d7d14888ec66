//! Migrations that any Postgres, and later a sharded one, can take.
//!
//! A wallet table is one whose first column is `wallet_id`: its rows live with their wallet, so
//! every key of it begins with that column. Other tables may mention a wallet without living there.

mod statement;

use std::collections::HashSet;

use anyhow::{Result, bail};

use crate::{cluster, place};
use statement::{Statement, statements, without_comments};

/// Words that some engine we want to be able to move to refuses, and what they stand for.
const REFUSED: [(&str, &str); 9] = [
    ("trigger", "a trigger"),
    ("create rule", "a rule"),
    ("deferrable", "a deferrable constraint"),
    ("exclude", "an exclusion constraint"),
    ("advisory_lock", "an advisory lock"),
    ("lock table", "a table lock"),
    ("temporary", "a temporary table"),
    ("sequence", "a sequence"),
    ("serial", "a sequence"),
];

pub(super) fn all_keep_the_rules() -> Result<()> {
    let mut faults = Vec::new();
    let mut wallet_tables = HashSet::new();
    for file in cluster::ordered(&place::root().join("migrations"))? {
        let text = std::fs::read_to_string(&file)?;
        let name = place::shown(&file);
        let found = faults_of(&text, &mut wallet_tables);
        faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    if faults.is_empty() {
        return Ok(());
    }
    bail!("{}", faults.join("; "))
}

/// What is wrong with one migration, given the wallet tables of those before it.
fn faults_of(text: &str, wallet_tables: &mut HashSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.trim_start().starts_with("-- ") {
        faults.push("does not begin with its reason".to_owned());
    }
    let plain = without_comments(text);
    for (word, meaning) in REFUSED {
        if contains_words(&plain, word) {
            faults.push(format!("uses {meaning}"));
        }
    }
    for statement in statements(&plain) {
        faults.extend(key_faults(&statement, wallet_tables));
    }
    faults
}

fn key_faults(statement: &Statement, wallet_tables: &mut HashSet<String>) -> Vec<String> {
    if statement.begins_with_wallet {
        wallet_tables.insert(statement.table.clone());
    }
    if !wallet_tables.contains(&statement.table) {
        return Vec::new();
    }
    statement
        .keys
        .iter()
        .filter(|key| {
            key.columns
                .first()
                .is_none_or(|column| column != "wallet_id")
        })
        .map(|key| {
            let columns = key.columns.join(", ");
            format!(
                "{} of {} ({columns}) does not begin with wallet_id",
                key.kind, statement.table
            )
        })
        .collect()
}

fn contains_words(text: &str, words: &str) -> bool {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(words).any(|(at, _)| {
        // `pg_advisory_lock` and `bigserial` count, so the left side may be a name.
        let after = text[at + words.len()..].chars().next();
        words == "advisory_lock" || !after.is_some_and(is_name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        faults_of(&format!("-- Why.\n{text}"), &mut HashSet::new())
    }

    #[test]
    fn keys_of_wallet_tables_begin_with_the_wallet() {
        let good = "create table transfer (
            wallet_id uuid not null references wallet (wallet_id),
            seq bigint not null,
            amount numeric(18, 4) check (amount in (1, 2)),
            primary key (wallet_id, seq),
            constraint once unique (wallet_id, amount)
        );
        create unique index open_one on transfer (wallet_id) where seq = 1;
        create index by_amount on transfer (amount);";
        assert_eq!(faults(good), Vec::<String>::new());
    }

    #[test]
    fn a_key_of_a_wallet_table_without_the_wallet_is_a_fault() {
        for bad in [
            "create table a (wallet_id uuid, b int, primary key (b, wallet_id));",
            "create table a (wallet_id uuid, b int primary key);",
            "create table a (wallet_id uuid, b int unique);",
            "create table a (wallet_id uuid, b int references b (b));",
            "create table a (wallet_id uuid, b int, foreign key (b) references b (b));",
            "create table a (wallet_id uuid, b int, constraint c unique (b));",
            "create table a (wallet_id uuid); create unique index on a (b);",
            "create table a (wallet_id uuid); create unique index i on a using btree (b);",
            "create table a (wallet_id uuid); alter table a add constraint c unique (b);",
        ] {
            assert_eq!(faults(bad).len(), 1, "{bad}");
        }
    }

    #[test]
    fn tables_that_only_mention_a_wallet_have_their_own_keys() {
        assert!(
            faults("create table customer (customer_id uuid primary key, wallet_id uuid unique);")
                .is_empty()
        );
    }

    #[test]
    fn words_that_another_engine_refuses_are_faults() {
        for bad in [
            "create trigger t before update on a execute function f();",
            "alter table a add constraint c unique (b) deferrable;",
            "select pg_advisory_lock(1);",
            "create table a (b bigserial);",
            "do $$ begin lock table a; end $$;",
        ] {
            assert_eq!(faults(bad).len(), 1, "{bad}");
        }
        assert!(
            faults("-- No triggers here, nothing deferrable.\ncreate table a (b int);").is_empty()
        );
        assert!(faults("insert into a values ('a trigger in a text');").is_empty());
    }

    #[test]
    fn a_migration_says_why_it_is_there() {
        let faults = faults_of("create table a (b int);", &mut HashSet::new());
        assert_eq!(faults, ["does not begin with its reason"]);
    }
}
