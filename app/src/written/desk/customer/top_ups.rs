//! Purchases, with their names at Stripe and the way to a refund.

use domain::WalletId;
use domain::staff::Right;
use leptos::prelude::*;

use super::{cell, section, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

pub(super) async fn section_of(clerk: &Clerk, wallet_id: WalletId) -> Result<AnyView, AppError> {
    let traces = context::ledger()
        .top_up_traces(wallet_id)
        .await
        .map_err(context::refused)?;
    let may_refund = clerk.may(Right::Refund);
    let clock = LocalTime::of_request();
    let rows = traces
        .into_iter()
        .map(|trace| {
            let refund = (may_refund && trace.state == "settled").then(|| {
                let address = format!("/desk/wallets/{wallet_id}/refunds/{}", trace.top_up_id);
                let label = format!("Refund {}", trace.amount.exact_text());
                view! { <a href=address aria-label=label>"Refund"</a> }
            });
            let trouble = [trace.decline_code, trace.alarm];
            let trouble: Vec<_> = trouble.into_iter().flatten().collect();
            vec![
                cell(clock.lately(trace.started_at)),
                cell(trace.amount.exact_text()),
                cell(trace.bonus.exact_text()),
                cell(format!("{}, {}", trace.source, trace.state)),
                cell(trace.payment_id.unwrap_or_default()),
                cell(trace.receipt_number.unwrap_or_default()),
                cell(trouble.join(", ")),
                refund.into_any(),
            ]
        })
        .collect();
    let content = table(
        "Top-ups",
        &[
            "Started", "Amount", "Bonus", "State", "Payment", "Receipt", "Trouble", "Refund",
        ],
        rows,
        "Nothing was bought yet.",
    );
    Ok(section("top-ups", "Top-ups", content))
}
