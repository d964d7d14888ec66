//! Auto-refill: how it stands, and what it tried.

use domain::WalletId;
use domain::card::brand_name;
use domain::refill::decline_reason;
use ledger::{RefillTrace, RefillView};
use leptos::prelude::*;

use super::{cell, section, table};
use crate::context::{self, LocalTime};
use crate::error::AppError;

pub(super) async fn section_of(wallet_id: WalletId) -> Result<AnyView, AppError> {
    let ledger = context::ledger();
    let refill = ledger.refill(wallet_id).await.map_err(context::refused)?;
    let attempts = ledger
        .refill_traces(wallet_id)
        .await
        .map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let rows = attempts
        .into_iter()
        .map(|attempt| row(attempt, &clock))
        .collect();
    let content = view! {
        {facts(&refill, &clock)}
        {table(
            "Attempts of auto-refill",
            &["Decided", "Amount", "Card", "Outcome", "Why", "Asked", "Payment"],
            rows,
            "Auto-refill has charged nothing yet.",
        )}
    };
    Ok(section("refill", "Auto-refill", content))
}

fn facts(refill: &RefillView, clock: &LocalTime) -> impl IntoView + use<> {
    let card = refill.card.as_ref();
    let state = match (refill.reason, refill.until) {
        (Some(reason), _) => format!("{}: {}", refill.state.word(), reason.word()),
        (None, Some(until)) => format!("{} until {}", refill.state.word(), clock.lately(until)),
        (None, None) => refill.state.word().to_owned(),
    };
    let mut facts = vec![
        ("State", state.replace('_', " ")),
        (
            "Card",
            card.map_or("none saved".into(), |saved| saved.card.name()),
        ),
        ("Charged this month", refill.used.exact_text()),
    ];
    if let Some(terms) = &refill.terms {
        facts.push(("When balance drops below", terms.threshold.exact_text()));
        facts.push(("Refill amount", terms.amount.exact_text()));
        facts.push(("Monthly cap", terms.monthly_cap.exact_text()));
    }
    if let Some((consent, at)) = &refill.consent {
        facts.push(("Agreed to", format!("{consent} ({})", clock.lately(*at))));
    }
    let facts: Vec<_> = facts
        .into_iter()
        .map(|(name, value)| {
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            }
        })
        .collect();
    view! { <dl class="facts">{facts}</dl> }
}

fn row(attempt: RefillTrace, clock: &LocalTime) -> Vec<AnyView> {
    let card = attempt
        .last4
        .map(|last4| {
            let brand = attempt.brand.as_deref().unwrap_or_default();
            format!("{} ····{last4}", brand_name(brand).unwrap_or("Card"))
        })
        .unwrap_or_default();
    let outcome = match attempt.ended_at {
        Some(at) => format!("{} {}", attempt.state, clock.lately(at)),
        None => attempt.state,
    };
    let why = attempt.decline_code.map(|code| {
        let advice = attempt
            .advice_code
            .map_or_else(String::new, |advice| format!(", {advice}"));
        format!("{} ({code}{advice})", decline_reason(&code))
    });
    vec![
        cell(clock.lately(attempt.decided_at)),
        cell(attempt.amount.exact_text()),
        cell(card),
        cell(outcome),
        cell(why.unwrap_or_default()),
        cell(format!("{} times", attempt.sends)),
        cell(attempt.payment_id.unwrap_or_default()),
    ]
}
