//! `/messages`: what was written to the customer's numbers; what waits for credit, and who is kept away.

use domain::Money;
use domain::message::MessageState;
use ledger::{BlockedSender, MessageLine};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Page, Query};
use crate::address::escape;
use crate::context::number::whole;
use crate::context::{self, LocalTime};
use crate::error::AppError;
use crate::pages::messages::{BlockSender, UnblockSender};
use crate::speech::Told;

/// As many as one page of them holds.
const PAGE: usize = 50;

pub(crate) async fn page(query: &Query) -> Result<Page, AppError> {
    let visitor = context::visitor().await?;
    let ledger = context::ledger();
    let before = Some(query.get("before")).filter(|before| !before.is_empty());
    let messages = ledger.messages(visitor.wallet_id, before).await;
    let messages = messages.map_err(context::refused)?;
    let blocked = ledger.blocked_senders(visitor.wallet_id).await;
    let blocked = blocked.map_err(context::refused)?;
    let today = ledger.messages_today(visitor.wallet_id).await;
    let (today, cap) = today.map_err(context::refused)?;
    let content = view! {
        <div id="live">{list(&messages, before.is_some())}</div>
        <section class="card" aria-labelledby="cost">
            <h2 id="cost">{say!(messages::COST)}</h2>
            <p>{cost(ledger.rules().message.segment_price, today, cap)}</p>
        </section>
        {blocked_section(&blocked)}
    };
    Ok(Page::narrow(say!(messages::TITLE), content))
}

fn cost(price: Money, today: Money, cap: Money) -> String {
    say!(
        messages::COST_SAID,
        price = price.exact_told(),
        cap = cap.exact_told(),
        today = today.exact_told()
    )
}

fn list(messages: &[MessageLine], is_later_page: bool) -> impl IntoView + use<> {
    let clock = LocalTime::of_request();
    let older = (messages.len() == PAGE)
        .then(|| messages.last())
        .flatten()
        .map(|last| format!("/messages?before={}", escape(&last.message_id)));
    let lines: Vec<_> = messages
        .iter()
        .map(|message| line(message, &clock))
        .collect();
    if lines.is_empty() {
        return view! {
            <p class="empty">
                {if is_later_page {
                    say!(messages::NO_OLDER)
                } else {
                    say!(messages::NONE)
                }}
            </p>
        }
        .into_any();
    }
    view! {
        <ul class="messages" role="list">
            {lines}
        </ul>
        <nav class="pages" aria-label=say!(messages::PAGES)>
            {is_later_page.then(|| view! { <a class="quiet-button" href="/messages">{say!(history::FIRST_PAGE)}</a> })}
            {older.map(|address| view! { <a class="quiet-button" href=address>{say!(history::OLDER)}</a> })}
        </nav>
    }
    .into_any()
}

fn line(message: &MessageLine, clock: &LocalTime) -> impl IntoView + use<> {
    let sender = message.sender.clone().unwrap_or_default();
    let shown = if sender.len() >= 7 && sender.bytes().all(|byte| byte.is_ascii_digit()) {
        whole(&sender)
    } else if sender.is_empty() {
        say!(messages::ERASED)
    } else {
        sender.clone()
    };
    let body = match (message.state, &message.body) {
        (MessageState::Delivered, Some(body)) => {
            view! { <p class="message-text">{body.clone()}</p> }.into_any()
        }
        (MessageState::Parked, _) => {
            let until = message.parked_until.map(|until| clock.lately(until));
            let until = say!(
                messages::UNTIL,
                until = until.unwrap_or_default(),
                amount = message.charge.exact_told()
            );
            view! {
                <p>
                    <strong class="hold">{say!(messages::WAITING)}</strong>
                    " " {until} " "
                    <a href="/add-credit">{say!(wallet::ADD_CREDIT)}</a>
                </p>
            }
            .into_any()
        }
        (MessageState::Lapsed | MessageState::Blocked, _) => {
            view! { <p class="quiet">{say!(messages::LET_GO)}</p> }.into_any()
        }
        (MessageState::Delivered, None) => {
            view! { <p class="quiet">{say!(messages::ERASED)}</p> }.into_any()
        }
    };
    let charged = (message.state == MessageState::Delivered)
        .then(|| format!(" · {}", message.charge.exact_told()));
    let block = (!sender.is_empty()).then(|| {
        view! {
            <form method="post" action=BlockSender::PATH>
                <input type="hidden" name="sender" value=sender />
                <button class="text-button" type="submit" aria-label=say!(messages::BLOCK_WHICH, sender = &shown)>
                    {say!(messages::BLOCK)}
                </button>
            </form>
        }
    });
    view! {
        <li class="session">
            <div>
                <p class="session-device">{shown}</p>
                {body}
                <p class="quiet">
                    <time datetime=clock.machine(message.received_at) title=clock.full(message.received_at)>
                        {clock.lately(message.received_at)}
                    </time>
                    {charged}
                </p>
            </div>
            {block}
        </li>
    }
}

fn blocked_section(blocked: &[BlockedSender]) -> impl IntoView + use<> {
    let clock = LocalTime::of_request();
    let lines: Vec<_> = blocked
        .iter()
        .map(|blocked| {
            let BlockedSender {
                sender,
                blocked_at,
                kept_away,
            } = blocked.clone();
            let shown = if sender.len() >= 7 && sender.bytes().all(|b| b.is_ascii_digit()) {
                whole(&sender)
            } else {
                sender.clone()
            };
            let kept = match kept_away {
                0 => String::new(),
                count => say!(messages::KEPT_AWAY, count = count),
            };
            view! {
                <li class="session">
                    <div>
                        <p class="session-device">{shown.clone()}</p>
                        <p class="quiet">{say!(messages::BLOCKED_AT, when = clock.lately(blocked_at))} {kept}</p>
                    </div>
                    <form method="post" action=UnblockSender::PATH>
                        <input type="hidden" name="sender" value=sender />
                        <button class="text-button" type="submit" aria-label=say!(messages::LET_IN_WHICH, sender = &shown)>
                            {say!(messages::LET_IN)}
                        </button>
                    </form>
                </li>
            }
        })
        .collect();
    let none = lines.is_empty().then(|| {
        view! { <p class="empty">{say!(messages::NOBODY)}</p> }
    });
    view! {
        <section class="card" aria-labelledby="blocked">
            <h2 id="blocked">{say!(messages::BLOCKED)}</h2>
            {none}
            {(!lines.is_empty())
                .then(|| view! { <ul class="sessions" role="list">{lines}</ul> })}
            <form method="post" action=BlockSender::PATH>
                <div class="field">
                    <label for="sender">{say!(messages::SENDER_TO_BLOCK)}</label>
                    <input id="sender" name="sender" maxlength="64" required=true />
                    <p class="hint">{say!(messages::SENDER_HINT)}</p>
                </div>
                <button class="quiet-button" type="submit">
                    {say!(messages::BLOCK_SENDER)}
                </button>
            </form>
        </section>
    }
}
