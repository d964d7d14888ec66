//! Where auto-refill stands, in words, and what there is to do.

use domain::refill::{RefillState, SuspendReason, decline_reason};
use language::notice;
use ledger::RefillView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::context::{self, LocalTime};
use crate::pages::auto_refill::AnswerRefill;
use crate::speech::{self, Told};

/// The forecast in one sentence, the state, and the one thing to do about it.
pub(super) fn section(refill: &RefillView) -> impl IntoView + use<> {
    let clock = LocalTime::of_request();
    let (title, says) = words(refill, &clock);
    let is_on = !matches!(refill.state, RefillState::Off | RefillState::Suspended);
    let forecast = is_on.then(|| forecast(refill)).flatten();
    let answer = (refill.state == RefillState::ActionRequired).then(|| {
        let amount = refill.terms.map(|terms| terms.amount).unwrap_or_default();
        let pay = say!(auto_refill::PAY, amount = amount.exact_told());
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
    let month = u8::from(context::ledger().clock().now().month());
    Some(say!(
        auto_refill::FORECAST,
        threshold = terms.threshold.exact_told(),
        amount = terms.amount.exact_told(),
        card = crate::words::saved_card(&card.card),
        cap = terms.monthly_cap.exact_told(),
        used = refill.used.exact_told(),
        month = language::month(month, speech::language())
    ))
}

fn words(refill: &RefillView, clock: &LocalTime) -> (String, String) {
    let at = refill.until.map(|until| clock.lately(until));
    let at = at.unwrap_or_default();
    let code = refill.decline_code.as_deref();
    let why = code.map(|code| notice::reason_told(decline_reason(code), speech::language()));
    let why = why.unwrap_or_else(|| say!(auto_refill::PAYMENT_DECLINED));
    let card = refill.card.as_ref();
    let card = card.map_or_else(
        || say!(notice::YOUR_CARD),
        |saved| crate::words::saved_card(&saved.card),
    );
    match refill.state {
        RefillState::Off => (say!(auto_refill::OFF), say!(auto_refill::OFF_SAID)),
        RefillState::Armed => (say!(auto_refill::ON), String::new()),
        RefillState::Charging => (
            say!(auto_refill::CHARGING),
            say!(auto_refill::CHARGING_SAID, card = card),
        ),
        RefillState::Cooldown => (
            say!(auto_refill::ON),
            say!(auto_refill::COOLDOWN_SAID, at = at),
        ),
        RefillState::ActionRequired => (
            say!(auto_refill::ASKS),
            say!(auto_refill::ASKS_SAID, card = card, at = at),
        ),
        RefillState::BackingOff => (
            say!(auto_refill::DECLINED),
            say!(auto_refill::DECLINED_SAID, why = why, at = at),
        ),
        RefillState::Capped => (
            say!(auto_refill::CAPPED),
            say!(auto_refill::CAPPED_SAID, at = at),
        ),
        RefillState::Suspended => (
            say!(auto_refill::SUSPENDED),
            say!(
                auto_refill::SUSPENDED_SAID,
                why = suspended(refill.reason, why)
            ),
        ),
    }
}

fn suspended(reason: Option<SuspendReason>, why: String) -> String {
    match reason {
        Some(SuspendReason::CardDeclined) => say!(auto_refill::CARD_DECLINED, why = why),
        Some(SuspendReason::Failures) => say!(auto_refill::FAILURES, why = why),
        Some(SuspendReason::NotConfirmed) => say!(auto_refill::NOT_CONFIRMED),
        Some(SuspendReason::Fuse) => say!(auto_refill::FUSE),
        Some(SuspendReason::CardRemoved) => say!(auto_refill::CARD_REMOVED),
        Some(SuspendReason::Dispute) => say!(auto_refill::DISPUTED),
        Some(SuspendReason::Refused) | None => say!(auto_refill::NOT_CHARGEABLE),
    }
}
