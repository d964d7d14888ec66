//! The browser of the end-to-end journeys.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::step::step;
use crate::{process, tools};

/// The browser's program: `CHROMIUM`, else `PATH`.
pub(crate) fn find() -> Option<PathBuf> {
    match env::var_os("CHROMIUM") {
        Some(named) => Some(PathBuf::from(named)),
        None => tools::in_path("chromium"),
    }
}

/// Finds Chromium, installing it where we may.
pub(crate) fn require() -> Result<PathBuf> {
    if let Some(program) = find() {
        return Ok(program);
    }
    step(
        "Installing Chromium",
        "install Chromium (Debian: sudo apt-get install chromium), or name its program in CHROMIUM.",
        || {
            tools::install(&["chromium", "fonts-liberation"])?;
            find().context("the package is there, but the program was not found")
        },
    )
}

/// The browser's major version.
pub(crate) fn major(program: &PathBuf) -> Result<u32> {
    let printed = process::read(Command::new(program).arg("--version"))?;
    let (major, _) = tools::version(&printed)
        .with_context(|| format!("no version in what Chromium says: {}", printed.trim()))?;
    Ok(major)
}
