//! `server rates import`: new prices.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use ledger::{ImportError, ImportRates, Ledger, PriceDiff};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use crate::price_report::report;

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
}

pub(super) fn moment(text: &str) -> Result<OffsetDateTime, String> {
    let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
    day.map(|day| day.midnight().assume_utc())
        .or_else(|_| OffsetDateTime::parse(text, &Rfc3339))
        .map_err(|_| "expected a date like 2026-12-01".to_owned())
}

pub(super) async fn run(ledger: &Ledger, command: Command) -> anyhow::Result<()> {
    let Command::Import(import) = command;
    let file = import.file.display();
    let bytes = std::fs::read(&import.file).with_context(|| format!("read {file}"))?;
    let text =
        String::from_utf8(bytes).with_context(|| format!("read {file}: save it as UTF-8"))?;
    let name = import.file.file_name().unwrap_or_default();
    let diff = ask(
        ledger,
        ImportRates {
            name: name.to_string_lossy().into_owned(),
            text,
            effective: import.effective,
            complete: import.complete,
            dry_run: import.dry_run,
        },
    )
    .await?;
    println!("{}", report(&diff));
    Ok(())
}

async fn ask(ledger: &Ledger, import: ImportRates) -> anyhow::Result<PriceDiff> {
    match ledger.import_rates(import).await {
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

/// Gives an empty price book the demo's prices; another one is left as it is.
pub(super) async fn seed(ledger: &Ledger) -> anyhow::Result<()> {
    if ledger.price_list().await?.is_some() {
        return Ok(());
    }
    let diff = ask(
        ledger,
        ImportRates {
            name: "demo prices".to_owned(),
            text: DEMO.to_owned(),
            effective: None,
            complete: false,
            dry_run: false,
        },
    )
    .await?;
    println!("Demo prices: {} prefixes", diff.changes.len());
    Ok(())
}
