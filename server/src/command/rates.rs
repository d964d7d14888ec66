//! `server rates`: versions of the price book, new prices, and the way back to former ones.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::staff::Right;
use ledger::{ImportError, ImportRates, Ledger, PriceDiff, RollBack};
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::staff::{By, deed};
use crate::price_report::{import_noted, report};

/// Prices of our own making for every country; the ranges that fraud uses are blocked.
const DEMO: &str = include_str!("../../data/demo_prices.csv");
/// Bad lines that are printed; a list with more of them is not a price list.
const BAD_LINES_SHOWN: usize = 1_000;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Import a price list: all of it or, if one line is wrong, nothing.
    ///
    /// CSV with names on top: prefix, destination, per_minute (or rate), and if you like kind,
    /// connection_fee, initial, increment, max_seconds, blocked, effective. Prefixes that the list
    /// does not name keep their price.
    Import(Import),
    /// Versions of the price book, newest first, by the numbers that `roll-back` takes.
    List {
        #[command(flatten)]
        by: By,
    },
    /// Go back to a former version: prices become what they would be had newer lists never come.
    RollBack {
        version: i64,
        /// Only tell what would change.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        by: By,
    },
}

#[derive(Args, Debug)]
pub(super) struct Import {
    file: PathBuf,
    /// Only tell what would change.
    #[arg(long)]
    dry_run: bool,
    /// From when lines without a date are valid: `2026-12-01` (midnight, UTC) or a whole moment.
    /// Prices that begin later are announced until then.
    #[arg(long, value_parser = moment)]
    effective: Option<OffsetDateTime>,
    /// The list is the whole book: prefixes it does not name are not sold from that moment on.
    #[arg(long)]
    complete: bool,
    #[command(flatten)]
    by: By,
}

pub(super) fn moment(text: &str) -> Result<OffsetDateTime, String> {
    let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
    day.map(|day| day.midnight().assume_utc())
        .or_else(|_| OffsetDateTime::parse(text, &Rfc3339))
        .map_err(|_| "expected a date like 2026-12-01".to_owned())
}

pub(super) async fn run(ledger: &Ledger, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Import(import) => take_in(ledger, import).await,
        Command::List { by } => {
            let by = by.with(ledger, Right::SeePrices).await?;
            let seen = deed(&by, "view_price_lists", "price_list", "console", json!({}));
            ledger.note_view(seen).await?;
            list(ledger).await
        }
        Command::RollBack {
            version,
            dry_run,
            by,
        } => {
            let author = by.with(ledger, Right::SetPrices).await?;
            let back = RollBack {
                version,
                author: author.clone(),
                dry_run,
            };
            let deed = deed(
                &author,
                if dry_run {
                    "view_roll_back"
                } else {
                    "roll_back_prices"
                },
                "price_list",
                version.to_string(),
                json!({}),
            );
            let diff = if dry_run {
                ledger.note_view(deed).await?;
                ledger.roll_back_prices(back).await
            } else {
                ledger.deed(deed, ledger.roll_back_prices(back)).await
            };
            let diff = diff.context("go back: `server rates list` names the versions")?;
            println!("{}", report(&diff));
            Ok(())
        }
    }
}

async fn take_in(ledger: &Ledger, import: Import) -> anyhow::Result<()> {
    let author = import.by.with(ledger, Right::SetPrices).await?;
    let file = import.file.display();
    let bytes = std::fs::read(&import.file).with_context(|| format!("read {file}"))?;
    let text =
        String::from_utf8(bytes).with_context(|| format!("read {file}: save it as UTF-8"))?;
    let name = import.file.file_name().unwrap_or_default();
    let import = ImportRates {
        name: name.to_string_lossy().into_owned(),
        text,
        author: author.clone(),
        effective: import.effective,
        complete: import.complete,
        dry_run: import.dry_run,
    };
    let diff = told(import_noted(ledger, &author, import).await)?;
    println!("{}", report(&diff));
    Ok(())
}

/// The difference, or every bad line and then the refusal.
fn told(outcome: Result<PriceDiff, ImportError>) -> anyhow::Result<PriceDiff> {
    match outcome {
        Ok(diff) => Ok(diff),
        Err(ImportError::Bad(lines)) => {
            for line in lines.iter().take(BAD_LINES_SHOWN) {
                eprintln!("{line}");
            }
            bail!(
                "import prices: {} bad lines, nothing was imported",
                lines.len()
            )
        }
        Err(ImportError::Ledger(error)) => Err(error).context("import prices"),
    }
}

async fn list(ledger: &Ledger) -> anyhow::Result<()> {
    let mut before = None;
    loop {
        let lists = ledger.price_lists(before).await?;
        for list in &lists {
            let state = match (list.is_in_force, list.is_scheduled) {
                (_, true) => "scheduled",
                (true, false) => "in force",
                (false, false) => "past",
            };
            println!(
                "{}  {state}  {}  {}  by {}{}",
                list.version,
                list.imported_at.format(&Rfc3339)?,
                list.name,
                list.author.as_deref().unwrap_or("unknown"),
                list.rolls_back_to
                    .map_or_else(String::new, |to| format!("  back to {to}"))
            );
        }
        match lists.last() {
            Some(last) => before = Some(last.version),
            None => return Ok(()),
        }
    }
}

/// Gives an empty price book the demo's prices; another one is left as it is.
pub(super) async fn seed(ledger: &Ledger) -> anyhow::Result<()> {
    if ledger.price_list().await?.is_some() {
        return Ok(());
    }
    let import = ImportRates {
        name: "demo prices".to_owned(),
        text: DEMO.to_owned(),
        author: "console".to_owned(),
        effective: None,
        complete: false,
        dry_run: false,
    };
    let diff = told(ledger.import_rates(import).await)?;
    println!("Demo prices: {} prefixes", diff.changes.len());
    Ok(())
}
