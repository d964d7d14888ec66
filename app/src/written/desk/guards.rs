//! `/desk/guards`: destinations nobody may call, and what calls may take, whatever price lists and
//! configuration say.

use domain::Declined;
use domain::price_list::PriceRefusal;
use domain::staff::Right;
use ledger::{Block, CallLimits, LimitsRow};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::json;
use uuid::Uuid;

use super::{Page, Query, cell, laid_out, section, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

#[server(endpoint = "desk_block_destination")]
pub(crate) async fn desk_block_destination(prefix: String, reason: String) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::SetGuards).await?;
    let ledger = context::ledger();
    let mut deed = clerk.deed("block_destination", "prefix", short(&prefix));
    deed.detail = json!({ "reason": reason });
    let blocked = ledger.block_destination(&prefix, &reason, &clerk.email);
    let done = ledger.deed(deed, blocked).await;
    done.map_err(|error| context::refused_beside(error, &prefix))
}

#[server(endpoint = "desk_lift_block")]
pub(crate) async fn desk_lift_block(prefix: String, reason: String) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::SetGuards).await?;
    let ledger = context::ledger();
    let mut deed = clerk.deed("lift_block", "prefix", short(&prefix));
    deed.detail = json!({ "reason": reason });
    let lifted = ledger.lift_block(&prefix, &reason, &clerk.email);
    ledger.deed(deed, lifted).await.map_err(context::refused)
}

#[server(endpoint = "desk_set_limits")]
pub(crate) async fn desk_set_limits(
    calls_at_once: String,
    per_day: String,
    new_per_day: String,
    dear_per_minute: String,
    dear_per_day: String,
    reason: String,
) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::SetGuards).await?;
    let ledger = context::ledger();
    let mut deed = clerk.deed("set_limits", "limits", "calls");
    deed.detail = json!({
        "calls_at_once": short(&calls_at_once), "per_day": short(&per_day), "new_per_day": short(&new_per_day),
        "dear_per_minute": short(&dear_per_minute), "dear_per_day": short(&dear_per_day), "reason": reason,
    });
    let limits = || {
        Ok(CallLimits {
            calls_at_once: typed(&calls_at_once)?,
            per_day: typed(&per_day)?,
            new_per_day: typed(&new_per_day)?,
            dear_per_minute: typed(&dear_per_minute)?,
            dear_per_day: typed(&dear_per_day)?,
        })
    };
    let act = async {
        let limits = limits().map_err(|why| ledger::Error::Declined(Declined::Prices(why)))?;
        ledger.set_call_limits(limits, &reason, &clerk.email).await
    };
    ledger.deed(deed, act).await.map_err(context::refused)
}

/// A number as people type it; none for an empty field.
fn typed<T: std::str::FromStr>(text: &str) -> Result<Option<T>, PriceRefusal> {
    let text = text.trim();
    let digits = text.strip_prefix('$').unwrap_or(text);
    if digits.is_empty() {
        return Ok(None);
    }
    digits.parse().map(Some).map_err(|_| PriceRefusal::Limit)
}

/// As much of what was typed as the log keeps.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

pub(super) async fn page(clerk: &Clerk, query: &Query) -> Result<Page, AppError> {
    let ledger = context::ledger();
    ledger
        .note_view(clerk.deed("view_guards", "prefix", ""))
        .await
        .map_err(context::refused)?;
    let may_set = clerk.may(Right::SetGuards);
    let content = view! {
        {section("blocked", "Blocked destinations", blocked(query, may_set).await?)}
        {section("listed", "Blocked by the price list", listed(query).await?)}
        {section("limits", "Limits of calls", limits(may_set).await?)}
    };
    Ok(laid_out(clerk, "Blocked destinations and limits", content))
}

async fn blocked(query: &Query, may_set: bool) -> Result<AnyView, AppError> {
    let before: Option<Uuid> = query.get("before").parse().ok();
    let blocks = context::ledger()
        .blocks(before)
        .await
        .map_err(context::refused)?;
    let older = (blocks.len() == 50)
        .then(|| blocks.last())
        .flatten()
        .map(|last| format!("/desk/guards?before={}", last.block_id));
    let rows = blocks
        .into_iter()
        .map(|block| row(block, may_set))
        .collect();
    let form = may_set.then(|| {
        view! {
            <form method="post" action=DeskBlockDestination::PATH>
                <p class="field">
                    <label for="block-prefix">"Prefix"</label>
                    <input id="block-prefix" name="prefix" inputmode="tel" maxlength="24" required />
                    <span class="hint">
                        "Every number that begins like this: +881, or +52 55 1234 5678 alone. Running calls go on."
                    </span>
                </p>
                <p class="field">
                    <label for="block-reason">"Reason, for the log"</label>
                    <input id="block-reason" name="reason" minlength="3" maxlength="500" required />
                </p>
                <button class="button" type="submit">
                    "Block"
                </button>
            </form>
        }
    });
    Ok(view! {
        {table(
            "Blocked destinations",
            &["Prefix", "Reason", "Blocked", "By", "State"],
            rows,
            "Nobody has blocked a destination here.",
        )}
        {older.map(|address| view! { <a class="quiet-button" href=address>"Older"</a> })}
        {form}
    }
    .into_any())
}

fn row(block: Block, may_set: bool) -> Vec<AnyView> {
    let clock = LocalTime::of_request();
    let state = match (block.lifted_at, block.lifted_by, block.lifted_reason) {
        (Some(at), Some(by), Some(why)) => {
            cell(format!("Lifted {} by {by}: {why}", clock.lately(at)))
        }
        _ if may_set => {
            let id = format!("lift-{}", block.prefix);
            let label = format!("Lift +{}", block.prefix);
            view! {
                <form method="post" action=DeskLiftBlock::PATH>
                    <input type="hidden" name="prefix" value=block.prefix.clone() />
                    <p class="field">
                        <label for=id.clone()>"Reason to lift it"</label>
                        <input id=id name="reason" minlength="3" maxlength="500" required />
                    </p>
                    <button class="text-button" type="submit" aria-label=label>
                        "Lift"
                    </button>
                </form>
            }
            .into_any()
        }
        _ => cell("Blocked"),
    };
    vec![
        cell(format!("+{}", block.prefix)),
        cell(block.reason),
        cell(clock.lately(block.blocked_at)),
        cell(block.blocked_by),
        state,
    ]
}

async fn listed(query: &Query) -> Result<AnyView, AppError> {
    let after = Some(query.get("after")).filter(|text| !text.is_empty());
    let listed = context::ledger()
        .listed_blocks(after)
        .await
        .map_err(context::refused)?;
    let more = (listed.len() == 50)
        .then(|| listed.last())
        .flatten()
        .map(|last| format!("/desk/guards?after={}", last.prefix));
    let rows = listed
        .into_iter()
        .map(|block| vec![cell(format!("+{}", block.prefix)), cell(block.destination)])
        .collect();
    Ok(view! {
        <p class="hint">"A price list opens them again: a line of the prefix with blocked = no."</p>
        {table(
            "Blocked by the price list",
            &["Prefix", "Destination"],
            rows,
            "The price list in force blocks nothing.",
        )}
        {more.map(|address| view! { <a class="quiet-button" href=address>"More"</a> })}
    }
    .into_any())
}

async fn limits(may_set: bool) -> Result<AnyView, AppError> {
    let ledger = context::ledger();
    let history = ledger.call_limits().await.map_err(context::refused)?;
    let (call, spend) = ledger.call_rules().await.map_err(context::refused)?;
    let set = history.first().map(|row| row.limits).unwrap_or_default();
    let configured = ledger.rules();
    let lines = [
        (
            "calls_at_once",
            "Calls at once",
            call.calls_at_once.to_string(),
            configured.call.calls_at_once.to_string(),
            set.calls_at_once.map(|calls| calls.to_string()),
        ),
        (
            "per_day",
            "From a wallet in a day",
            spend.per_day.exact_text(),
            configured.spend.per_day.exact_text(),
            set.per_day.map(|amount| amount.decimal().to_string()),
        ),
        (
            "new_per_day",
            "From a new wallet in a day",
            spend.new_per_day.exact_text(),
            configured.spend.new_per_day.exact_text(),
            set.new_per_day.map(|amount| amount.decimal().to_string()),
        ),
        (
            "dear_per_minute",
            "Dear from this price a minute",
            format!("${}", spend.dear_per_minute),
            format!("${}", configured.spend.dear_per_minute),
            set.dear_per_minute.map(|price| price.to_string()),
        ),
        (
            "dear_per_day",
            "To one dear destination in a day",
            spend.dear_per_day.exact_text(),
            configured.spend.dear_per_day.exact_text(),
            set.dear_per_day.map(|amount| amount.decimal().to_string()),
        ),
    ];
    let rows = lines
        .iter()
        .map(|(_, name, now, configured, _)| {
            vec![cell(*name), cell(now.clone()), cell(configured.clone())]
        })
        .collect();
    let fields: Vec<_> = lines
        .into_iter()
        .map(|(name, label, _, _, set)| {
            let id = format!("limit-{}", name.replace('_', "-"));
            view! {
                <p class="field">
                    <label for=id.clone()>{label}</label>
                    <input id=id name=name inputmode="decimal" maxlength="16" value=set.unwrap_or_default() />
                </p>
            }
        })
        .collect();
    let form = may_set.then(|| {
        view! {
            <form method="post" action=DeskSetLimits::PATH>
                <p class="hint">"An empty field is as configured. All servers follow from the next call on."</p>
                <div class="filter-grid">{fields}</div>
                <p class="field">
                    <label for="limit-reason">"Reason, for the log"</label>
                    <input id="limit-reason" name="reason" minlength="3" maxlength="500" required />
                </p>
                <button class="button" type="submit">
                    "Set limits"
                </button>
            </form>
        }
    });
    Ok(view! {
        {table("Limits of calls", &["Limit", "In force", "Configured"], rows, "")}
        {form}
        {changes(history)}
    }
    .into_any())
}

fn changes(history: Vec<LimitsRow>) -> impl IntoView {
    let clock = LocalTime::of_request();
    let rows = history
        .into_iter()
        .map(|row| {
            vec![
                cell(clock.lately(row.set_at)),
                cell(row.set_by),
                cell(told(&row.limits)),
                cell(row.reason),
            ]
        })
        .collect();
    table(
        "Changes of limits",
        &["When", "By", "Limits", "Reason"],
        rows,
        "No limit was changed here; everything is as configured.",
    )
}

/// What somebody set, in one line.
fn told(limits: &CallLimits) -> String {
    let CallLimits {
        calls_at_once,
        per_day,
        new_per_day,
        dear_per_minute,
        dear_per_day,
    } = limits;
    let said: Vec<String> = [
        calls_at_once.map(|calls| format!("{calls} at once")),
        per_day.map(|amount| format!("{} a day", amount.exact_text())),
        new_per_day.map(|amount| format!("{} a day when new", amount.exact_text())),
        dear_per_minute.map(|price| format!("dear from ${price}")),
        dear_per_day.map(|amount| format!("{} a day to a dear one", amount.exact_text())),
    ]
    .into_iter()
    .flatten()
    .collect();
    if said.is_empty() {
        "as configured".to_owned()
    } else {
        said.join(", ")
    }
}
