//! Disputes as cases: what must be answered until when, and what we hold to answer it with.

use ledger::DisputeCase;
use leptos::prelude::*;

use super::{Page, cell, laid_out, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

pub(super) async fn page(clerk: &Clerk) -> Result<Page, AppError> {
    let ledger = context::ledger();
    ledger
        .note_view(clerk.deed("view_disputes", "dispute", ""))
        .await
        .map_err(context::refused)?;
    let cases = ledger.disputes(None).await.map_err(context::refused)?;
    let content = view! {
        <p>
            "Answered at Stripe, with what stands beside each case. The customer's page has the calls, the receipts and the sessions one by one."
        </p>
        {rows(cases, "No bank asks about a payment.")}
    };
    Ok(laid_out(clerk, "/desk/disputes", "Disputes", content))
}

/// Cases as a table, each with its evidence.
pub(super) fn rows(cases: Vec<DisputeCase>, empty: &'static str) -> impl IntoView + use<> {
    let clock = LocalTime::of_request();
    let rows = cases
        .into_iter()
        .map(|case| {
            let address = format!("/desk/wallets/{}", case.wallet_id);
            let last = case
                .last_call_at
                .map_or_else(String::new, |at| format!(", the last {}", clock.lately(at)));
            let evidence = format!(
                "{} of {} min since the payment{last}; {}; receipt {}",
                counted(case.calls, "call"),
                case.talked_seconds / 60,
                counted(case.sessions, "session"),
                case.receipt_number.as_deref().unwrap_or("not sent yet")
            );
            vec![
                cell(case.due_by.map_or("–".into(), |at| clock.full(at))),
                view! { <a href=address>{case.email.to_string()}</a> }.into_any(),
                cell(case.state.word()),
                cell(case.amount.exact_text()),
                cell(case.withdrawn.exact_text()),
                cell(case.reason.replace('_', " ")),
                view! { <span class="said">{evidence}</span> }.into_any(),
                cell(case.dispute_id),
            ]
        })
        .collect();
    table(
        "Disputes",
        &[
            "Answer by",
            "Customer",
            "State",
            "Amount",
            "Taken",
            "Reason",
            "Evidence",
            "Dispute",
        ],
        rows,
        empty,
    )
}

/// `1 call`, `2 calls`.
fn counted(count: i64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_counted_without_an_s() {
        assert_eq!(counted(0, "call"), "0 calls");
        assert_eq!(counted(1, "session"), "1 session");
        assert_eq!(counted(2, "call"), "2 calls");
    }
}
