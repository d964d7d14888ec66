//! `server distribute`: one wallet, one shard.

use anyhow::{Context, bail};
use ledger::{Distributed, LOCAL_TABLES, REFERENCE_TABLES, WALLET_TABLES};
use sqlx::postgres::PgConnectOptions;

/// Says what was done, or what is missing.
pub(super) async fn run(database: &PgConnectOptions) -> anyhow::Result<()> {
    let done = ledger::distribute(database).await.context(
        "distribute the tables: fix the cause and run it again, what is done stays done",
    )?;
    match done {
        Distributed::Tables(changed) => {
            println!("{}", text(&changed));
            Ok(())
        }
        Distributed::NoExtension => bail!(
            "distribute the tables: this database has no extension `citus`, so nothing was changed\n  \
             What to do: install Citus on every node, put it in shared_preload_libraries, run \
             `create extension citus` here as the owner, add the nodes with `citus_add_node`, and run \
             `server distribute` again. One Postgres needs none of this."
        ),
    }
}

/// One line for each table: what became of it now, or that it was there already.
fn text(changed: &[&str]) -> String {
    let line = |table: &&str, now: &str, before: &str| {
        let what = if changed.contains(table) { now } else { before };
        format!("{table:<16} {what}")
    };
    let reference = REFERENCE_TABLES
        .iter()
        .map(|table| line(table, "copied to every node", "copied before"));
    let wallet = WALLET_TABLES
        .iter()
        .map(|table| line(table, "distributed by wallet", "distributed before"));
    let local = LOCAL_TABLES
        .iter()
        .map(|table| format!("{table:<16} stays where it is"));
    let lines: Vec<String> = reference.chain(wallet).chain(local).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn every_table_is_named_with_what_became_of_it() {
        let text = text(&["rate", "wallet"]);
        assert!(
            text.contains("rate             copied to every node"),
            "{text}"
        );
        assert!(text.contains("price_list       copied before"), "{text}");
        assert!(
            text.contains("wallet           distributed by wallet"),
            "{text}"
        );
        assert!(
            text.contains("transfer         distributed before"),
            "{text}"
        );
        assert!(
            text.contains("session          stays where it is"),
            "{text}"
        );
    }
}
