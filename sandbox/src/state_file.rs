//! The file that a sandbox continues from. Whoever keeps a database of payments needs the
//! payments to be still there after a restart.
//!
//! Two lines of JSON: a header with the format and a checksum, and the state. It is replaced as a
//! whole (a new file, then a rename), so that a crash leaves the old one or the new one.

use crate::{
    state::State,
    world::{Shared, World},
};
use anyhow::{Context, anyhow, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs, io,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Raised whenever an older sandbox could misread what is written.
const FORMAT: u32 = 1;
/// From a change to the file, so that one write holds what one request did.
const SOON: Duration = Duration::from_millis(100);
/// Between the end of a write and the next change that is looked at.
const REST: Duration = Duration::from_millis(900);

/// Where the state is written, one writer at a time.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    writing: Mutex<()>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Header {
    format: u32,
    sha256: String,
}

impl StateFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            writing: Mutex::new(()),
        }
    }

    /// The state of the last run; `None` when there was none. Errors say what to do.
    pub(crate) fn load(&self) -> anyhow::Result<Option<State>> {
        let path = self.path.display();
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read the state file {path}"));
            }
        };
        let advice = "What to do: remove it together with the wallet's database, which knows \
                      payments that only this file has, and start again.";
        match read(&bytes) {
            Ok(state) => Ok(Some(state)),
            Err(Refused::Format(found)) => bail!(
                "the state file {path} has format {found}, this sandbox reads format {FORMAT}. \
                 {advice}"
            ),
            Err(Refused::Damaged(why)) => {
                Err(anyhow!("the state file {path} is damaged: {why}. {advice}"))
            }
        }
    }

    /// Writes the state as it is now. Blocks on the disk.
    pub(crate) fn save(&self, world: &World) -> anyhow::Result<()> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        // A reference to look at: writing down the state does not change it.
        let bytes = write(&world.state())?;
        replace(&self.path, &bytes)
            .with_context(|| format!("cannot write the state file {}", self.path.display()))
    }
}

#[derive(Debug)]
enum Refused {
    Format(u32),
    Damaged(String),
}

fn read(bytes: &[u8]) -> Result<State, Refused> {
    let damaged = |error: serde_json::Error| Refused::Damaged(error.to_string());
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (header, state) = bytes.split_at(end.unwrap_or(bytes.len()));
    let header: Header = serde_json::from_slice(header).map_err(damaged)?;
    if header.format != FORMAT {
        return Err(Refused::Format(header.format));
    }
    let state = state.strip_prefix(b"\n").unwrap_or(state);
    if header.sha256 != hex::encode(Sha256::digest(state)) {
        let why = "its checksum does not fit what it holds";
        return Err(Refused::Damaged(why.to_owned()));
    }
    serde_json::from_slice(state).map_err(damaged)
}

fn write(state: &State) -> anyhow::Result<Vec<u8>> {
    let state = serde_json::to_vec(state).context("cannot write down the state")?;
    let header = Header {
        format: FORMAT,
        sha256: hex::encode(Sha256::digest(&state)),
    };
    let mut bytes = serde_json::to_vec(&header).context("cannot write down the header")?;
    bytes.push(b'\n');
    bytes.extend_from_slice(&state);
    Ok(bytes)
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    // Sign-in codes and keys of links are in it: nobody else's to read.
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)
}

/// Writes the state soon after each change, about once a second at most. Runs until dropped.
pub(crate) async fn keep_up(world: Shared) {
    loop {
        world.changed.notified().await;
        tokio::time::sleep(SOON).await;
        save(&world).await;
        tokio::time::sleep(REST).await;
    }
}

/// Writes the state now, if it is to be written at all; a failure is reported and tried again
/// with the next change.
pub(crate) async fn save(world: &Shared) {
    let world = world.clone();
    let saved = tokio::task::spawn_blocking(move || match &world.file {
        Some(file) => file.save(&world),
        None => Ok(()),
    });
    match saved.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(error = format!("{error:#}"), "state not saved"),
        Err(error) => tracing::error!(%error, "state not saved"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Vec<u8> {
        write(&State::new("http://sandbox.test".to_owned())).expect("a state")
    }

    #[test]
    fn what_was_written_is_read() {
        assert!(read(&written()).is_ok());
    }

    #[test]
    fn any_damage_is_noticed() {
        let whole = written();
        for length in 0..whole.len() {
            let cut = read(&whole[..length]);
            assert!(matches!(cut, Err(Refused::Damaged(_))), "{length} bytes");
        }
        let mut changed = whole.clone();
        let last = changed.len() - 10;
        changed[last] ^= 1;
        assert!(matches!(read(&changed), Err(Refused::Damaged(_))));
    }

    #[test]
    fn another_format_is_named() {
        let other = br#"{"format":2,"sha256":"","more":true}"#;
        assert!(matches!(read(other), Err(Refused::Format(2))));
    }
}
