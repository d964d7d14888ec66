//! Campaigns: what runs, what it cost so far, and a form for a new one.

#![allow(clippy::too_many_arguments, reason = "one for each field of the form")]

use domain::campaign::{Campaign, CampaignRefusal};
use domain::staff::Right;
use domain::{Declined, Money};
use ledger::CampaignRow;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Page, Query, cell, laid_out, section, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

#[server(endpoint = "desk_create_campaign")]
pub(crate) async fn desk_create_campaign(
    campaign_id: Uuid,
    code: String,
    reason: String,
    amount: String,
    starts: String,
    ends: String,
    budget_count: String,
    budget_sum: String,
    smallest_top_up: String,
    credit_days: String,
    #[server(default)] first_top_up_only: Option<String>,
) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::RunCampaigns).await?;
    let ledger = context::ledger();
    let terms = Campaign {
        amount: money(&amount, CampaignRefusal::Amount)?,
        starts_at: day(&starts)?.0,
        ends_at: day(&ends)?.1,
        budget_count: number(&budget_count, CampaignRefusal::Budget)?,
        budget_sum: money(&budget_sum, CampaignRefusal::Budget)?,
        first_top_up_only: first_top_up_only.is_some(),
        smallest_top_up: match smallest_top_up.trim() {
            "" => None,
            typed => Some(money(typed, CampaignRefusal::SmallestTopUp)?),
        },
        credit_days: number(&credit_days, CampaignRefusal::CreditDays)?,
        code,
        reason,
    };
    let mut deed = clerk.deed("create_campaign", "campaign", campaign_id.to_string());
    deed.detail = json!({ "code": terms.code, "amount": terms.amount, "budget": terms.budget_sum });
    let created = ledger.create_campaign(campaign_id, terms, &clerk.email);
    ledger.deed(deed, created).await.map_err(context::refused)
}

#[server(endpoint = "desk_stop_campaign")]
pub(crate) async fn desk_stop_campaign(code: String) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::RunCampaigns).await?;
    let ledger = context::ledger();
    let deed = clerk.deed("stop_campaign", "campaign", code.clone());
    ledger
        .deed(deed, ledger.stop_campaign(&code))
        .await
        .map_err(context::refused)
}

fn wrong(why: CampaignRefusal) -> AppError {
    context::refused(Declined::from(why))
}

fn money(typed: &str, why: CampaignRefusal) -> Result<Money, AppError> {
    Money::from_typed(typed).map_err(|_| wrong(why))
}

fn number(typed: &str, why: CampaignRefusal) -> Result<u32, AppError> {
    typed.trim().parse().map_err(|_| wrong(why))
}

/// The first moment of a day and the first after it.
fn day(typed: &str) -> Result<(OffsetDateTime, OffsetDateTime), AppError> {
    let clock = LocalTime::of_request();
    let typed = typed.trim();
    clock
        .day_start(typed)
        .zip(clock.day_end(typed))
        .ok_or_else(|| wrong(CampaignRefusal::Window))
}

pub(super) async fn page(clerk: &Clerk, query: &Query) -> Result<Page, AppError> {
    let ledger = context::ledger();
    ledger
        .note_view(clerk.deed("view_campaigns", "campaign", ""))
        .await
        .map_err(context::refused)?;
    let campaigns = ledger
        .campaigns(query.get("before").parse().ok())
        .await
        .map_err(context::refused)?;
    let older = (campaigns.len() == 50)
        .then(|| campaigns.last())
        .flatten()
        .map(|last| format!("/desk/campaigns?before={}", last.campaign_id));
    let may_run = clerk.may(Right::RunCampaigns);
    let rows = campaigns
        .into_iter()
        .map(|campaign| row(campaign, may_run))
        .collect();
    let content = view! {
        {table(
            "Campaigns",
            &["Code", "Gives", "From", "Until", "Redeemed", "Spent", "For", "State"],
            rows,
            "No campaign has run yet.",
        )}
        {older.map(|address| view! { <a class="quiet-button" href=address>"Older"</a> })}
        {may_run.then(new_campaign)}
    };
    Ok(laid_out(clerk, "/desk/campaigns", "Campaigns", content))
}

fn row(campaign: CampaignRow, may_run: bool) -> Vec<AnyView> {
    let clock = LocalTime::of_request();
    let terms = campaign.terms;
    let whom = match (terms.first_top_up_only, terms.smallest_top_up) {
        (true, Some(least)) => format!("First top-up of {} or more", least.exact_text()),
        (true, None) => "First top-up".into(),
        (false, Some(least)) => format!("Top-up of {} or more", least.exact_text()),
        (false, None) => "Everybody".into(),
    };
    let is_over = terms.ends_at <= OffsetDateTime::now_utc();
    let state = match campaign.stopped_at {
        Some(at) => cell(format!("Stopped {}", clock.date(at))),
        None if is_over => cell("Over"),
        None if may_run => {
            let label = format!("Stop {}", terms.code);
            view! {
                <form method="post" action=DeskStopCampaign::PATH>
                    <input type="hidden" name="code" value=terms.code.clone() />
                    <button class="text-button" type="submit" aria-label=label>
                        "Stop"
                    </button>
                </form>
            }
            .into_any()
        }
        None => cell("Runs"),
    };
    vec![
        cell(terms.code),
        cell(terms.amount.exact_text()),
        cell(clock.date(terms.starts_at)),
        cell(clock.lately(terms.ends_at)),
        cell(format!(
            "{} of {}",
            campaign.taken_count, terms.budget_count
        )),
        cell(format!(
            "{} of {}",
            campaign.taken_sum.exact_text(),
            terms.budget_sum.exact_text()
        )),
        cell(whom),
        state,
    ]
}

fn new_campaign() -> AnyView {
    let fields = [
        ("code", "Code", "text"),
        ("reason", "What the customer reads", "text"),
        ("amount", "Each gets", "text"),
        ("starts", "First day", "date"),
        ("ends", "Last day", "date"),
        ("budget_count", "At most so many", "text"),
        ("budget_sum", "At most so much", "text"),
        ("smallest_top_up", "Smallest top-up, if any", "text"),
        ("credit_days", "Days the credit lasts", "text"),
    ];
    let fields: Vec<_> = fields
        .into_iter()
        .map(|(name, label, kind)| {
            let id = format!("campaign-{name}");
            view! {
                <p class="field">
                    <label for=id.clone()>{label}</label>
                    <input id=id name=name type=kind maxlength="200" required=name != "smallest_top_up" />
                </p>
            }
        })
        .collect();
    let form = view! {
        <form method="post" action=DeskCreateCampaign::PATH>
            <input type="hidden" name="campaign_id" value=Uuid::now_v7().to_string() />
            <div class="filter-grid">{fields}</div>
            <label class="choice">
                <input type="checkbox" name="first_top_up_only" value="yes" />
                <span>"First top-up only"</span>
            </label>
            <button class="button" type="submit">
                "Start campaign"
            </button>
        </form>
    };
    section("new-campaign", "New campaign", form)
}
