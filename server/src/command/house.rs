//! `server house`: what the page of the house says, for scripts.

use clap::Args;
use domain::staff::Right;
use ledger::{Ledger, late};
use serde_json::json;

use super::staff::{By, deed};

#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    by: By,
}

pub(super) async fn run(ledger: &Ledger, options: Options) -> anyhow::Result<()> {
    let by = options.by.with(ledger, Right::House).await?;
    ledger
        .note_view(deed(&by, "view_house", "house", "console", json!({})))
        .await?;
    for row in ledger.house_accounts().await? {
        println!("{}  {}", row.account.word(), row.balance.signed_text());
    }
    let queues = ledger.queues().await?;
    for queue in &queues {
        let oldest = queue
            .oldest
            .map_or_else(String::new, |at| format!(", the oldest from {at}"));
        println!(
            "{}: {} wait{oldest}, {} given up",
            queue.name, queue.waiting, queue.dead
        );
    }
    let runs = ledger.check_runs().await?;
    for run in &runs {
        let said = match (run.found, &run.trouble) {
            (Some(found), _) => format!("{found} found"),
            (None, Some(trouble)) => trouble.clone(),
            (None, None) => "under way".to_owned(),
        };
        println!(
            "{} at {} by {}: {said}",
            run.kind, run.started_at, run.asked_by
        );
    }
    let mut alarms = ledger.alarms().await?;
    alarms.extend(late(&queues, &runs, ledger.clock().now()));
    for alarm in &alarms {
        println!("ALARM  {}: {}", alarm.name, alarm.count);
    }
    if alarms.is_empty() {
        println!("Nothing asks for a person.");
    }
    Ok(())
}
