//! Finding the programs we build on, and installing what a fresh machine lacks.

pub(crate) mod chromium;
pub(crate) mod node;
pub(crate) mod postgres;
pub(crate) mod wasm;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use rustix::process::geteuid;

use crate::process;

/// The first program of this name in `PATH`.
pub(crate) fn in_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Installs Debian packages when we may, else says the command that does.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    if !geteuid().is_root() || !Path::new("/usr/bin/apt-get").exists() {
        bail!("missing: {list}. Install with: sudo apt-get install {list}");
    }
    // An old package list still installs on most days, so a failed update alone stops nothing.
    if process::run(apt().arg("update")).is_err() {
        crate::step::warn("apt-get update failed; trying with the package list at hand.");
    }
    process::run(
        apt()
            .args(["install", "--no-install-recommends"])
            .args(packages),
    )
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command
        .args(["--yes", "--quiet", "--quiet"])
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// The leading number of a version such as `Chromium 156.0.8078.79` or `v20.20.2`, and the next.
pub(crate) fn version(text: &str) -> Option<(u32, u32)> {
    let start = text.find(|letter: char| letter.is_ascii_digit())?;
    let mut numbers = text[start..].split(|letter: char| !letter.is_ascii_digit());
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next().and_then(|number| number.parse().ok());
    Some((major, minor.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_behind_names_and_letters() {
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert_eq!(
            version("Chromium 156.0.8078.79 built on Debian"),
            Some((156, 0))
        );
        assert_eq!(version("18"), Some((18, 0)));
        assert_eq!(version("no number"), None);
    }

    #[test]
    fn the_shell_is_in_the_path_and_nonsense_is_not() {
        assert!(in_path("sh").is_some());
        assert!(in_path("no-such-program-anywhere").is_none());
    }
}
