//! Taking everything along, and closing the account.

use domain::Money;
use ledger::RefundDraft;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::address::ReturnTo;
use crate::context;
use crate::error::AppError;
use crate::speech::Told;
use crate::words;
use crate::written::Page;

/// Sends back what can be refunded, closes the account for good, and ends every session of it.
#[server(endpoint = "close_account")]
pub(crate) async fn close_account(#[server(default)] sure: String) -> Result<(), AppError> {
    let visitor = context::recent_visitor("/account/close").await?;
    // The box is required by the form; who sends it without is not sure.
    if sure.is_empty() {
        return Err(context::refused(AppError::NotFound));
    }
    let (ledger, wallet_id) = (context::ledger(), visitor.wallet_id);
    ledger
        .require_closable(wallet_id)
        .await
        .map_err(context::refused)?;
    ledger
        .refund_everything(wallet_id)
        .await
        .map_err(context::refused)?;
    ledger
        .close_account(visitor.customer_id, wallet_id)
        .await
        .map_err(context::refused)?;
    context::sign_out().await?;
    context::redirect_to(&ReturnTo::read("/"));
    Ok(())
}

/// On the account page: where to go for both.
pub(super) fn sections() -> impl IntoView {
    let (before, words, after) = language::link(&say!(account::EXPORT_SAID));
    view! {
        <section class="card" aria-labelledby="export">
            <h2 id="export">{say!(account::EXPORT)}</h2>
            <p class="quiet">
                {before} <a href="/statements">{words}</a> {after}
            </p>
            <p>
                <a class="quiet-button" href="/account/export.json" rel="external" download>
                    {say!(account::EXPORT)}
                </a>
            </p>
        </section>
        <section class="card" aria-labelledby="close">
            <h2 id="close">{say!(account::CLOSE)}</h2>
            <p class="quiet">
                {say!(account::CLOSE_SAID)}
            </p>
            <p>
                <a class="quiet-button" href="/account/close">
                    {say!(account::CLOSE)}
                </a>
            </p>
        </section>
    }
}

pub(super) async fn page() -> Result<Page, AppError> {
    let visitor = context::visitor().await?;
    let (ledger, wallet_id) = (context::ledger(), visitor.wallet_id);
    let wallet = ledger.wallet(wallet_id).await.map_err(context::refused)?;
    let drafts = ledger.refundable(wallet_id).await;
    let refunds = refunds(&drafts.map_err(context::refused)?, wallet.available());
    let (before, words, after) = language::link(&say!(close::EXPORT_FIRST));
    let content = view! {
        <p>{say!(close::CANNOT_BE_UNDONE)}</p>
        <ul class="bullets">
            <li>{say!(close::ERASED_WAYS_IN)}</li>
            <li>{say!(close::ERASED_CARDS)}</li>
            <li>{say!(close::ERASED_NUMBERS)}</li>
            <li>{say!(close::ERASED_MESSAGES)}</li>
        </ul>
        {refunds}
        <p>
            {before}
            <a href="/account/export.json" rel="external" download>
                {words}
            </a>
            {after}
        </p>
        <form method="post" action=CloseAccount::PATH>
            <label class="choice">
                <input type="checkbox" name="sure" value="yes" required />
                <span>{say!(close::SURE)}</span>
            </label>
            <button class="quiet-button" type="submit">
                {say!(account::CLOSE)}
            </button>
        </form>
    };
    Ok(Page::narrow(say!(account::CLOSE), content))
}

/// What goes back to which card when the account is closed, and what is gone then.
fn refunds(drafts: &[RefundDraft], available: Money) -> Option<AnyView> {
    if available.is_zero() {
        return None;
    }
    let best: Vec<_> = drafts
        .iter()
        .filter_map(|draft| Some((&draft.top_up, draft.best.as_ref().ok()?)))
        .collect();
    let taken: Money = best.iter().map(|(_, one)| one.back + one.clawback).sum();
    let lost = (available - taken).max(Money::ZERO);
    let lines: Vec<_> = best
        .iter()
        .map(|(top_up, one)| {
            let card = words::card(top_up.card_brand.as_deref(), top_up.card_last4.as_deref());
            let card = card.unwrap_or_else(|| say!(notice::YOUR_CARD));
            view! {
                <div>
                    <dt>{say!(close::BACK_TO, card = card)}</dt>
                    <dd class="amount">{one.back.exact_told()}</dd>
                </div>
            }
        })
        .collect();
    let content = view! {
        <section class="card" aria-labelledby="left">
            <h2 id="left">{say!(close::IN_YOUR_WALLET)}</h2>
            <dl class="facts">
                {lines} <div>
                    <dt>{say!(close::GIVEN_UP)}</dt>
                    <dd class="amount">{lost.exact_told()}</dd>
                </div>
            </dl>
            <p class="quiet small">
                {say!(close::WHAT_GOES_BACK)}
            </p>
        </section>
    };
    Some(content.into_any())
}
