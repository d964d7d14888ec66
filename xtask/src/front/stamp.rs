//! Knowing that nothing changed.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::place;

/// Folders whose every file goes into the bundle or decides how it is made.
const FOLDERS: [&str; 8] = [
    "domain/src",
    "language/src",
    "language/words",
    "app/src",
    "frontend/src",
    "style",
    "public",
    "xtask/src/front",
];

/// Single files that do.
const FILES: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    ".cargo/config.toml",
    "rust-toolchain.toml",
    "domain/Cargo.toml",
    "language/Cargo.toml",
    "language/build.rs",
    "app/Cargo.toml",
    "frontend/Cargo.toml",
    "end2end/package-lock.json",
];

/// A digest over the names and contents of all inputs, and over whether the npm tools help.
pub(crate) fn of_inputs(with_npm_tools: bool) -> Result<String> {
    let mut digest = Sha256::new();
    digest.update([u8::from(with_npm_tools)]);
    for file in inputs()? {
        let content = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = place::shown(&file);
        // Lengths in front, so that no two different trees run together into one text.
        for part in [name.as_bytes(), &content] {
            digest.update(part.len().to_le_bytes());
            digest.update(part);
        }
    }
    Ok(hex::encode(digest.finalize()))
}

fn inputs() -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = FILES.iter().map(|file| place::root().join(file)).collect();
    for folder in FOLDERS {
        let folder = place::root().join(folder);
        if folder.is_dir() {
            files.extend(place::files_below(&folder)?);
        }
    }
    files.retain(|file| file.is_file());
    Ok(files)
}
