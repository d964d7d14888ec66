//! What calls may take, set beside the configuration.

use domain::Declined;
use domain::price_list::PriceRefusal;
use domain::staff::Right;
use ledger::{CallLimits, LimitsRow};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::json;

use super::{cell, short, table};
use crate::context::{self, LocalTime};
use crate::error::AppError;

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

pub(super) async fn limits(may_set: bool) -> Result<AnyView, AppError> {
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
