//! The calls that run now, counted on by the browser from what the books said last.
//!
//! The page shows what the server decided: it asks again whenever the wallet changes and every few
//! seconds while a call runs. In between, cost and time follow from the same rules.

use std::time::Duration;

use domain::meter::{Meter, Nearness};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::answered::{Answered, show};
use super::at_once::Boxed;
use super::get_form::GetForm;
use super::icon::{Icon, Sign};
use super::post_form::{PostForm, Sending};
use super::refusal::Summary;
use crate::ask::ask;
use crate::browser;
use crate::error::AppError;
use crate::live::Live;
use crate::wire::Wire;

/// A call, as the server words it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LiveCallCard {
    pub(crate) call_id: String,
    /// Where it stands, and where to.
    pub(crate) said: String,
    /// What it means, or what it came to.
    pub(crate) meaning: String,
    pub(crate) talk: Option<Talk>,
    pub(crate) is_over: bool,
}

/// A call that is being talked.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Talk {
    pub(crate) elapsed_milliseconds: i64,
    pub(crate) meter: Meter,
}

#[server(endpoint = "load_live_calls", input = Wire, output = Wire)]
pub(crate) async fn load_live_calls(named: String) -> Result<Vec<LiveCallCard>, AppError> {
    use crate::context;
    let (ledger, visitor) = (context::ledger(), context::visitor().await?);
    let named = Some(named.as_str()).filter(|named| !named.is_empty());
    let calls = ledger
        .live_calls(visitor.wallet_id, named)
        .await
        .map_err(context::refused)?;
    let wallet = ledger
        .wallet(visitor.wallet_id)
        .await
        .map_err(context::refused)?;
    Ok(context::live_cards(calls, wallet.available()))
}

/// Asks the switch to end the call; what it costs is what the switch then reports.
#[server(endpoint = "hang_up")]
pub(crate) async fn hang_up(call_id: String) -> Result<(), AppError> {
    use crate::context;
    let (ledger, visitor) = (context::ledger(), context::visitor().await?);
    ledger
        .hang_up(visitor.wallet_id, &call_id)
        .await
        .map_err(context::refused)?;
    context::redirect_to(&crate::address::ReturnTo::read(&format!(
        "/call?call={}",
        crate::address::escape(&call_id)
    )));
    Ok(())
}

/// How often the shown seconds are looked at, and how often the books are asked.
const TICK: Duration = Duration::from_millis(250);
const ASK_EVERY: Duration = Duration::from_secs(3);

#[component]
pub(crate) fn LiveCalls(
    /// A call to show whatever became of it.
    #[prop(into)]
    named: Signal<String>,
) -> impl IntoView {
    let live = use_context::<Live>().unwrap_or_default();
    let (again, clock) = (RwSignal::new(0_u64), RwSignal::new(0_i64));
    let calls = ask(move || {
        (
            LoadLiveCalls { named: named.get() },
            live.track() + again.get(),
        )
    });
    let hang_up = Sending::to::<HangUp>();
    Effect::new(move |_| {
        let reply = calls.get();
        let cards = reply.and_then(|reply| reply.read::<Vec<LiveCallCard>>().ok());
        if cards.is_none_or(|cards| cards.iter().all(|card| card.is_over)) {
            return;
        }
        let tick = move || {
            clock.try_set(browser::milliseconds());
        };
        let ask = move || {
            again.try_update(|times| *times += 1);
        };
        let ticking = set_interval_with_handle(tick, TICK).ok();
        let asking = set_interval_with_handle(ask, ASK_EVERY).ok();
        on_cleanup(move || {
            for handle in [ticking, asking].into_iter().flatten() {
                handle.clear();
            }
        });
    });
    let cards = show(move |cards: Vec<LiveCallCard>| {
        // Counted from the moment the reply is drawn; on the server that is never.
        let drawn = browser::milliseconds_if_any();
        cards
            .into_iter()
            .map(|card| view! { <Card card drawn clock hang_up /> })
            .collect::<Vec<_>>()
    });
    view! {
        <Summary error=hang_up.refusal() field="live-calls" />
        <div class="live-calls" id="live-calls">
            <Answered asked=calls space="" show=cards />
        </div>
    }
}

#[component]
fn Card(card: LiveCallCard, drawn: i64, clock: RwSignal<i64>, hang_up: Sending) -> impl IntoView {
    let talk = card.talk.map(|talk| view! { <Meters talk drawn clock /> });
    let acts = (!card.is_over).then(|| {
        let call_id = card.call_id;
        view! {
            <div class="actions">
                <PostForm sending=hang_up>
                    <input type="hidden" name="call_id" value=call_id />
                    <button class="button" type="submit">
                        "Hang up"
                    </button>
                </PostForm>
                <GetForm action="/add-credit">
                    <button class="quiet-button" type="submit">
                        "Add credit"
                    </button>
                </GetForm>
            </div>
        }
    });
    view! {
        <section class="card live" aria-label="Call">
            <p class="live-state" class:hold=acts.is_some()>
                <Icon sign=Sign::Call />
                {card.said}
            </p>
            {talk}
            <p role="status">{card.meaning}</p>
            {acts}
        </section>
    }
    .boxed()
}

/// The timer, what the call costs if it ends now, and how long it can go on.
#[component]
fn Meters(talk: Talk, drawn: i64, clock: RwSignal<i64>) -> impl IntoView {
    let Talk {
        elapsed_milliseconds,
        meter,
    } = talk;
    let talked = Memo::new(move |_| {
        let since = (clock.get() - drawn).max(0);
        u32::try_from((elapsed_milliseconds + since) / 1_000).unwrap_or_default()
    });
    let left = move || meter.left(talked.get());
    let (class, warning) = (
        move || match meter.nearness(talked.get()) {
            Nearness::Far => "time-left",
            Nearness::Soon => "time-left hold",
            Nearness::Now => "time-left alert",
        },
        // Said when it changes, not every second.
        Memo::new(move |_| match meter.nearness(talked.get()) {
            Nearness::Far => "",
            Nearness::Soon => "Less than a minute is left. Add credit to go on.",
            Nearness::Now => "The call ends in a few seconds. Add credit to go on.",
        }),
    );
    view! {
        <p class="timer amount" role="timer">
            {move || minutes(talked.get())}
        </p>
        <dl class="facts">
            <div>
                <dt>"Cost so far"</dt>
                <dd class="amount">{move || meter.cost(talked.get()).exact_text()}</dd>
            </div>
            <div>
                <dt>"Time left"</dt>
                <dd class="amount">{move || minutes(left())}</dd>
            </div>
        </dl>
        <progress class=class max=meter.covered_seconds value=left aria-label="Time left" />
        <p class="alert" role="alert">
            {warning}
        </p>
    }
}

/// `12:41`, `1:02:03`
fn minutes(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}
