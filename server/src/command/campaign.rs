//! `server campaign`: promo codes.

use anyhow::Context;
use clap::{Args, Subcommand};
use domain::Money;
use domain::campaign::Campaign;
use domain::staff::Right;
use ledger::Ledger;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::rates::moment;
use super::staff::{By, deed};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start a campaign.
    Create(Box<Create>),
    /// End a campaign at once; what was promised with top-ups under way is kept.
    Stop {
        code: String,
        #[command(flatten)]
        by: By,
    },
    /// All campaigns, newest first.
    List {
        #[command(flatten)]
        by: By,
    },
}

#[derive(Args, Debug)]
pub(super) struct Create {
    code: String,
    /// What each redemption gives.
    amount: Money,
    /// The customer reads it.
    #[arg(long)]
    reason: String,
    /// Now, if left out.
    #[arg(long, value_parser = moment)]
    starts: Option<OffsetDateTime>,
    /// The first moment it is over.
    #[arg(long, value_parser = moment)]
    ends: OffsetDateTime,
    /// How many may redeem it.
    #[arg(long)]
    count: u32,
    /// What all of them together may get.
    #[arg(long)]
    sum: Money,
    #[arg(long)]
    first_top_up_only: bool,
    #[arg(long)]
    smallest_top_up: Option<Money>,
    /// How long the credit may be spent.
    #[arg(long, default_value_t = 90)]
    days: u32,
    #[command(flatten)]
    by: By,
}

pub(super) async fn run(ledger: &Ledger, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Create(create) => {
            let by = create.by.with(ledger, Right::RunCampaigns).await?;
            let terms = Campaign {
                code: create.code,
                reason: create.reason,
                amount: create.amount,
                starts_at: create.starts.unwrap_or_else(|| ledger.clock().now()),
                ends_at: create.ends,
                budget_count: create.count,
                budget_sum: create.sum,
                first_top_up_only: create.first_top_up_only,
                smallest_top_up: create.smallest_top_up,
                credit_days: create.days,
            };
            let campaign_id = Uuid::now_v7();
            let detail =
                json!({ "code": terms.code, "amount": terms.amount, "budget": terms.budget_sum });
            let deed = deed(
                &by,
                "create_campaign",
                "campaign",
                campaign_id.to_string(),
                detail,
            );
            let code = terms.code.clone();
            ledger
                .deed(deed, ledger.create_campaign(campaign_id, terms, &by))
                .await
                .context("start the campaign")?;
            println!("Campaign {code} runs.");
        }
        Command::Stop { code, by } => {
            let by = by.with(ledger, Right::RunCampaigns).await?;
            let deed = deed(&by, "stop_campaign", "campaign", code.clone(), json!({}));
            ledger
                .deed(deed, ledger.stop_campaign(&code))
                .await
                .with_context(|| format!("stop {code}: `server campaign list` names all"))?;
            println!("Campaign {code} is over.");
        }
        Command::List { by } => {
            let by = by.with(ledger, Right::SeeCampaigns).await?;
            let seen = deed(&by, "view_campaigns", "campaign", "console", json!({}));
            ledger.note_view(seen).await?;
            for row in ledger.campaigns(None).await? {
                let terms = row.terms;
                let until = row.stopped_at.unwrap_or(terms.ends_at).format(&Rfc3339)?;
                println!(
                    "{}  {} each  {} of {}  {} of {}  until {until}",
                    terms.code,
                    terms.amount.exact_text(),
                    row.taken_count,
                    terms.budget_count,
                    row.taken_sum.exact_text(),
                    terms.budget_sum.exact_text()
                );
            }
        }
    }
    Ok(())
}
