//! `server verify`: the auditor's report.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use ledger::{Ledger, Proof, Report};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::staff::CONSOLE;

#[derive(Args, Debug)]
pub(super) struct Options {
    /// Look only at what changed from this moment on, as `2026-11-22T00:00:00Z`: fast.
    #[arg(long, value_parser = moment)]
    since: Option<OffsetDateTime>,
    /// Check instead that grants, constraints and indexes of the database are those of this program.
    #[arg(long, conflicts_with = "since")]
    guards: bool,
    /// Check instead a proof that a customer downloaded. Needs neither database nor configuration.
    #[arg(long, conflicts_with_all = ["since", "guards"])]
    pub(super) proof: Option<PathBuf>,
    /// The operator's published key, 64 hexadecimal digits: without it, whoever made the file could
    /// have signed it too.
    #[arg(long, requires = "proof")]
    public_key: Option<String>,
}

/// Checks a proof file by itself.
pub(super) fn prove(file: &Path, options: &Options) -> anyhow::Result<()> {
    let key = options.public_key.as_ref().map(hex::decode).transpose();
    let key = key.context("read the public key: expected 64 hexadecimal digits")?;
    let content = std::fs::read(file).with_context(|| format!("read {}", file.display()))?;
    let proof = Proof::check(&content, key.as_deref())?;
    println!("The entry is in the sealed books:\n  {}", proof.entry);
    println!("under\n  {}", proof.checkpoint.line());
    println!("signed with the key {}", hex::encode(&proof.public_key));
    if key.is_none() {
        println!("Compare this key and the checkpoint with those the operator published.");
    }
    Ok(())
}

fn moment(text: &str) -> Result<OffsetDateTime, String> {
    OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| "expected a moment like 2026-11-22T00:00:00Z".to_owned())
}

pub(super) async fn run(ledger: &Ledger, options: Options) -> anyhow::Result<()> {
    let report = if options.guards {
        ledger
            .verify_guards_noted(CONSOLE)
            .await
            .context("read the guards")?
    } else {
        ledger
            .verify_noted(options.since, CONSOLE)
            .await
            .context("read the books")?
    };
    println!("{}", text(&report));
    let violations: i64 = report.checked.iter().map(|check| check.violations).sum();
    ensure!(
        violations == 0,
        "verify the books: {violations} violations; stop moving money and look at the examples above"
    );
    Ok(())
}

/// One line for each statement, its examples below it.
fn text(report: &Report) -> String {
    let mut lines = vec![format!(
        "Books as of {}",
        report.at.format(&Rfc3339).unwrap_or_default()
    )];
    for check in &report.checked {
        let verdict = if check.violations == 0 {
            "holds".to_owned()
        } else {
            format!("{} VIOLATIONS", check.violations)
        };
        lines.push(format!(
            "{:<4} {verdict:<14} {}",
            check.name, check.statement
        ));
        lines.extend(
            check
                .examples
                .iter()
                .map(|example| format!("       {example}")),
        );
    }
    let violations: i64 = report.checked.iter().map(|check| check.violations).sum();
    lines.push(format!(
        "{} statements, {violations} violations",
        report.checked.len()
    ));
    lines.join("\n")
}
