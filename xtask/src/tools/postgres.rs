//! The Postgres server programs.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::step::step;
use crate::tools;

/// The folder with `initdb` and its siblings: `PG_BINDIR`, else `PATH`, else Debian's newest.
pub(crate) fn find() -> Option<PathBuf> {
    if let Some(named) = env::var_os("PG_BINDIR") {
        return Some(PathBuf::from(named));
    }
    if tools::in_path("pg_ctl").is_some() {
        return tools::in_path("initdb").and_then(|file| file.parent().map(Path::to_path_buf));
    }
    debian("/usr/lib/postgresql")
}

/// The newest version in a folder laid out as Debian does: one sub-folder per major version.
fn debian(folder: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir(folder).ok()?.flatten();
    versions
        .filter_map(|entry| {
            let major: u32 = entry.file_name().to_str()?.parse().ok()?;
            let programs = entry.path().join("bin");
            programs
                .join("initdb")
                .is_file()
                .then_some((major, programs))
        })
        .max()
        .map(|(_, programs)| programs)
}

/// Finds the Postgres programs, installing them where we may.
pub(crate) fn require() -> Result<PathBuf> {
    if let Some(folder) = find() {
        return Ok(folder);
    }
    step(
        "Installing PostgreSQL",
        "install PostgreSQL 15 or newer (Debian: sudo apt-get install postgresql), or name the \
         folder of its programs in PG_BINDIR.",
        || {
            tools::install(&["postgresql"])?;
            find().context("the package is there, but initdb was not found")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_with_programs_wins() {
        let folder = env::temp_dir().join(format!("xtask-postgres-{}", std::process::id()));
        for version in ["9", "15", "17"] {
            std::fs::create_dir_all(folder.join(version).join("bin")).expect("creates");
        }
        for version in ["9", "15"] {
            std::fs::write(folder.join(version).join("bin/initdb"), "").expect("writes");
        }
        let found = debian(folder.to_str().expect("is text"));
        assert_eq!(found, Some(folder.join("15/bin")));
        std::fs::remove_dir_all(folder).expect("removes");
    }
}
