//! Keys the server signs with; in development made at the first use and kept in the data directory.

use std::fs::OpenOptions;
use std::io::Write;
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
fn kept_key(
    data_dir: &Path,
    name: &str,
    make: impl FnOnce() -> anyhow::Result<String>,
) -> anyhow::Result<SecretString> {
    let path = data_dir.join(name);
    if !path.exists() {
        std::fs::create_dir_all(data_dir).context("make the data directory")?;
        let key = make()?;
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| file.write_all(key.as_bytes()))
            .with_context(|| format!("keep a key in {}", path.display()))?;
    }
    let key = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    Ok(key.into())
}
