//! Where auto-refill stands, in words, and what there is to do.

use domain::refill::{RefillState, SuspendReason, decline_reason};
use ledger::RefillView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::context::{self, LocalTime};
use crate::pages::auto_refill::AnswerRefill;

/// The forecast in one sentence, the state, and the one thing to do about it.
pub(super) fn section(refill: &RefillView) -> impl IntoView + use<> {
    let clock = LocalTime::of_request();
    let (title, says) = words(refill, &clock);
    let is_on = !matches!(refill.state, RefillState::Off | RefillState::Suspended);
    let forecast = is_on.then(|| forecast(refill)).flatten();
    let answer = (refill.state == RefillState::ActionRequired).then(|| {
        let amount = refill.terms.map(|terms| terms.amount.exact_text());
        let pay = format!("Pay {} on Stripe’s page", amount.unwrap_or_default());
        view! {
            <form method="post" action=AnswerRefill::PATH>
                <button class="button wide" type="submit">
                    {pay}
                </button>
            </form>
        }
    });
    view! {
        <section class="card" aria-labelledby="refill-state">
            <h2 id="refill-state">{title}</h2>
            {forecast.map(|forecast| view! { <p>{forecast}</p> })}
            {(!says.is_empty()).then(|| view! { <p role="status">{says}</p> })}
            {answer}
        </section>
    }
}

/// What will happen: when, how much, from which card, and how much of the month is used.
fn forecast(refill: &RefillView) -> Option<String> {
    let (terms, card) = (refill.terms?, refill.card.as_ref()?);
    let month = context::ledger().clock().now().month();
    Some(format!(
        "When your balance drops below {} we charge {} to {}, at most {} a month; {} used in {month}.",
        terms.threshold.exact_text(),
        terms.amount.exact_text(),
        card.card.name(),
        terms.monthly_cap.exact_text(),
        refill.used.exact_text()
    ))
}

fn words(refill: &RefillView, clock: &LocalTime) -> (&'static str, String) {
    let at = refill.until.map(|until| clock.lately(until));
    let at = at.unwrap_or_default();
    let why = refill.decline_code.as_deref().map(decline_reason);
    let why = why.unwrap_or("The payment was declined.");
    let card = refill.card.as_ref();
    let card = card.map_or_else(|| "your card".into(), |saved| saved.card.name());
    match refill.state {
        RefillState::Off => (
            "Off",
            "Nothing is charged by itself. Turn it on and a call is never cut short for want of credit."
                .into(),
        ),
        RefillState::Armed => ("On", String::new()),
        RefillState::Charging => ("Charging", format!("We are charging {card} now.")),
        RefillState::Cooldown => ("On", format!("The next refill is possible {at}.")),
        RefillState::ActionRequired => (
            "Your bank wants to ask you",
            format!(
                "It did not let us charge {card} without you. Pay on Stripe’s page until {at} and \
                 auto-refill goes on; after that it is suspended. Nothing was charged."
            ),
        ),
        RefillState::BackingOff => (
            "Declined",
            format!(
                "{why} Nothing was charged. We try again {at}; you can add credit yourself or \
                 choose another card in your account meanwhile."
            ),
        ),
        RefillState::Capped => (
            "Monthly cap reached",
            format!(
                "The next refill would exceed your cap. It goes on {at}; until then you can add \
                 credit yourself, or raise the cap."
            ),
        ),
        RefillState::Suspended => (
            "Suspended",
            format!(
                "{} Nothing is charged until you turn it on again.",
                suspended(refill.reason, why)
            ),
        ),
    }
}

fn suspended(reason: Option<SuspendReason>, why: &str) -> String {
    match reason {
        Some(SuspendReason::CardDeclined) => format!("{why} Save another card, then turn it on."),
        Some(SuspendReason::Failures) => {
            format!("Your card was declined three times. {why} Choose or save another card.")
        }
        Some(SuspendReason::NotConfirmed) => {
            "Your bank wanted you to confirm a refill, and the time for it is over.".into()
        }
        Some(SuspendReason::Fuse) => {
            "Your card was charged twice within an hour, which is unusual. Look at your history first."
                .into()
        }
        Some(SuspendReason::CardRemoved) => "The card was removed. Save or choose another.".into(),
        Some(SuspendReason::Dispute) => "A payment of yours is disputed, was, or may soon be.".into(),
        Some(SuspendReason::Refused) | None => {
            "Your card can no longer be charged. Save it again, or another.".into()
        }
    }
}
