//! `cargo xtask check`: what can be known without running the wallet.

mod graph;
mod migration;
mod queries;
mod source;
mod versions;

use anyhow::{Result, bail};

use crate::tally::Tally;
use crate::tools::node::{Node, NpmTools};
use crate::tools::wasm;
use crate::{place, process};

/// A rule of the house that a program can check.
struct Guard {
    name: &'static str,
    holds: fn() -> Result<()>,
}

const GUARDS: [Guard; 8] = [
    Guard {
        name: "the browser's half sees no server",
        holds: graph::browser_sees_no_server,
    },
    Guard {
        name: "one TLS library, and none in C",
        holds: graph::lock_has_no_banned_crate,
    },
    Guard {
        name: "wasm-bindgen and its tool match",
        holds: versions::wasm_bindgen_matches,
    },
    Guard {
        name: "Playwright and Chromium match",
        holds: versions::playwright_matches_chromium,
    },
    Guard {
        name: "migrations keep the portability rules",
        holds: migration::all_keep_the_rules,
    },
    Guard {
        name: ".sqlx describes the queries there are",
        holds: queries::descriptions_are_used,
    },
    Guard {
        name: "queries are written, not assembled",
        holds: source::no_assembled_query,
    },
    Guard {
        name: "pages have no raw markup or inline style",
        holds: source::no_unsafe_markup,
    },
];

/// Checks everything that can be known without running the wallet.
pub(crate) fn run() -> Result<()> {
    crate::signals::watch()?;
    let mut whole = Tally::default();
    for part in [formatting, guards, lints] {
        whole += part()?;
        crate::signals::refuse_after_stop()?;
    }
    println!("{whole}");
    if whole.failed > 0 {
        bail!("✗ Some checks failed.\n  What to do: read the lines marked ✗ above.");
    }
    Ok(())
}

/// Whether all code is laid out as the formatters do it.
pub(crate) fn formatting() -> Result<Tally> {
    let npm = npm()?;
    Ok(verdict("Rust is formatted (cargo fmt)", || {
        process::run(process::cargo().args(["fmt", "--all", "--check"]))
    }) + verdict(
        "TypeScript is formatted and linted (npx biome check --write)",
        || {
            process::run(
                npm.tool("biome")?
                    .args(["check", "--error-on-warnings", "."]),
            )
        },
    ))
}

/// The rules of the house.
pub(crate) fn guards() -> Result<Tally> {
    Ok(GUARDS
        .iter()
        .map(|guard| verdict(guard.name, guard.holds))
        .sum())
}

/// The compilers' warnings, each crate with the features it is built with: one build of both
/// halves would unify them.
pub(crate) fn lints() -> Result<Tally> {
    let npm = npm()?;
    let native = ["clippy", "--all-targets"];
    let app = [
        "clippy",
        "--package",
        "app",
        "--features",
        "ssr",
        "--all-targets",
    ];
    let browser = [
        "clippy",
        "--package",
        "frontend",
        "--package",
        "app",
        "--features",
        "app/hydrate",
    ];
    Ok(verdict("clippy: default members", || clippy(&native))
        + verdict("clippy: app, as the server sees it", || clippy(&app))
        + verdict("clippy: app and frontend, as the browser sees them", || {
            wasm::require()?;
            let folder = place::target().join("front");
            let folder = folder.to_string_lossy();
            clippy(
                &[
                    &browser[..],
                    &["--target", wasm::TARGET, "--target-dir", &folder],
                ]
                .concat(),
            )
        })
        + verdict("TypeScript is typed (tsc)", || {
            process::run(npm.tool("tsc")?.args(["-p", "."]))
        }))
}

fn clippy(arguments: &[&str]) -> Result<()> {
    process::run(
        process::cargo()
            .args(arguments)
            .args(["--", "-D", "warnings"]),
    )
}

fn npm() -> Result<NpmTools> {
    Node::require()?.tools()
}

/// Tries one thing and counts it; what failed is told at once.
fn verdict(name: &str, holds: impl FnOnce() -> Result<()>) -> Tally {
    match holds() {
        Ok(()) => {
            eprintln!("✓ {name}");
            Tally::passed_one()
        }
        Err(error) => {
            eprintln!("✗ {name}: {error:#}");
            Tally::failed_one()
        }
    }
}
