//! `cargo xtask bench`: figures, and the limits they must keep.

mod load;
mod web;

use std::process::Command;

use anyhow::Result;

use crate::{place, process};

pub(crate) use web::web;

/// Measures the books beside the limit of the database, small and grown to this many transfers, on a
/// throw-away cluster with fsync on. The last line is JSON.
pub(crate) fn ledger(seconds: u64, transfers: u64) -> Result<()> {
    example("bench_ledger", &[seconds, transfers])
}

/// Measures the charging API on a throw-away cluster with fsync on. The last line is JSON.
pub(crate) fn charging(seconds: u64) -> Result<()> {
    example("bench_charging", &[seconds])
}

/// Takes top-ups and refills through every fault of the network on a throw-away cluster, and fails if one was
/// charged twice or not credited. The last line is JSON.
pub(crate) fn money(cases: u64) -> Result<()> {
    example("bench_money", &[cases])
}

/// Measures the desk on a throw-away cluster of this many wallets; exits with 1 over its limits. The last
/// line is JSON.
pub(crate) fn desk(wallets: u64) -> Result<()> {
    example("bench_desk", &[wallets])
}

/// Runs an example as it would be shipped. All packages are built with it: a package that is built alone has
/// its dependencies with fewer features, and all of them would be compiled anew for each bench.
fn example(name: &str, numbers: &[u64]) -> Result<()> {
    crate::signals::watch()?;
    crate::tools::postgres::require()?;
    let mut cargo = process::cargo();
    cargo.args(["build", "--release", "--example", name]);
    for package in ["ledger", "sandbox", "server"] {
        cargo.args(["--package", package]);
    }
    process::run(&mut cargo)?;
    let mut example = Command::new(place::target().join("release/examples").join(name));
    process::run(example.args(numbers.iter().map(u64::to_string)))
}
