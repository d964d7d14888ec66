//! Finding the programs of Postgres on this machine.

use std::path::{Path, PathBuf};

use anyhow::bail;

/// The directory with `initdb` and `pg_ctl`: `PG_BINDIR`, then the path, then Debian's newest version.
pub(super) fn find() -> anyhow::Result<PathBuf> {
    let configured = std::env::var_os("PG_BINDIR").map(PathBuf::from);
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let found = configured
        .into_iter()
        .chain(std::env::split_paths(&on_path))
        .chain(debian_versions(Path::new("/usr/lib/postgresql")))
        .find(|dir| dir.join("initdb").is_file() && dir.join("pg_ctl").is_file());
    match found {
        Some(dir) => Ok(dir),
        None => bail!(
            "find Postgres: no initdb on this machine. Install it with `apt-get install postgresql`, \
             name its directory in PG_BINDIR, or name a running database in DATABASE_URL"
        ),
    }
}

/// Newest first.
fn debian_versions(root: &Path) -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(root)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, dir)| dir).collect()
}
