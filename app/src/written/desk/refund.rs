//! `/desk/wallets/{wallet}/refunds/{top-up}`: what a refund comes to, before support asks for it.

use domain::refund::{Refund, RefundRefusal};
use domain::staff::Right;
use domain::{Declined, Money, TopUpId, WalletId};
use ledger::{RefundBy, RefundDraft};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::json;
use uuid::Uuid;

use super::{Page, Query, cell, laid_out, section, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

#[server(endpoint = "desk_refund")]
pub(crate) async fn desk_refund(
    wallet_id: WalletId,
    top_up_id: TopUpId,
    refund_id: Uuid,
    credit: String,
) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::Refund).await?;
    let ledger = context::ledger();
    let amount = Money::from_typed(&credit).map_err(|_| {
        context::refused_typing(Declined::Refund(RefundRefusal::NotAnAmount), &credit)
    })?;
    let ask = ledger::AskRefund {
        top_up_id,
        refund_id,
        credit: amount,
        by: RefundBy::Support,
    };
    let detail = json!({ "top_up": top_up_id, "refund": refund_id, "credit": amount });
    let deed = clerk.deed_on("refund", wallet_id, detail);
    ledger
        .deed(deed, ledger.ask_refund(wallet_id, ask))
        .await
        .map(|_| ())
        .map_err(context::refused)
}

pub(super) async fn page(
    clerk: &Clerk,
    wallet: &str,
    top_up: &str,
    query: &Query,
) -> Result<Page, AppError> {
    let (Ok(wallet_id), Ok(top_up_id)) = (wallet.parse::<WalletId>(), top_up.parse::<TopUpId>())
    else {
        return Err(context::refused(AppError::NotFound));
    };
    let ledger = context::ledger();
    let draft = ledger
        .refund_draft(wallet_id, top_up_id, RefundBy::Support)
        .await
        .map_err(context::refused)?;
    ledger
        .note_view(clerk.deed_on("view_refund", wallet_id, json!({ "top_up": top_up_id })))
        .await
        .map_err(context::refused)?;
    let typed = query.get("credit").to_owned();
    let asked = draft.best.and_then(|best| match typed.as_str() {
        "" => Ok(best),
        typed => Money::from_typed(typed)
            .map_err(|_| RefundRefusal::NotAnAmount)
            .and_then(|credit| draft.purchased.refund(credit, &ledger.rules().top_up)),
    });
    let calculation = match asked {
        Ok(refund) => calculation(wallet_id, top_up_id, refund).into_any(),
        Err(refusal) => {
            let said = AppError::from(Declined::Refund(refusal)).text();
            view! { <p class="note hold">{said}</p> }.into_any()
        }
    };
    let suggested = match asked.or(draft.best) {
        Ok(refund) if typed.is_empty() => plain(refund.credit),
        _ => typed,
    };
    let content = view! {
        <p>
            <a href=format!("/desk/wallets/{wallet_id}")>"Back to the customer"</a>
        </p>
        <form method="get" action=format!("/desk/wallets/{wallet_id}/refunds/{top_up_id}")>
            <p class="field">
                <label for="credit">"Paid credit to return"</label>
                <input id="credit" name="credit" inputmode="decimal" value=suggested maxlength="12" />
                <span class="hint">
                    {format!("Up to {}, in dollars and cents.", draft.purchased.most().exact_text())}
                </span>
            </p>
            <button class="quiet-button" type="submit">
                "Calculate"
            </button>
        </form>
        {section("calculation", "What it comes to", calculation)}
        {section("before", "Refunds of this top-up", before(&draft))}
    };
    Ok(laid_out(clerk, "", "Refund", content))
}

/// After it the customer stands as if only the rest had been bought.
fn calculation(wallet_id: WalletId, top_up_id: TopUpId, refund: Refund) -> impl IntoView {
    let lines: Vec<_> = [
        ("Credit returned", refund.credit),
        ("Bonus taken back", refund.from_bonus),
        ("Bonus spent, kept back from the money", refund.from_money),
        ("Back to the card", refund.back),
    ]
    .into_iter()
    .map(|(name, amount)| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{amount.exact_text()}</dd>
            </div>
        }
    })
    .collect();
    view! {
        <dl class="facts">{lines}</dl>
        <form method="post" action=DeskRefund::PATH>
            <input type="hidden" name="wallet_id" value=wallet_id.to_string() />
            <input type="hidden" name="top_up_id" value=top_up_id.to_string() />
            <input type="hidden" name="refund_id" value=Uuid::now_v7().to_string() />
            <input type="hidden" name="credit" value=plain(refund.credit) />
            <button class="button" type="submit">
                {format!("Refund {}", refund.back.exact_text())}
            </button>
        </form>
    }
}

fn before(draft: &RefundDraft) -> impl IntoView + use<> {
    let clock = LocalTime::of_request();
    let rows = draft
        .refunds
        .iter()
        .map(|refund| {
            vec![
                cell(clock.lately(refund.asked_at)),
                cell(refund.amount.exact_text()),
                cell(refund.state.word()),
            ]
        })
        .collect();
    table(
        "Refunds of this top-up",
        &["Asked", "Amount", "State"],
        rows,
        "Nothing of this top-up was refunded so far.",
    )
}

/// An amount as forms send it.
fn plain(amount: Money) -> String {
    amount.decimal().normalize().to_string()
}
