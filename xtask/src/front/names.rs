//! Names by content: each file of the bundle carries the hash of its bytes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::NAME;
use crate::place;

/// One of the three files a page asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Js,
    Wasm,
    Css,
}

impl Part {
    pub(crate) const ALL: [Self; 3] = [Self::Js, Self::Wasm, Self::Css];

    /// The ending of its name, and its key in `hash.txt`.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Js => "js",
            Self::Wasm => "wasm",
            Self::Css => "css",
        }
    }

    /// Its name before it has a hash.
    pub(super) fn staged_name(self) -> String {
        match self {
            Self::Wasm => format!("{NAME}_bg.wasm"),
            Self::Js | Self::Css => format!("{NAME}.{}", self.ending()),
        }
    }
}

/// The hashes of one bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bundle {
    js: String,
    wasm: String,
    css: String,
}

impl Bundle {
    /// Hashes the files as staged.
    pub(super) fn of(stage: &Path) -> Result<Self> {
        let hash = |part: Part| -> Result<String> {
            let file = stage.join(part.staged_name());
            let content =
                fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let mut hash = hex::encode(Sha256::digest(&content));
            hash.truncate(16);
            Ok(hash)
        };
        Ok(Self {
            js: hash(Part::Js)?,
            wasm: hash(Part::Wasm)?,
            css: hash(Part::Css)?,
        })
    }

    fn hash(&self, part: Part) -> &str {
        match part {
            Part::Js => &self.js,
            Part::Wasm => &self.wasm,
            Part::Css => &self.css,
        }
    }

    /// The file's name as pages ask for it.
    pub(crate) fn file_name(&self, part: Part) -> String {
        format!("{NAME}.{}.{}", self.hash(part), part.ending())
    }

    /// Whether all three files are still where they were put.
    pub(super) fn is_complete(&self, package: &Path) -> bool {
        Part::ALL
            .iter()
            .all(|part| package.join(self.file_name(*part)).is_file())
    }

    /// The text of `hash.txt`, by which the server knows the names.
    fn hashes(&self) -> String {
        Part::ALL
            .iter()
            .map(|part| format!("{}: {}\n", part.ending(), self.hash(*part)))
            .collect()
    }

    /// Writes `hash.txt` where the server looks for it: beside its own program.
    pub(super) fn write_hashes(&self) -> Result<()> {
        for profile in ["debug", "release"] {
            let folder = place::target().join(profile);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join("hash.txt"), self.hashes())?;
        }
        Ok(())
    }
}

/// What the last build made, and of what.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) stamp: String,
    pub(super) current: Bundle,
    pub(super) previous: Option<Bundle>,
}

fn record_file() -> PathBuf {
    place::target().join("front/bundle.json")
}

/// The record of the last build; an unreadable one counts as none.
pub(super) fn read_record() -> Option<Record> {
    serde_json::from_str(&fs::read_to_string(record_file()).ok()?).ok()
}

/// The last bundle that differs from this one.
pub(super) fn before(bundle: &Bundle, former: Option<&Record>) -> Option<Bundle> {
    let former = former?;
    if former.current == *bundle {
        former.previous.clone()
    } else {
        Some(former.current.clone())
    }
}

/// Remembers this build, what it was made of, and the one before it.
pub(super) fn write_record(stamp: String, bundle: &Bundle, former: Option<&Record>) -> Result<()> {
    let record = Record {
        stamp,
        current: bundle.clone(),
        previous: before(bundle, former),
    };
    Ok(fs::write(
        record_file(),
        serde_json::to_string_pretty(&record)?,
    )?)
}

/// Removes hashed files, and their compressed copies, that belong to none of these bundles.
pub(super) fn remove_stale(package: &Path, kept: &[&Bundle]) -> Result<()> {
    for entry in fs::read_dir(package)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let plain = name.trim_end_matches(".br").trim_end_matches(".gz");
        let wanted = kept.iter().any(|bundle| {
            Part::ALL
                .iter()
                .any(|part| bundle.file_name(*part) == plain)
        });
        if entry.file_type()?.is_file() && !wanted {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(letter: &str) -> Bundle {
        Bundle {
            js: letter.repeat(16),
            wasm: letter.repeat(16),
            css: letter.repeat(16),
        }
    }

    #[test]
    fn the_server_reads_one_line_per_part() {
        let text = bundle("a").hashes();
        assert_eq!(text.lines().next(), Some("js: aaaaaaaaaaaaaaaa"));
        assert_eq!(text.lines().count(), 3);
    }

    #[test]
    fn a_build_that_changes_nothing_keeps_the_release_before_the_last() {
        let record = Record {
            stamp: String::new(),
            current: bundle("b"),
            previous: Some(bundle("a")),
        };
        assert_eq!(before(&bundle("b"), Some(&record)), Some(bundle("a")));
        assert_eq!(before(&bundle("c"), Some(&record)), Some(bundle("b")));
        assert_eq!(before(&bundle("c"), None), None);
    }

    #[test]
    fn the_release_before_stays_and_older_files_go() {
        let folder = std::env::temp_dir().join(format!("xtask-names-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("creates");
        for letter in ["a", "b", "c"] {
            let name = bundle(letter).file_name(Part::Wasm);
            fs::write(folder.join(format!("{name}.br")), "").expect("writes");
            fs::write(folder.join(name), "").expect("writes");
        }
        remove_stale(&folder, &[&bundle("c"), &bundle("b")]).expect("removes");
        let left = place::files_below(&folder).expect("lists");
        assert_eq!(left.len(), 4, "{left:?}");
        assert!(
            left.iter()
                .all(|file| !file.display().to_string().contains("aaaa"))
        );
        fs::remove_dir_all(folder).expect("removes");
    }
}
