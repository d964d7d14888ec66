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
            <h2 id="cost">"What messages cost"</h2>
            <p>{cost(ledger.rules().message.segment_price, today, cap)}</p>
        </section>
        {blocked_section(&blocked)}
    };
    Ok(Page::narrow("Messages", content))
}

fn cost(price: Money, today: Money, cap: Money) -> String {
    format!(
        "A message costs {} for each 160 letters when it is delivered, unless your number has a price of its own. At most {} a day is charged; today it was {}. What comes beyond that, or while there is no credit, waits for three days and costs nothing until you have it.",
        price.exact_text(),
        cap.exact_text(),
        today.exact_text()
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
                    "There are no older messages."
                } else {
                    "No message has come yet. What is written to your number appears here."
                }}
            </p>
        }
        .into_any();
    }
    view! {
        <ul class="messages" role="list">
            {lines}
        </ul>
        <nav class="pages" aria-label="Pages of messages">
            {is_later_page.then(|| view! { <a class="quiet-button" href="/messages">"First page"</a> })}
            {older.map(|address| view! { <a class="quiet-button" href=address>"Older"</a> })}
        </nav>
    }
    .into_any()
}

fn line(message: &MessageLine, clock: &LocalTime) -> impl IntoView + use<> {
    let sender = message.sender.clone().unwrap_or_default();
    let shown = if sender.len() >= 7 && sender.bytes().all(|byte| byte.is_ascii_digit()) {
        whole(&sender)
    } else if sender.is_empty() {
        "Erased".into()
    } else {
        sender.clone()
    };
    let body = match (message.state, &message.body) {
        (MessageState::Delivered, Some(body)) => {
            view! { <p class="message-text">{body.clone()}</p> }.into_any()
        }
        (MessageState::Parked, _) => {
            let until = message.parked_until.map(|until| clock.lately(until));
            view! {
                <p>
                    <strong class="hold">"Waiting for credit"</strong>
                    " until " {until} ". It costs " {message.charge.exact_text()} ". "
                    <a href="/add-credit">"Add credit"</a>
                </p>
            }
            .into_any()
        }
        (MessageState::Lapsed | MessageState::Blocked, _) => {
            view! { <p class="quiet">"It waited for credit for three days and was let go. Nothing was charged."</p> }
                .into_any()
        }
        (MessageState::Delivered, None) => view! { <p class="quiet">"Erased"</p> }.into_any(),
    };
    let charged = (message.state == MessageState::Delivered)
        .then(|| format!(" · {}", message.charge.exact_text()));
    let block = (!sender.is_empty()).then(|| {
        view! {
            <form method="post" action=BlockSender::PATH>
                <input type="hidden" name="sender" value=sender />
                <button class="text-button" type="submit" aria-label=format!("Block {shown}")>
                    "Block"
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
                1 => ", 1 message kept away".into(),
                count => format!(", {count} messages kept away"),
            };
            view! {
                <li class="session">
                    <div>
                        <p class="session-device">{shown.clone()}</p>
                        <p class="quiet">"Blocked " {clock.lately(blocked_at)} {kept}</p>
                    </div>
                    <form method="post" action=UnblockSender::PATH>
                        <input type="hidden" name="sender" value=sender />
                        <button class="text-button" type="submit" aria-label=format!("Let {shown} in again")>
                            "Let in again"
                        </button>
                    </form>
                </li>
            }
        })
        .collect();
    let none = lines.is_empty().then(|| {
        view! { <p class="empty">"Nobody is blocked. What a blocked sender writes is not kept and costs nothing."</p> }
    });
    view! {
        <section class="card" aria-labelledby="blocked">
            <h2 id="blocked">"Blocked senders"</h2>
            {none}
            {(!lines.is_empty())
                .then(|| view! { <ul class="sessions" role="list">{lines}</ul> })}
            <form method="post" action=BlockSender::PATH>
                <div class="field">
                    <label for="sender">"Sender to block"</label>
                    <input id="sender" name="sender" maxlength="64" required=true />
                    <p class="hint">"A phone number, or the name a message came from."</p>
                </div>
                <button class="quiet-button" type="submit">
                    "Block sender"
                </button>
            </form>
        </section>
    }
}
