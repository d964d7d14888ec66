//! Keys the server signs with; in development made at the first use and kept in the data directory.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, bail};
use ledger::SealingKey;
use secrecy::{ExposeSecret, SecretString};

use super::Config;
use crate::push::PushKey;

impl Config {
    /// The key that signs checkpoints, made and kept in the data directory in development.
    pub fn sealing_key(&self) -> anyhow::Result<SealingKey> {
        let digits = match &self.sealing_key {
            Some(key) => key.clone(),
            None if self.is_production() => bail!(
                "read SEALING_KEY: production needs it, made once by `openssl rand -hex 32` and kept outside the database"
            ),
            None => kept_key(&self.data_dir, "sealing.key", || {
                Ok(hex::encode(rand::random::<[u8; 32]>()))
            })?,
        };
        let seed = hex::decode(digits.expose_secret().trim()).ok();
        seed.and_then(|seed| SealingKey::from_seed(&seed))
            .context("read SEALING_KEY: expected 64 hexadecimal digits")
    }

    /// The key of messages to browsers, if there is one.
    pub fn push_key(&self) -> anyhow::Result<Option<PushKey>> {
        let kept = match &self.push_key {
            Some(key) => key.clone(),
            None if self.is_production() => return Ok(None),
            None => kept_key(&self.data_dir, "push.key", PushKey::generate)?,
        };
        let key = PushKey::read(kept.expose_secret()).context("read PUSH_KEY")?;
        Ok(Some(key))
    }
}

/// A key in the data directory, made at the first use.
///
/// It is whole on the disk before it has its name, so that a crash leaves no half of one; of several servers
/// that start at once the first gives the key to all.
fn kept_key(
    data_dir: &Path,
    name: &str,
    make: impl FnOnce() -> anyhow::Result<String>,
) -> anyhow::Result<SecretString> {
    let path = data_dir.join(name);
    if !path.exists() {
        std::fs::create_dir_all(data_dir).context("make the data directory")?;
        let draft = data_dir.join(format!(".{name}.{:016x}", rand::random::<u64>()));
        let kept = keep(&draft, &path, &make()?);
        // Gone already where it could not be made; in the way of nobody where it cannot be removed.
        let _ = std::fs::remove_file(&draft);
        kept.with_context(|| format!("keep a key in {}", path.display()))?;
    }
    let key = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    Ok(key.into())
}

/// Writes the key under a name of its own, then gives it the name it is known by, unless there is one.
fn keep(draft: &Path, path: &Path, key: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(draft)?;
    file.write_all(key.as_bytes())?;
    file.sync_all()?;
    match std::fs::hard_link(draft, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        linked => linked?,
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn servers_that_start_at_once_have_one_key_and_leave_nothing_else() {
        let folder = std::env::temp_dir().join(format!("keys-{:016x}", rand::random::<u64>()));
        let made = || Ok(hex::encode(rand::random::<[u8; 32]>()));
        let keys: Vec<String> = std::thread::scope(|threads| {
            let start = || kept_key(&folder, "sealing.key", made).unwrap();
            let started: Vec<_> = (0..8).map(|_| threads.spawn(start)).collect();
            let keys = started.into_iter().map(|thread| thread.join().unwrap());
            keys.map(|key| key.expose_secret().to_owned()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0] && key.len() == 64));
        let files: Vec<_> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap())
            .collect();
        assert_eq!(files.len(), 1, "{files:?}");
        let mode = files[0].metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
