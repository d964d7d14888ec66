//! `server audit`: who looked at what and did what.

use clap::Args;
use domain::WalletId;
use domain::staff::Right;
use ledger::{AuditFilter, Ledger};
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use super::staff::{By, deed};

#[derive(Args, Debug)]
pub(super) struct Options {
    /// Only about this wallet.
    #[arg(long)]
    wallet: Option<WalletId>,
    /// Only by this person.
    #[arg(long)]
    actor: Option<String>,
    #[command(flatten)]
    by: By,
}

pub(super) async fn run(ledger: &Ledger, options: Options) -> anyhow::Result<()> {
    let by = options.by.with(ledger, Right::Audit).await?;
    ledger
        .note_view(deed(&by, "view_audit", "audit", "console", json!({})))
        .await?;
    let mut filter = AuditFilter {
        wallet_id: options.wallet,
        actor: options.actor,
        before: None,
    };
    loop {
        let rows = ledger.audit_log(&filter).await?;
        for row in &rows {
            println!(
                "{}  {}  {}  {} {}  {}  {}",
                row.at.format(&Rfc3339)?,
                row.actor,
                row.act,
                row.subject,
                row.subject_id,
                row.detail,
                row.outcome.as_deref().unwrap_or("looked")
            );
        }
        match rows.last() {
            Some(last) => filter.before = Some(last.audit_id),
            None => return Ok(()),
        }
    }
}
