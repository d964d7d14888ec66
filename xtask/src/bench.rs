//! `cargo xtask bench`: figures, and the limits they must keep.

mod load;
mod web;

use anyhow::Result;

use crate::process;

pub(crate) use web::web;

/// Measures the books beside the limit of the database, small and grown to this many transfers, on a
/// throw-away cluster with fsync on. The last line is JSON.
pub(crate) fn ledger(seconds: u64, transfers: u64) -> Result<()> {
    example("ledger", "bench_ledger", &[seconds, transfers])
}

/// Measures the charging API on a throw-away cluster with fsync on. The last line is JSON.
pub(crate) fn charging(seconds: u64) -> Result<()> {
    example("server", "bench_charging", &[seconds])
}

/// Takes top-ups and refills through every fault of the network on a throw-away cluster, and fails if one was
/// charged twice or not credited. The last line is JSON.
pub(crate) fn money(cases: u64) -> Result<()> {
    example("server", "bench_money", &[cases])
}

/// Measures the desk on a throw-away cluster of this many wallets; exits with 1 over its limits. The last
/// line is JSON.
pub(crate) fn desk(wallets: u64) -> Result<()> {
    example("ledger", "bench_desk", &[wallets])
}

/// Runs an example of a crate as it would be shipped.
fn example(package: &str, name: &str, numbers: &[u64]) -> Result<()> {
    crate::signals::watch()?;
    crate::tools::postgres::require()?;
    let mut cargo = process::cargo();
    cargo.args(["run", "--release", "--package", package, "--example", name]);
    cargo.arg("--").args(numbers.iter().map(u64::to_string));
    process::run(&mut cargo)
}
