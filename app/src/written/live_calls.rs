//! The calls that run, and one that was asked for: what they cost so far, how long they can go on,
//! and what they came to. The browser counts on from here (`browser::meters`).

use domain::Money;
use domain::meter::{Meter, Nearness, clock};
use ledger::{LiveCall, Stage};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::icon::{Icon, Sign};
use crate::context::number::masked;
use crate::context::{self, Visitor, duration};
use crate::error::AppError;
use crate::pages::call::HangUp;
use crate::speech::Told;
use crate::words;

/// For the wallet page.
pub(super) async fn part() -> Result<impl IntoView, AppError> {
    let overview = context::overview().await?;
    Ok(all(overview.calls.clone(), overview.wallet.available()))
}

/// The running calls, and the one of this name whatever became of it.
pub(super) async fn cards(
    visitor: Visitor,
    named: Option<&str>,
) -> Result<impl IntoView + use<>, AppError> {
    let ledger = context::ledger();
    let calls = ledger.live_calls(visitor.wallet_id, named).await;
    let calls = calls.map_err(context::refused)?;
    let wallet = ledger.wallet(visitor.wallet_id).await;
    let available = wallet.map_err(context::refused)?.available();
    Ok(all(calls, available))
}

fn all(calls: Vec<LiveCall>, available: Money) -> impl IntoView + use<> {
    let cards = calls.into_iter().map(|call| card(call, available));
    cards.collect::<Vec<_>>()
}

fn card(call: LiveCall, available: Money) -> impl IntoView {
    let number = call.callee.as_deref().map(masked);
    let place = [call.destination, number].into_iter().flatten();
    let place = place.collect::<Vec<_>>().join(" · ");
    let call_id = call.call_id;
    let (state, content, is_over) = stage(call.stage, available);
    let acts = (!is_over).then(|| {
        view! {
            <div class="actions">
                <form method="post" action=HangUp::PATH>
                    <input type="hidden" name="call_id" value=call_id.clone() />
                    <button class="button" type="submit" id=format!("hang-up-{call_id}")>
                        {say!(live_call::HANG_UP)}
                    </button>
                </form>
                <form method="get" action="/add-credit">
                    <button class="quiet-button" type="submit" id=format!("add-credit-{call_id}")>
                        {say!(wallet::ADD_CREDIT)}
                    </button>
                </form>
            </div>
        }
    });
    let class = if is_over {
        "live-state"
    } else {
        "live-state hold"
    };
    view! {
        <section class="card live" aria-label=say!(live_call::NAME)>
            <p class=class>
                <Icon sign=Sign::Call />
                {state}
                " · "
                {place}
            </p>
            {content}
            {acts}
        </section>
    }
}

/// What is said of a stage, what it means, and whether the call is over.
fn stage(stage: Stage, available: Money) -> (String, AnyView, bool) {
    let said = |text: String| view! { <p role="status">{text}</p> }.into_any();
    match stage {
        Stage::Dialing { is_late: false } => (
            say!(live_call::CALLING),
            said(say!(live_call::ASKED)),
            false,
        ),
        Stage::Dialing { is_late: true } => (
            say!(live_call::NOT_PLACED),
            said(say!(live_call::NOT_PLACED_WHY)),
            true,
        ),
        Stage::Refused(refusal) => (
            say!(live_call::NOT_PLACED),
            said(words::declined(&refusal.into())),
            true,
        ),
        Stage::Ringing { held } => (
            say!(row::RINGING),
            said(say!(row::SET_ASIDE, amount = held.exact_told())),
            false,
        ),
        Stage::Talking {
            elapsed_milliseconds,
            held,
            meter,
            is_final,
        } => {
            let amount = held.exact_told();
            let meaning = if is_final {
                say!(live_call::NO_MORE, amount = amount)
            } else {
                say!(live_call::MORE_FOLLOWS, amount = amount)
            };
            let content = view! {
                {counted(elapsed_milliseconds, meter)}
                <p>{meaning}</p>
            };
            (say!(row::IN_A_CALL), content.into_any(), false)
        }
        Stage::Over {
            charge,
            released,
            talked_seconds,
            is_estimated,
        } => {
            let (length, charge) = (duration(talked_seconds), charge.exact_told());
            let (released, available) = (released.exact_told(), available.balance_told());
            let meaning = if is_estimated {
                say!(
                    live_call::OVER_ESTIMATED,
                    length = length,
                    charge = charge,
                    released = released,
                    available = available
                )
            } else {
                say!(
                    live_call::OVER,
                    length = length,
                    charge = charge,
                    released = released,
                    available = available
                )
            };
            (say!(live_call::ENDED), said(meaning), true)
        }
    }
}

/// The timer, what the call costs if it ends now, and how long it can go on.
fn counted(elapsed_milliseconds: i64, meter: Meter) -> impl IntoView {
    let talked = u32::try_from(elapsed_milliseconds / 1_000).unwrap_or_default();
    let left = meter.left(talked);
    let warning = match meter.nearness(talked) {
        Nearness::Far => String::new(),
        Nearness::Soon => say!(live_call::SOON),
        Nearness::Now => say!(live_call::NOW),
    };
    view! {
        <div
            class="live-figures"
            data-meter=meter.to_string()
            data-elapsed=elapsed_milliseconds
            data-soon=say!(live_call::SOON)
            data-now=say!(live_call::NOW)
        >
            <p class="timer amount" role="timer" data-count="talked">
                {clock(talked)}
            </p>
            <dl class="facts">
                <div>
                    <dt>{say!(live_call::COST)}</dt>
                    <dd class="amount" data-count="cost">
                        {meter.cost(talked).exact_told()}
                    </dd>
                </div>
                <div>
                    <dt>{say!(live_call::LEFT)}</dt>
                    <dd class="amount" data-count="left">
                        {clock(left)}
                    </dd>
                </div>
            </dl>
            <progress
                class="time-left"
                max=meter.covered_seconds.to_string()
                value=left.to_string()
                aria-label=say!(live_call::LEFT)
            />
            <p class="alert" role="alert" data-count="warning">
                {warning}
            </p>
        </div>
    }
}
