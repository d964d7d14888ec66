//! `server guard`: destinations nobody may call, and what calls may take.

use anyhow::Context;
use clap::{Args, Subcommand};
use domain::Money;
use domain::staff::Right;
use ledger::{CallLimits, Ledger};
use rust_decimal::Decimal;
use serde_json::json;

use super::staff::{By, deed};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Blocked prefixes and limits in force.
    Show {
        #[command(flatten)]
        by: By,
    },
    /// Let nobody call numbers that begin like this, whatever price lists say.
    Block {
        prefix: String,
        reason: String,
        #[command(flatten)]
        by: By,
    },
    /// Let people call there again.
    Lift {
        prefix: String,
        reason: String,
        #[command(flatten)]
        by: By,
    },
    /// Set what calls may take, for all servers from the next call on. What is left out is as configured.
    Limits(Limits),
}

#[derive(Args, Debug)]
pub(super) struct Limits {
    reason: String,
    // Named as what they stand beside in the configuration, which has these options for itself.
    #[arg(long = "at-once")]
    calls_at_once: Option<u32>,
    #[arg(long)]
    per_day: Option<Money>,
    /// From a new wallet.
    #[arg(long)]
    new_per_day: Option<Money>,
    /// From this price a minute on a destination is dear.
    #[arg(long)]
    dear_per_minute: Option<Decimal>,
    /// To one dear destination.
    #[arg(long)]
    dear_per_day: Option<Money>,
    #[command(flatten)]
    by: By,
}

pub(super) async fn run(ledger: &Ledger, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Show { by } => {
            let by = by.with(ledger, Right::SeeGuards).await?;
            let seen = deed(&by, "view_guards", "prefix", "console", json!({}));
            ledger.note_view(seen).await?;
            show(ledger).await?;
        }
        Command::Block { prefix, reason, by } => {
            let by = by.with(ledger, Right::SetGuards).await?;
            let detail = json!({ "reason": reason });
            let deed = deed(&by, "block_destination", "prefix", prefix.clone(), detail);
            ledger
                .deed(deed, ledger.block_destination(&prefix, &reason, &by))
                .await
                .context("block a destination")?;
            println!("Nobody may call {prefix}.");
        }
        Command::Lift { prefix, reason, by } => {
            let by = by.with(ledger, Right::SetGuards).await?;
            let detail = json!({ "reason": reason });
            let deed = deed(&by, "lift_block", "prefix", prefix.clone(), detail);
            ledger
                .deed(deed, ledger.lift_block(&prefix, &reason, &by))
                .await
                .context("lift a block: `server guard show` names them")?;
            println!("{prefix} may be called again, if the price list sells it.");
        }
        Command::Limits(limits) => {
            let by = limits.by.with(ledger, Right::SetGuards).await?;
            let wanted = CallLimits {
                calls_at_once: limits.calls_at_once,
                per_day: limits.per_day,
                new_per_day: limits.new_per_day,
                dear_per_minute: limits.dear_per_minute,
                dear_per_day: limits.dear_per_day,
            };
            let detail = json!({ "limits": format!("{wanted:?}"), "reason": limits.reason });
            let deed = deed(&by, "set_limits", "limits", "calls", detail);
            ledger
                .deed(deed, ledger.set_call_limits(wanted, &limits.reason, &by))
                .await
                .context("set limits")?;
            show(ledger).await?;
        }
    }
    Ok(())
}

async fn show(ledger: &Ledger) -> anyhow::Result<()> {
    let mut before = None;
    loop {
        let blocks = ledger.blocks(before).await?;
        for block in blocks.iter().filter(|block| block.lifted_at.is_none()) {
            println!(
                "+{}  by {}  {}",
                block.prefix, block.blocked_by, block.reason
            );
        }
        match blocks.last() {
            Some(last) => before = Some(last.block_id),
            None => break,
        }
    }
    let (call, spend) = ledger.call_rules().await?;
    println!(
        "{} calls at once; a day {}, from a new wallet {}; from ${} a minute {} to one destination",
        call.calls_at_once,
        spend.per_day.exact_text(),
        spend.new_per_day.exact_text(),
        spend.dear_per_minute,
        spend.dear_per_day.exact_text()
    );
    Ok(())
}
