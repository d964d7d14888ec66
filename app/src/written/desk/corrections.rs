//! Corrections that wait for a second person.

use domain::adjustment::{AdjustmentRefusal, AdjustmentState};
use domain::staff::Right;
use domain::{Declined, Money, WalletId};
use ledger::{Adjust, AdjustmentRow};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::json;
use uuid::Uuid;

use super::{Page, cell, laid_out, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

#[server(endpoint = "desk_correct")]
pub(crate) async fn desk_correct(
    wallet_id: WalletId,
    adjustment_id: Uuid,
    amount: String,
    reason: String,
) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::Correct).await?;
    let ledger = context::ledger();
    let typed = amount.trim().replace('\u{2212}', "-");
    let amount: Money = Money::from_typed(&typed).map_err(|_| {
        context::refused_typing(Declined::Adjustment(AdjustmentRefusal::Amount), &typed)
    })?;
    let detail = json!({ "adjustment": adjustment_id, "amount": typed, "reason": reason });
    let ask = Adjust {
        wallet_id,
        adjustment_id,
        amount,
        reason,
        author: clerk.email.clone(),
        credit_expires_at: None,
    };
    let deed = clerk.deed_on("correct", wallet_id, detail);
    ledger
        .deed(deed, ledger.adjust(ask))
        .await
        .map(|_| ())
        .map_err(context::refused)
}

#[server(endpoint = "desk_decide")]
pub(crate) async fn desk_decide(
    wallet_id: WalletId,
    adjustment_id: Uuid,
    decision: String,
) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::Correct).await?;
    let ledger = context::ledger();
    let approve = decision == "approve";
    let act = if approve { "approve" } else { "refuse" };
    let deed = clerk.deed_on(act, wallet_id, json!({ "adjustment": adjustment_id }));
    let decided = ledger.decide_adjustment(wallet_id, adjustment_id, &clerk.email, approve);
    ledger
        .deed(deed, decided)
        .await
        .map(|_| ())
        .map_err(context::refused)
}

pub(super) async fn page(clerk: &Clerk) -> Result<Page, AppError> {
    let ledger = context::ledger();
    ledger
        .note_view(clerk.deed("view_corrections", "adjustment", ""))
        .await
        .map_err(context::refused)?;
    let waiting = ledger
        .waiting_adjustments(None)
        .await
        .map_err(context::refused)?;
    let content = view! {
        <p>"A correction above $50.00 is decided by somebody other than who asked for it."</p>
        {rows(waiting, clerk, "Nothing waits for a decision.")}
    };
    Ok(laid_out(clerk, "/desk/corrections", "Corrections", content))
}

/// Corrections as a table; those that wait with their two buttons.
pub(super) fn rows(
    corrections: Vec<AdjustmentRow>,
    clerk: &Clerk,
    empty: &'static str,
) -> impl IntoView + use<> {
    let clock = LocalTime::of_request();
    let may_decide = clerk.may(Right::Correct);
    let rows = corrections
        .into_iter()
        .map(|row| {
            let is_own = row.author.eq_ignore_ascii_case(&clerk.email);
            let address = format!("/desk/wallets/{}", row.wallet_id);
            vec![
                cell(clock.lately(row.asked_at)),
                view! { <a href=address>{row.amount.signed_text()}</a> }.into_any(),
                cell(row.reason.clone()),
                cell(row.author.clone()),
                match row.state {
                    AdjustmentState::Waiting if is_own || !may_decide => {
                        cell("Waits for a colleague")
                    }
                    AdjustmentState::Waiting => decide(&row).into_any(),
                    AdjustmentState::Posted => cell(said("Posted", row.approver)),
                    AdjustmentState::Refused => cell(said("Refused", row.approver)),
                },
            ]
        })
        .collect();
    table(
        "Corrections",
        &["Asked", "Amount", "Reason", "By", "State"],
        rows,
        empty,
    )
}

fn said(state: &str, by: Option<String>) -> String {
    by.map_or_else(|| state.to_owned(), |by| format!("{state} by {by}"))
}

fn decide(row: &AdjustmentRow) -> impl IntoView + use<> {
    let what = format!("{}: {}", row.amount.signed_text(), row.reason);
    view! {
        <form method="post" action=DeskDecide::PATH>
            <input type="hidden" name="wallet_id" value=row.wallet_id.to_string() />
            <input type="hidden" name="adjustment_id" value=row.adjustment_id.to_string() />
            <p class="actions">
                <button class="text-button" type="submit" name="decision" value="approve" aria-label=format!("Approve {what}")>
                    "Approve"
                </button>
                <button class="text-button" type="submit" name="decision" value="refuse" aria-label=format!("Refuse {what}")>
                    "Refuse"
                </button>
            </p>
        </form>
    }
}
