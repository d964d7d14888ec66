//! `/top-ups/{id}`: where a payment stands. It credits nothing: it says what the books say.

use std::time::Duration;

use domain::history::TopUpItem;
use domain::top_up::TopUpState;
use domain::{Money, TopUpId};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

use super::add_credit::StartTopUp;
use crate::ask::{Reply, ask};
use crate::components::answered::{Answered, show};
use crate::components::at_once::Boxed;
use crate::components::heading::Heading;
use crate::components::icon::{Icon, Sign};
use crate::components::post_form::{PostForm, Sending};
use crate::components::refusal::Summary;
use crate::error::AppError;
use crate::live::Live;
use crate::wire::Wire;
use crate::words;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TopUpStatus {
    pub(crate) top_up_id: TopUpId,
    pub(crate) state: TopUpState,
    pub(crate) amount: Money,
    pub(crate) bonus: Money,
    pub(crate) card: Option<String>,
    /// Why it did not work, and the next step.
    pub(crate) explanation: Option<String>,
    pub(crate) receipt: bool,
}

/// Where it stands now. While it is pending Stripe is asked too, in case its message was lost.
#[server(endpoint = "load_top_up", input = Wire, output = Wire)]
pub(crate) async fn load_top_up(top_up_id: String) -> Result<TopUpStatus, AppError> {
    use crate::context;
    let (ledger, visitor) = (context::ledger(), context::visitor().await?);
    let top_up_id = top_up_id
        .parse()
        .map_err(|_| context::refused(AppError::NotFound))?;
    let known = ledger
        .top_up(visitor.wallet_id, top_up_id)
        .await
        .map_err(context::refused)?;
    if known.state != TopUpState::Pending {
        return Ok(status(known));
    }
    // Stripe may be out of reach: then the top-up is as pending as before.
    let _ = ledger.nudge_top_up(visitor.wallet_id, top_up_id).await;
    ledger
        .top_up(visitor.wallet_id, top_up_id)
        .await
        .map(status)
        .map_err(context::refused)
}

fn status(item: TopUpItem) -> TopUpStatus {
    let explanation = match item.state {
        TopUpState::Failed => Some(words::decline(item.decline_code.as_deref()).to_owned()),
        _ => None,
    };
    TopUpStatus {
        top_up_id: item.top_up_id,
        state: item.state,
        amount: item.amount,
        bonus: item.bonus,
        card: words::card(item.card_brand.as_deref(), item.card_last4.as_deref()),
        explanation,
        receipt: item.has_receipt,
    }
}

/// Said when it takes longer than we ask for.
const PATIENCE: &str = "It takes longer than usual. You can leave this page: the credit appears in your wallet by itself.";

/// How often, and how many times, the page asks while the bank decides.
const ASK_EVERY: Duration = Duration::from_secs(2);
const ASK_AT_MOST: u64 = 60;

fn is_pending(reply: &Reply) -> bool {
    reply
        .read::<TopUpStatus>()
        .is_ok_and(|status| status.state == TopUpState::Pending)
}

#[component]
pub(crate) fn TopUpPage() -> impl IntoView {
    let params = use_params_map();
    let live = use_context::<Live>().unwrap_or_default();
    let asked = RwSignal::new(0_u64);
    let status = ask(move || {
        let top_up_id = params.with(|params| params.get("top_up_id").unwrap_or_default());
        (LoadTopUp { top_up_id }, asked.get() + live.track())
    });
    Effect::new(move |_| {
        let waiting = status.get().is_some_and(|reply| is_pending(&reply));
        if waiting && asked.get_untracked() < ASK_AT_MOST {
            set_timeout(
                move || {
                    asked.try_update(|times| *times += 1);
                },
                ASK_EVERY,
            );
        }
    });
    view! {
        <div class="narrow">
            <Heading text="Top-up" />
            <Answered
                asked=status
                space="form-space"
                show=show(move |status: TopUpStatus| view! { <Status status asked /> })
            />
        </div>
    }
    .boxed()
}

#[component]
fn Status(status: TopUpStatus, asked: RwSignal<u64>) -> impl IntoView {
    let state = status.state;
    let (sign, class) = match state {
        TopUpState::Pending => (Sign::Waiting, "status hold"),
        TopUpState::Settled => (Sign::Check, "status credit"),
        TopUpState::Failed => (Sign::Declined, "status alert"),
        TopUpState::Expired => (Sign::NotPaid, "status quiet"),
    };
    let said = match state {
        TopUpState::Pending => "Confirming with your bank".to_owned(),
        TopUpState::Settled => format!("{} added", status.amount.exact_text()),
        TopUpState::Failed => format!("{} not added", status.amount.exact_text()),
        TopUpState::Expired => format!("{} not paid", status.amount.exact_text()),
    };
    view! {
        <section class="card">
            <div class=class role="status">
                <Icon sign />
                <p class="status-text">{said}</p>
            </div>
            {match state {
                TopUpState::Pending => view! { <Waiting status asked /> }.boxed(),
                TopUpState::Settled => view! { <Settled status /> }.boxed(),
                TopUpState::Failed | TopUpState::Expired => view! { <Over status /> }.boxed(),
            }}
        </section>
    }
}

#[component]
fn Waiting(status: TopUpStatus, asked: RwSignal<u64>) -> impl IntoView {
    let start = Sending::to::<StartTopUp>();
    let error = start.refusal();
    let here = format!("/top-ups/{}", status.top_up_id);
    let patience = Signal::derive(move || {
        if asked.get() >= ASK_AT_MOST {
            PATIENCE
        } else {
            ""
        }
    });
    view! {
        <p>
            "We wait for the bank’s word on " {status.amount.exact_text()}
            ". This takes a few seconds, sometimes longer."
        </p>
        <p>{patience}</p>
        <Summary error field="resume" />
        <div class="actions">
            <a class="quiet-button" href=here rel="external">
                "Check again"
            </a>
            <PostForm sending=start>
                <input type="hidden" name="top_up_id" value=status.top_up_id.to_string() />
                <input type="hidden" name="pack" value=plain(status.amount) />
                <button class="text-button" type="submit" id="resume">
                    "Not paid yet? Open the payment page"
                </button>
            </PostForm>
        </div>
    }
}

/// An amount as forms send it.
fn plain(amount: Money) -> String {
    amount.decimal().normalize().to_string()
}

#[component]
fn Settled(status: TopUpStatus) -> impl IntoView {
    let bonus = (!status.bonus.is_zero()).then(|| {
        view! {
            <div>
                <dt>"Bonus"</dt>
                <dd class="amount credit">{status.bonus.signed_text()}</dd>
            </div>
        }
    });
    let card = status.card.map(|card| {
        view! {
            <div>
                <dt>"Paid with"</dt>
                <dd>{card}</dd>
            </div>
        }
    });
    let receipt = status.receipt.then(|| {
        let address = format!("/top-ups/{}/receipt", status.top_up_id);
        view! {
            <a class="quiet-button" href=address rel="external">
                "Receipt"
            </a>
        }
    });
    let refund = format!("/refunds/{}", status.top_up_id);
    view! {
        <dl class="facts">
            <div>
                <dt>"Top-up"</dt>
                <dd class="amount credit">{status.amount.signed_text()}</dd>
            </div>
            {bonus}
            {card}
        </dl>
        <div class="actions">
            <a class="button" href="/wallet">
                "Open your wallet"
            </a>
            {receipt}
            <a class="quiet-button" href=refund>
                "Refund"
            </a>
        </div>
    }
}

#[component]
fn Over(status: TopUpStatus) -> impl IntoView {
    let text = status.explanation.unwrap_or_else(|| {
        "The payment page closed before anything was paid. Nothing was charged.".into()
    });
    view! {
        <p>{text}</p>
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
