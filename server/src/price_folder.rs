//! Price lists that are put into a folder: taken in by a worker, as carriers and their sheets arrive.
//!
//! A list named `2026-12-01 carrier.csv` is valid from that midnight (UTC) on, another one from now
//! on, where its lines have no date of their own. It is imported as a whole or not at all; beside it
//! stands what came of it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ledger::{Error, ImportError, ImportRates, Ledger};
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use crate::price_report::{import_noted, report};

/// A file that is still being written is younger than this.
const SETTLED_SECONDS: u64 = 2;

/// In whose name lists from the folder are taken in.
const FOLDER: &str = "price folder";

/// What came of a list.
enum Outcome {
    Imported(String),
    Refused(String),
}

/// Takes in what is there, by name; returns how many lists were looked at. Several servers may watch
/// one folder: a list that came twice changes nothing the second time.
pub async fn take_in(ledger: &Ledger, folder: &Path) -> Result<usize, Error> {
    let lists = match waiting(folder) {
        Ok(lists) => lists,
        Err(error) => {
            tracing::error!(%error, folder = %folder.display(), "the folder of price lists cannot be read");
            return Ok(0);
        }
    };
    for list in &lists {
        let outcome = match import(ledger, list).await {
            Ok(outcome) => outcome,
            Err(Error::Busy) => return Ok(0),
            Err(error) => return Err(error),
        };
        if let Err(error) = file_away(list, &outcome) {
            tracing::error!(%error, list = %list.display(), "a price list cannot be put aside");
            return Ok(0);
        }
    }
    Ok(lists.len())
}

fn waiting(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut lists = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let is_list = path.extension().is_some_and(|kind| kind == "csv");
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if is_list && age.as_secs() >= SETTLED_SECONDS {
            lists.push(path);
        }
    }
    lists.sort();
    Ok(lists)
}

async fn import(ledger: &Ledger, list: &Path) -> Result<Outcome, Error> {
    let text = match std::fs::read_to_string(list) {
        Ok(text) => text,
        Err(error) => {
            return Ok(Outcome::Refused(format!(
                "The list cannot be read: {error}"
            )));
        }
    };
    let name = list.file_name().unwrap_or_default().to_string_lossy();
    let name = name.into_owned();
    let import = ImportRates {
        effective: effective(&name),
        name: name.clone(),
        text,
        author: FOLDER.into(),
        complete: false,
        dry_run: false,
    };
    match import_noted(ledger, FOLDER, import).await {
        Ok(diff) => Ok(Outcome::Imported(report(&diff))),
        Err(ImportError::Bad(lines)) => {
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            Ok(Outcome::Refused(lines.join("\n")))
        }
        Err(ImportError::Ledger(error)) => Err(error),
    }
}

/// The date a name begins with.
fn effective(name: &str) -> Option<OffsetDateTime> {
    let date = Date::parse(name.get(..10)?, format_description!("[year]-[month]-[day]"));
    Some(date.ok()?.midnight().assume_utc())
}

/// `LIST.csv` becomes `LIST.csv.imported` or `LIST.csv.refused`, with a report beside it.
fn file_away(list: &Path, outcome: &Outcome) -> std::io::Result<()> {
    let (word, text) = match outcome {
        Outcome::Imported(text) => ("imported", text),
        Outcome::Refused(text) => ("refused", text),
    };
    tracing::info!(list = %list.display(), outcome = word, "price list taken from its folder");
    let beside = |end: &str| PathBuf::from(format!("{}.{end}", list.display()));
    std::fs::write(beside("report.txt"), format!("{text}\n"))?;
    match std::fs::rename(list, beside(word)) {
        // Another server was first.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_begin_with_the_day_its_prices_begin() {
        let day = effective("2026-12-01 carrier.csv").map(|at| at.date().to_string());
        assert_eq!(day.as_deref(), Some("2026-12-01"));
        for name in ["carrier.csv", "2026-13-01 x.csv", "2026-12", ""] {
            assert_eq!(effective(name), None, "{name}");
        }
    }
}
