//! Who depends on whom.

use anyhow::{Context, Result, bail};

use crate::tools::wasm::TARGET;
use crate::{place, process};

/// What the browser's half must not be able to name.
const SERVER_ONLY: [&str; 10] = [
    "axum",
    "hyper",
    "ledger",
    "leptos_axum",
    "lettre",
    "reqwest",
    "server",
    "tokio",
    "tower-sessions",
    "rustls",
];

/// The same, for families of crates.
const SERVER_ONLY_FAMILIES: [&str; 2] = ["sqlx", "async-stripe"];

/// Crates that bring a second TLS library or one written in C.
const BANNED: [&str; 4] = ["openssl", "openssl-sys", "native-tls", "aws-lc-rs"];

/// The compiled page cannot leak what it cannot see.
pub(super) fn browser_sees_no_server() -> Result<()> {
    let tree = process::read(process::cargo().args([
        "tree",
        "--package",
        "frontend",
        "--target",
        TARGET,
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    let seen = server_crates(&tree);
    if seen.is_empty() {
        return Ok(());
    }
    bail!(
        "the frontend depends on {}; see `cargo tree -p frontend -i`",
        seen.join(", ")
    )
}

fn server_crates(tree: &str) -> Vec<&str> {
    let mut seen: Vec<&str> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| {
            SERVER_ONLY.contains(name)
                || SERVER_ONLY_FAMILIES
                    .iter()
                    .any(|family| name.starts_with(family))
        })
        .collect();
    seen.sort_unstable();
    seen.dedup();
    seen
}

/// Nothing in the lock file brings a second TLS library.
pub(super) fn lock_has_no_banned_crate() -> Result<()> {
    let lock = lock_file()?;
    let banned: Vec<&str> = BANNED
        .into_iter()
        .filter(|name| locked(&lock, name).is_some())
        .collect();
    if banned.is_empty() {
        return Ok(());
    }
    bail!(
        "Cargo.lock contains {}; see `cargo tree -i`",
        banned.join(", ")
    )
}

pub(super) fn lock_file() -> Result<String> {
    std::fs::read_to_string(place::root().join("Cargo.lock")).context("cannot read Cargo.lock")
}

/// The version of a crate in a lock file; the first, should there be several.
pub(super) fn locked<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let entry = lock.split("[[package]]").find(|entry| {
        entry
            .lines()
            .any(|line| line == format!("name = \"{name}\""))
    })?;
    entry
        .lines()
        .find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_crate_in_the_tree_is_named_once() {
        let tree = "frontend v0.1.0 (/x/frontend)\napp v0.1.0\ntokio v1.54.1\nsqlx-core v0.9.0\ntokio v1.54.1 (*)\n";
        assert_eq!(server_crates(tree), ["sqlx-core", "tokio"]);
        assert!(
            server_crates("leptos v0.8.23\nserver_fn v0.8.13\nleptos_server v0.8.9\n").is_empty()
        );
    }

    #[test]
    fn locked_versions_are_found_by_the_whole_name() {
        let lock = "[[package]]\nname = \"ring\"\nversion = \"0.17.14\"\n\n[[package]]\nname = \"openssl-probe\"\nversion = \"0.2.0\"\n";
        assert_eq!(locked(lock, "ring"), Some("0.17.14"));
        assert_eq!(locked(lock, "openssl"), None);
    }
}
