//! `cargo xtask sqlx`: what the database says about every query, committed in `.sqlx`.
//!
//! Goes around the server, for the server compiles only with what is made here.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::cluster::Cluster;
use crate::step::step;
use crate::{place, process, signals};

/// Where the descriptions are committed.
pub(crate) fn folder() -> PathBuf {
    place::root().join(".sqlx")
}

/// Asks a fresh, migrated database about every checked query and replaces `.sqlx`.
pub(crate) fn run() -> Result<()> {
    signals::watch()?;
    let cluster = step(
        "Starting a throwaway cluster",
        "check that PostgreSQL's programs start (initdb, pg_ctl).",
        || Cluster::start("sqlx"),
    )?;
    let address = step(
        "Applying the migrations",
        "correct the migration named above.",
        || cluster.migrated("wallet", &place::root().join("migrations")),
    )?;
    let fresh = place::target().join("sqlx");
    let _ = fs::remove_dir_all(&fresh);
    fs::create_dir_all(&fresh)?;
    step(
        "Describing the queries",
        "correct the query the compiler points at.",
        || {
            // The macros run only when the crate is compiled, so it must look changed.
            let lib = place::root().join("ledger/src/lib.rs");
            File::options()
                .append(true)
                .open(&lib)?
                .set_modified(SystemTime::now())?;
            let mut cargo = process::cargo();
            cargo
                .args(["check", "--package", "ledger", "--tests"])
                .env("DATABASE_URL", &address)
                .env("SQLX_OFFLINE", "false")
                .env("SQLX_OFFLINE_DIR", &fresh);
            process::run(&mut cargo)
        },
    )?;
    let (written, removed) = replace(&fresh, &folder())?;
    eprintln!("✓ .sqlx: {written} descriptions, {removed} removed. Commit the folder.");
    Ok(())
}

/// Makes the second folder equal to the first; only now, so that a failure above loses nothing.
fn replace(fresh: &Path, folder: &Path) -> Result<(usize, usize)> {
    fs::create_dir_all(folder)?;
    let mut removed = 0;
    for old in place::files_below(folder)? {
        let name = old.file_name().expect("a file has a name");
        if !fresh.join(name).exists() {
            fs::remove_file(&old)?;
            removed += 1;
        }
    }
    let described = place::files_below(fresh)?;
    for new in &described {
        let name = new.file_name().expect("a file has a name");
        fs::copy(new, folder.join(name)).context("cannot write to .sqlx")?;
    }
    Ok((described.len(), removed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_that_are_gone_lose_their_descriptions() {
        let base = std::env::temp_dir().join(format!("xtask-sqlx-{}", std::process::id()));
        let (fresh, committed) = (base.join("fresh"), base.join("committed"));
        fs::create_dir_all(&fresh).expect("creates");
        fs::create_dir_all(&committed).expect("creates");
        fs::write(fresh.join("query-1.json"), "new").expect("writes");
        fs::write(committed.join("query-1.json"), "old").expect("writes");
        fs::write(committed.join("query-2.json"), "old").expect("writes");
        assert_eq!(replace(&fresh, &committed).expect("replaces"), (1, 1));
        assert_eq!(
            fs::read_to_string(committed.join("query-1.json")).expect("is there"),
            "new"
        );
        assert!(!committed.join("query-2.json").exists());
        fs::remove_dir_all(base).expect("removes");
    }
}
