//! Charges worked out by hand, in WebAssembly: what the browser counts is what the books charge.

use anyhow::Result;

use crate::step::{step, warn};
use crate::tally::Tally;
use crate::tools::node::Node;
use crate::tools::wasm::{self, TARGET};
use crate::{place, process};

/// The program of `domain` that checks them; natively it is one of the crate's tests.
const PROGRAM: &str = "rating_vectors";

pub(crate) fn run() -> Result<Tally> {
    wasm::require()?;
    let npm = Node::require()?.tools()?;
    let folder = place::target().join("front");
    step(
        "Compiling the rating vectors to WebAssembly",
        "read the compiler's message above.",
        || {
            let mut cargo = process::cargo();
            cargo
                .args(["build", "--package", "domain", "--bin", PROGRAM])
                .args(["--target", TARGET, "--target-dir"])
                .arg(&folder);
            process::run(&mut cargo)
        },
    )?;
    let module = folder.join(TARGET).join("debug").join(PROGRAM);
    let mut script = npm.script("vectors.mjs");
    script.arg(module.with_extension("wasm"));
    match process::read(&mut script) {
        Ok(_) => {
            eprintln!("✓ The rating vectors hold in WebAssembly");
            Ok(Tally::passed_one())
        }
        Err(error) => {
            warn(&format!(
                "The rating vectors do not hold in WebAssembly: {error:#}"
            ));
            Ok(Tally::failed_one())
        }
    }
}
