//! `/wallet`: how much there is, what is happening to it, and why it changed.

mod balance;
pub(crate) mod charge;
mod entries;
mod history;
pub(crate) mod notices;

use domain::history::TopUpItem;
use domain::{Money, TopUpId, Wallet};
use language::{MARK, around};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use crate::ask::ask;
use crate::components::answered::{Answered, show};
use crate::components::at_once::Boxed;
use crate::components::heading::Heading;
use crate::components::icon::{Icon, Sign};
use crate::components::post_form::Sending;
use crate::error::AppError;
use crate::live::Live;
use crate::pages::written::WrittenPart;
use crate::speech::Told;
use crate::wire::Wire;
use balance::Balance;
use entries::EntriesSection;
use history::HistorySection;
use notices::{DismissNotice, NoticeLine, Notices};

/// The wallet at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) wallet: Wallet,
    pub(crate) pending: Vec<Pending>,
    pub(crate) notices: Vec<NoticeLine>,
    /// What it buys, in words of the server.
    pub(crate) worth: String,
    /// When this was true: `2:41 PM`.
    pub(crate) as_of: String,
}

/// A top-up that waits for its payment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) top_up_id: TopUpId,
    pub(crate) amount: Money,
    pub(crate) bonus: Money,
}

impl From<&TopUpItem> for Pending {
    fn from(item: &TopUpItem) -> Self {
        Self {
            top_up_id: item.top_up_id,
            amount: item.amount,
            bonus: item.bonus,
        }
    }
}

#[server(endpoint = "load_wallet", input = Wire, output = Wire)]
pub(crate) async fn load_wallet() -> Result<Summary, AppError> {
    use crate::context;
    let overview = context::overview().await?;
    Ok(Summary {
        wallet: overview.wallet,
        pending: overview.pending.iter().map(Pending::from).collect(),
        notices: context::notice_lines(&overview.notices),
        worth: crate::written::destination::worth(&overview),
        as_of: context::LocalTime::of_request().clock_now(),
    })
}

#[component]
pub(crate) fn WalletPage() -> impl IntoView {
    let live = use_context::<Live>().unwrap_or_default();
    let address = use_query_map();
    let shows_entries = Memo::new(move |_| address.with(|a| a.get_str("show") == Some("entries")));
    let dismiss = Sending::to::<DismissNotice>();
    let summary = ask(move || (LoadWallet {}, live.track() + dismiss.done()));
    let shown = StoredValue::new(None);
    view! {
        <div class="wallet">
            <Heading text=say!(wallet::TITLE) />
            <div class="wallet-now">
                <Answered
                    asked=summary
                    space="balance-space"
                    show=show(move |summary: Summary| view! { <Now summary shown dismiss /> })
                />
                <WrittenPart name="part:live-calls" space="" />
                <WrittenPart name="part:balance-line" space="line-space" />
            </div>
            {move || {
                if shows_entries.get() {
                    view! { <EntriesSection /> }.boxed()
                } else {
                    view! { <HistorySection /> }.boxed()
                }
            }}
        </div>
    }
    .boxed()
}

#[component]
fn Now(summary: Summary, shown: StoredValue<Option<Money>>, dismiss: Sending) -> impl IntoView {
    let cards: Vec<_> = summary
        .pending
        .into_iter()
        .map(|pending| view! { <PendingCard pending /> })
        .collect();
    view! {
        <Balance wallet=summary.wallet worth=summary.worth as_of=summary.as_of shown />
        <p class="actions">
            <a class="button" href="/add-credit">
                {say!(wallet::ADD_CREDIT)}
            </a>
            <a class="quiet-button" href="/call">
                {say!(wallet::CALL)}
            </a>
            <a class="quiet-button" href="/auto-refill">
                {say!(wallet::AUTO_REFILL)}
            </a>
        </p>
        {cards}
        <Notices notices=summary.notices dismiss />
    }
}

/// Money on its way, while it is.
#[component]
fn PendingCard(pending: Pending) -> impl IntoView {
    let address = format!("/top-ups/{}", pending.top_up_id);
    let amount = pending.amount.exact_told();
    let said = if pending.bonus.is_zero() {
        say!(wallet::WILL_BE_ADDED, amount = MARK)
    } else {
        let bonus = pending.bonus.exact_told();
        say!(wallet::WILL_BE_ADDED_WITH, amount = MARK, bonus = bonus)
    };
    let (before, after) = around(&said);
    view! {
        <section class="card live" aria-label=say!(wallet::ON_ITS_WAY)>
            <p class="live-state hold">
                <Icon sign=Sign::Waiting />
                {say!(wallet::WAITING)}
            </p>
            <p>
                {before} <span class="amount">{amount}</span> {after}
            </p>
            <p>
                <a href=address>{say!(wallet::SEE_WHERE)}</a>
            </p>
        </section>
    }
}
