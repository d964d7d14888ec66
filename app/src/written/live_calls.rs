//! The calls that run, and one that was asked for: what they cost so far, how long they can go on,
//! and what they came to. The browser counts on from here (`browser::meters`).

use domain::Money;
use domain::meter::{Meter, clock};
use ledger::{LiveCall, Stage};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::icon::{Icon, Sign};
use crate::context::number::masked;
use crate::context::{self, Visitor, duration};
use crate::error::AppError;
use crate::pages::call::HangUp;
use crate::words;

/// For the wallet page.
pub(super) async fn part() -> Result<impl IntoView, AppError> {
    cards(context::visitor().await?, None).await
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
    Ok(calls
        .into_iter()
        .map(|call| card(call, available))
        .collect::<Vec<_>>())
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
                        "Hang up"
                    </button>
                </form>
                <form method="get" action="/add-credit">
                    <button class="quiet-button" type="submit" id=format!("add-credit-{call_id}")>
                        "Add credit"
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
        <section class="card live" aria-label="Call">
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
fn stage(stage: Stage, available: Money) -> (&'static str, AnyView, bool) {
    let said = |text: String| view! { <p role="status">{text}</p> }.into_any();
    match stage {
        Stage::Dialing { is_late: false } => (
            "Calling",
            said("We asked the telephone switch to place the call.".into()),
            false,
        ),
        Stage::Dialing { is_late: true } => (
            "Not placed",
            said("The telephone switch did not place this call. Nothing was charged.".into()),
            true,
        ),
        Stage::Refused(refusal) => ("Not placed", said(words::declined(&refusal.into())), true),
        Stage::Ringing { held } => (
            "Ringing",
            said(format!(
                "{} is set aside; what the call does not cost comes back.",
                held.exact_text()
            )),
            false,
        ),
        Stage::Talking {
            elapsed_milliseconds,
            held,
            meter,
            is_final,
        } => {
            let beyond = if is_final {
                "Nothing more can be added: the call ends when the time left is used up."
            } else {
                "More follows from your balance as the call goes on."
            };
            let meaning = format!("{} is set aside. {beyond}", held.exact_text());
            let content = view! {
                {counted(elapsed_milliseconds, meter)}
                <p>{meaning}</p>
            };
            ("In a call", content.into_any(), false)
        }
        Stage::Over {
            charge,
            released,
            talked_seconds,
            is_estimated,
        } => {
            let estimated = if is_estimated {
                " Its end was not reported: the confirmed time was charged."
            } else {
                ""
            };
            let meaning = format!(
                "{} talked. Charged {}, given back {}, available {}.{estimated}",
                duration(talked_seconds),
                charge.exact_text(),
                released.exact_text(),
                available.balance_text()
            );
            ("Call ended", said(meaning), true)
        }
    }
}

/// The timer, what the call costs if it ends now, and how long it can go on.
fn counted(elapsed_milliseconds: i64, meter: Meter) -> impl IntoView {
    let talked = u32::try_from(elapsed_milliseconds / 1_000).unwrap_or_default();
    let left = meter.left(talked);
    view! {
        <div class="live-figures" data-meter=meter.to_string() data-elapsed=elapsed_milliseconds>
            <p class="timer amount" role="timer" data-count="talked">
                {clock(talked)}
            </p>
            <dl class="facts">
                <div>
                    <dt>"Cost so far"</dt>
                    <dd class="amount" data-count="cost">
                        {meter.cost(talked).exact_text()}
                    </dd>
                </div>
                <div>
                    <dt>"Time left"</dt>
                    <dd class="amount" data-count="left">
                        {clock(left)}
                    </dd>
                </div>
            </dl>
            <progress
                class="time-left"
                max=meter.covered_seconds.to_string()
                value=left.to_string()
                aria-label="Time left"
            />
            <p class="alert" role="alert" data-count="warning">
                {meter.nearness(talked).warning()}
            </p>
        </div>
    }
}
