//! `cargo xtask test`: everything that must hold, in one word and one last line.

use std::fmt::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::cluster::Cluster;
use crate::step::{shown, step, warn};
use crate::tally::Tally;
use crate::tools::{chromium, node::Node, postgres, wasm};
use crate::{bench, check, e2e, process, signals, vectors, witness};

/// A part of the tests that can be asked for alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stage {
    /// Layout of the code.
    Formatting,
    /// Rules of the house.
    Guards,
    /// Warnings of the compilers.
    Lints,
    /// Unit, property, database and HTTP tests.
    Rust,
    /// What a person sees, in Chromium.
    Journeys,
    /// The sandbox against Stripe's published types.
    Witness,
    /// What a first visit weighs.
    Size,
}

impl Stage {
    fn run(self) -> Result<Tally> {
        match self {
            Self::Formatting => check::formatting(),
            Self::Guards => check::guards(),
            Self::Lints => check::lints(),
            Self::Rust => rust(),
            Self::Journeys => e2e::journeys(&[]),
            Self::Witness => witness::compare(),
            Self::Size => bench::web(true).map(|()| Tally::passed_one()),
        }
    }
}

/// How one stage went.
struct Outcome {
    stage: Stage,
    tally: Tally,
    time: Duration,
}

/// Runs the stages, all of them even when one fails, so that one run tells everything.
///
/// Tests that take minutes join in when `long` is set; they read `WALLET_LONG_TESTS`.
pub(crate) fn run(only: &[Stage], long: bool) -> Result<()> {
    signals::watch()?;
    set_up()?;
    let mut outcomes = Vec::new();
    for stage in Stage::value_variants() {
        if only.is_empty() || only.contains(stage) {
            outcomes.push(attempt(*stage, long));
            signals::refuse_after_stop()?;
        }
    }
    let whole: Tally = outcomes.iter().map(|outcome| outcome.tally).sum();
    print!("{}", table(&outcomes));
    println!("{whole}");
    if whole.failed > 0 {
        bail!(
            "✗ Not everything holds.\n  What to do: read the lines marked ✗ above; `--only STAGE` repeats one stage."
        );
    }
    Ok(())
}

/// Installs what the tests need.
fn set_up() -> Result<()> {
    wasm::require()?;
    postgres::require()?;
    chromium::require()?;
    Node::require()?.tools().map(drop)
}

fn attempt(stage: Stage, long: bool) -> Outcome {
    eprintln!("\n━━ {stage:?}");
    let started = Instant::now();
    let tally = if long && stage == Stage::Rust {
        rust_long()
    } else {
        stage.run()
    };
    let tally = tally.unwrap_or_else(|error| {
        warn(&format!("{error:#}"));
        Tally::failed_one()
    });
    Outcome {
        stage,
        tally,
        time: started.elapsed(),
    }
}

fn rust() -> Result<Tally> {
    rust_with(&[])
}

fn rust_long() -> Result<Tally> {
    rust_with(&[("WALLET_LONG_TESTS", "1")])
}

/// All tests of the crates, against a cluster that is thrown away.
fn rust_with(variables: &[(&str, &str)]) -> Result<Tally> {
    let cluster = step(
        "Starting a throwaway cluster",
        "check that PostgreSQL's programs start (initdb, pg_ctl).",
        || Cluster::start("test"),
    )?;
    let address = cluster.database("wallet")?;
    let exchanges = witness::of_tests();
    let _ = std::fs::remove_dir_all(&exchanges);
    let mut whole = Tally::default();
    for arguments in [
        &["test", "--no-fail-fast"][..],
        &[
            "test",
            "--no-fail-fast",
            "--package",
            "app",
            "--features",
            "ssr",
        ],
    ] {
        let mut cargo = process::cargo();
        cargo
            .args(arguments)
            .env("DATABASE_URL", &address)
            .env("SANDBOX_RECORD_DIR", &exchanges)
            .envs(variables.iter().copied());
        whole += count(&mut cargo)?;
        signals::refuse_after_stop()?;
    }
    Ok(whole + vectors::run()?)
}

fn count(cargo: &mut Command) -> Result<Tally> {
    let (success, output) = process::run_and_read(cargo)?;
    Ok(Tally::of_libtest(&output).with_exit(success))
}

fn table(outcomes: &[Outcome]) -> String {
    let mut text = format!(
        "\n{:<12} {:>7} {:>7} {:>8} {:>12}\n",
        "stage", "passed", "failed", "skipped", "time"
    );
    for Outcome { stage, tally, time } in outcomes {
        let Tally {
            passed,
            failed,
            skipped,
        } = tally;
        let name = format!("{stage:?}");
        writeln!(
            text,
            "{name:<12} {passed:>7} {failed:>7} {skipped:>8} {:>12}",
            shown(*time)
        )
        .expect("a String takes all text");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_line_for_every_stage() {
        let outcomes: Vec<Outcome> = Stage::value_variants()
            .iter()
            .map(|stage| Outcome {
                stage: *stage,
                tally: Tally::passed_one(),
                time: Duration::ZERO,
            })
            .collect();
        let table = table(&outcomes);
        assert_eq!(
            table.lines().count(),
            Stage::value_variants().len() + 2,
            "{table}"
        );
        assert!(table.contains("Journeys"), "{table}");
    }
}
