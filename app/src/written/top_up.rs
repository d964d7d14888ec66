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
    Ok(Page::narrow("Top-up", status(item)))
}

fn status(item: TopUpItem) -> impl IntoView {
    let amount = item.amount.exact_text();
    let (sign, class, said) = match item.state {
        TopUpState::Pending => (
            Sign::Waiting,
            "status hold",
            "Confirming with your bank".to_owned(),
        ),
        TopUpState::Settled => (Sign::Check, "status credit", format!("{amount} added")),
        TopUpState::Failed => (
            Sign::Declined,
            "status alert",
            format!("{amount} not added"),
        ),
        TopUpState::Expired => (Sign::NotPaid, "status quiet", format!("{amount} not paid")),
    };
    let more = match item.state {
        TopUpState::Pending => waiting(item).boxed(),
        TopUpState::Settled => settled(item).boxed(),
        TopUpState::Failed => over(words::decline(item.decline_code.as_deref())).boxed(),
        TopUpState::Expired => {
            over("The payment page closed before anything was paid. Nothing was charged.").boxed()
        }
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
            "We wait for the bank’s word on " {item.amount.exact_text()}
            ". This takes a few seconds, sometimes longer. You can leave this page: the credit appears in your wallet by itself."
        </p>
        <div class="actions">
            <a class="quiet-button" href=here rel="external">
                "Check again"
            </a>
            <form method="post" action=StartTopUp::PATH>
                <input type="hidden" name="top_up_id" value=item.top_up_id.to_string() />
                <input type="hidden" name="pack" value=plain(item.amount) />
                <button class="text-button" type="submit">
                    "Not paid yet? Open the payment page"
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
                <dt>"Bonus"</dt>
                <dd class="amount credit">{item.bonus.signed_text()}</dd>
            </div>
        }
    });
    let card = words::card(item.card_brand.as_deref(), item.card_last4.as_deref()).map(|card| {
        view! {
            <div>
                <dt>"Paid with"</dt>
                <dd>{card}</dd>
            </div>
        }
    });
    let receipt = item.has_receipt.then(|| {
        let address = format!("/top-ups/{}/receipt", item.top_up_id);
        view! {
            <a class="quiet-button" href=address rel="external">
                "Receipt"
            </a>
        }
    });
    let invoice = item.has_invoice.then(|| {
        let address = format!("/top-ups/{}/invoice", item.top_up_id);
        let file = format!("{address}.pdf");
        view! {
            <a class="quiet-button" href=address rel="external">
                "Invoice"
            </a>
            <a class="quiet-button" href=file rel="external">
                "Invoice (PDF)"
            </a>
        }
    });
    let refund = format!("/refunds/{}", item.top_up_id);
    view! {
        <dl class="facts">
            <div>
                <dt>"Top-up"</dt>
                <dd class="amount credit">{item.amount.signed_text()}</dd>
            </div>
            {bonus}
            {card}
        </dl>
        <div class="actions">
            <a class="button" href="/wallet">
                "Open your wallet"
            </a>
            {receipt}
            {invoice}
            <a class="quiet-button" href=refund>
                "Refund"
            </a>
        </div>
    }
}

fn over(why: &'static str) -> impl IntoView {
    view! {
        <p>{why}</p>
        <div class="actions">
            <a class="button" href="/add-credit">
                "Add credit again"
            </a>
            <a class="quiet-button" href="/wallet">
                "Back to your wallet"
            </a>
        </div>
    }
}
