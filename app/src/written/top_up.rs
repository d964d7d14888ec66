//! `/top-ups/{id}`: where a payment stands. It credits nothing: it says what the books say.

use domain::Money;
use domain::history::TopUpItem;
use domain::top_up::TopUpState;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::Page;
use crate::components::at_once::Boxed;
use crate::components::icon::{Icon, Sign};
use crate::context;
use crate::error::AppError;
use crate::pages::add_credit::StartTopUp;
use crate::speech::Told;
use crate::words;

/// While it is pending Stripe is asked too, in case its message was lost.
pub(crate) async fn page(top_up_id: &str) -> Result<Page, AppError> {
    let (ledger, visitor) = (context::ledger(), context::visitor().await?);
    let top_up_id = top_up_id
        .parse()
        .map_err(|_| context::refused(AppError::NotFound))?;
    let mut item = ledger
        .top_up(visitor.wallet_id, top_up_id)
        .await
        .map_err(context::refused)?;
    if item.state == TopUpState::Pending {
        // Stripe may be out of reach: then the top-up is as pending as before.
        let _ = ledger.nudge_top_up(visitor.wallet_id, top_up_id).await;
        item = ledger
            .top_up(visitor.wallet_id, top_up_id)
            .await
            .map_err(context::refused)?;
    }
    Ok(Page::narrow(say!(top_up::TITLE), status(item)))
}

fn status(item: TopUpItem) -> impl IntoView {
    let amount = item.amount.exact_told();
    let (sign, class, said) = match item.state {
        TopUpState::Pending => (Sign::Waiting, "status hold", say!(top_up::CONFIRMING)),
        TopUpState::Settled => (
            Sign::Check,
            "status credit",
            say!(top_up::ADDED, amount = amount),
        ),
        TopUpState::Failed => (
            Sign::Declined,
            "status alert",
            say!(top_up::NOT_ADDED, amount = amount),
        ),
        TopUpState::Expired => (
            Sign::NotPaid,
            "status quiet",
            say!(top_up::NOT_PAID, amount = amount),
        ),
    };
    let more = match item.state {
        TopUpState::Pending => waiting(item).boxed(),
        TopUpState::Settled => settled(item).boxed(),
        TopUpState::Failed => over(words::decline(item.decline_code.as_deref())).boxed(),
        TopUpState::Expired => over(say!(row::PAGE_CLOSED)).boxed(),
    };
    view! {
        <section class="card" id="live" aria-live="polite">
            <div class=class role="status">
                <Icon sign />
                <p class="status-text">{said}</p>
            </div>
            {more}
        </section>
    }
}

/// Asked for again every few seconds, as long as it waits.
fn waiting(item: TopUpItem) -> impl IntoView {
    let here = format!("/top-ups/{}", item.top_up_id);
    view! {
        <p data-waits="">
            {say!(top_up::WAITING, amount = item.amount.exact_told())}
        </p>
        <div class="actions">
            <a class="quiet-button" href=here rel="external">
                {say!(top_up::CHECK_AGAIN)}
            </a>
            <form method="post" action=StartTopUp::PATH>
                <input type="hidden" name="top_up_id" value=item.top_up_id.to_string() />
                <input type="hidden" name="pack" value=plain(item.amount) />
                <button class="text-button" type="submit">
                    {say!(top_up::NOT_PAID_YET)}
                </button>
            </form>
        </div>
    }
}

/// An amount as forms send it.
fn plain(amount: Money) -> String {
    amount.decimal().normalize().to_string()
}

fn settled(item: TopUpItem) -> impl IntoView {
    let bonus = (!item.bonus.is_zero()).then(|| {
        view! {
            <div>
                <dt>{say!(transfer::BONUS)}</dt>
                <dd class="amount credit">{item.bonus.signed_told()}</dd>
            </div>
        }
    });
    let card = words::card(item.card_brand.as_deref(), item.card_last4.as_deref()).map(|card| {
        view! {
            <div>
                <dt>{say!(top_up::PAID_WITH)}</dt>
                <dd>{card}</dd>
            </div>
        }
    });
    let receipt = item.has_receipt.then(|| {
        let address = format!("/top-ups/{}/receipt", item.top_up_id);
        view! {
            <a class="quiet-button" href=address rel="external">
                {say!(row::RECEIPT)}
            </a>
        }
    });
    let invoice = item.has_invoice.then(|| {
        let address = format!("/top-ups/{}/invoice", item.top_up_id);
        let file = format!("{address}.pdf");
        view! {
            <a class="quiet-button" href=address rel="external">
                {say!(row::INVOICE)}
            </a>
            <a class="quiet-button" href=file rel="external">
                {say!(row::INVOICE_PDF)}
            </a>
        }
    });
    let refund = format!("/refunds/{}", item.top_up_id);
    view! {
        <dl class="facts">
            <div>
                <dt>{say!(top_up::TITLE)}</dt>
                <dd class="amount credit">{item.amount.signed_told()}</dd>
            </div>
            {bonus}
            {card}
        </dl>
        <div class="actions">
            <a class="button" href="/wallet">
                {say!(not_found::OPEN_WALLET)}
            </a>
            {receipt}
            {invoice}
            <a class="quiet-button" href=refund>
                {say!(top_up::REFUND)}
            </a>
        </div>
    }
}

fn over(why: String) -> impl IntoView {
    view! {
        <p>{why}</p>
        <div class="actions">
            <a class="button" href="/add-credit">
                {say!(top_up::ADD_AGAIN)}
            </a>
            <a class="quiet-button" href="/wallet">
                {say!(shell::BACK_TO_WALLET)}
            </a>
        </div>
    }
}
