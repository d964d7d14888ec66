//! The second witness of the sandbox: what it was asked and what it answered, held against the
//! types that Stripe publishes for its own library.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::tally::Tally;
use crate::tools::node::Node;
use crate::{e2e, place, process};

/// Turns the recorded exchanges into TypeScript and lets the compiler judge. Each exchange of a
/// new shape counts as one test.
pub(crate) fn compare() -> Result<Tally> {
    let recorded: Vec<PathBuf> = [e2e::exchanges(), of_tests()]
        .into_iter()
        .filter(|folder| folder.is_dir())
        .collect();
    if recorded.is_empty() {
        bail!("nothing is recorded yet; the journeys record (`cargo xtask e2e`)");
    }
    let npm = Node::require()?.tools()?;
    let mut write = npm.script("witness/write.mjs");
    let printed = process::read(write.args(&recorded))?;
    let count: u64 = printed
        .trim()
        .parse()
        .context("the witness did not say how many it heard")?;
    if count == 0 {
        bail!("the recorded folders hold no exchange");
    }
    match process::run(npm.tool("tsc")?.args(["-p", "witness/tsconfig.json"])) {
        Ok(()) => Ok(Tally {
            passed: count,
            ..Tally::default()
        }),
        Err(error) => Err(error.context("the sandbox speaks otherwise than Stripe")),
    }
}

/// Where the sandbox's own tests record.
pub(crate) fn of_tests() -> PathBuf {
    place::target().join("exchanges")
}
