//! The compiler's half for the browser.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::step::step;

/// The browser's target, as Cargo and rustup name it.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Adds the wasm target to the toolchain where it is missing.
pub(crate) fn require() -> Result<()> {
    if installed() {
        return Ok(());
    }
    step(
        "Adding the WebAssembly target to Rust",
        "run `rustup target add wasm32-unknown-unknown`, then try again.",
        || process::run(Command::new("rustup").args(["target", "add", TARGET])),
    )
}

fn installed() -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    process::read(rustc.current_dir(crate::place::root()))
        .is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}
