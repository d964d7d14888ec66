//! One at a time: locks between two commands typed in the same checkout.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use anyhow::{Context, Result};

/// Waits until nobody else holds the lock of this name. Dropping the file lets go.
pub(crate) fn wait(name: &str) -> Result<File> {
    let file = open(&crate::place::target().join(format!("{name}.lock")))?;
    if try_now(&file)? {
        return Ok(file);
    }
    eprintln!("  Waiting for another command that is busy with the {name} …");
    file.lock()
        .with_context(|| format!("cannot lock the {name}"))?;
    Ok(file)
}

/// Opens a lock file without emptying it: it may hold words of whoever has the lock.
pub(crate) fn open(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
    }
    File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .with_context(|| format!("cannot open {}", path.display()))
}

/// Takes the lock when it is free.
pub(crate) fn try_now(file: &File) -> Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).context("cannot lock"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_lock_is_refused_and_a_dropped_one_is_free() {
        let path = std::env::temp_dir().join(format!("xtask-lock-{}", std::process::id()));
        let first = open(&path).expect("opens");
        let second = open(&path).expect("opens");
        assert!(try_now(&first).expect("locks"));
        assert!(!try_now(&second).expect("answers"));
        drop(first);
        assert!(try_now(&second).expect("locks"));
        fs::remove_file(path).expect("removes");
    }
}
