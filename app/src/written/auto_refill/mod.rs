//! `/auto-refill`: what will happen, where it stands, and how to turn it on and off.

mod state;

use domain::Money;
use domain::refill::{RefillRefusal, RefillState, RefillTerms};
use ledger::RefillView;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::account::cards::{save_form, welcome_back};
use super::{Page, Query};
use crate::context;
use crate::error::AppError;
use crate::pages::auto_refill::{ArmRefill, TurnOffRefill};
use crate::speech::Told;
use crate::words;

/// What is offered who never had it.
const OFFERED_THRESHOLD: Money = Money::from_dollars(10);
const OFFERED_AMOUNT: Money = Money::from_dollars(25);

/// The fields as they are filled in, whether a charge at once is to be asked about, and what is wrong.
struct Fields {
    threshold: String,
    amount: String,
    cap: String,
    asks: bool,
    refusal: Option<RefillRefusal>,
}

impl Fields {
    fn terms(&self) -> RefillTerms {
        // What cannot be read is nothing, which no limit allows.
        let read = |text: &str| Money::from_typed(text).unwrap_or_default();
        RefillTerms {
            threshold: read(&self.threshold),
            amount: read(&self.amount),
            monthly_cap: read(&self.cap),
        }
    }
}

pub(crate) async fn page(query: &Query) -> Result<Page, AppError> {
    let visitor = context::visitor().await?;
    welcome_back(visitor, query).await?;
    let ledger = context::ledger();
    let refill = ledger
        .refill(visitor.wallet_id)
        .await
        .map_err(context::refused)?;
    let mut fields = fields(query, &refill);
    if query.get("wrong") == "yes" {
        fields.refusal = ledger.rules().refill.check(fields.terms()).err();
    }
    let question = fields.asks.then(|| question(&refill, &fields));
    let is_on = refill.state != RefillState::Off;
    let no_card = refill.card.is_none().then(|| {
        view! {
            <section class="card" aria-labelledby="first-card">
                <h2 id="first-card">{say!(auto_refill::FIRST_CARD)}</h2>
                <p>{say!(auto_refill::FIRST_CARD_SAID)}</p>
                {save_form(ledger.new_card_setup_id(), true)}
            </section>
        }
    });
    let content = view! {
        {fields.refusal.and_then(summary)}
        <div id="live">{state::section(&refill)}</div>
        {question}
        {no_card}
        {form(&refill, &fields)}
        {is_on.then(off_form)}
        {consent(&refill)}
    };
    Ok(Page::narrow(say!(wallet::AUTO_REFILL), content))
}

fn fields(query: &Query, refill: &RefillView) -> Fields {
    let terms = refill.terms.unwrap_or_else(offered);
    let field = |name, value: Money| match query.get(name) {
        "" => value.decimal().normalize().to_string(),
        typed => typed.trim_start_matches('$').chars().take(20).collect(),
    };
    Fields {
        threshold: field("threshold", terms.threshold),
        amount: field("amount", terms.amount),
        cap: field("cap", terms.monthly_cap),
        asks: query.get("ask") == "now" && refill.card.is_some(),
        refusal: None,
    }
}

/// What was refused, and the way to the field to correct.
fn summary(refusal: RefillRefusal) -> Option<impl IntoView> {
    let address = format!("#{}", refusal.field()?);
    Some(view! {
        <div class="summary" role="alert">
            <p>
                <a href=address rel="external">{words::declined(&refusal.into())}</a>
            </p>
        </div>
    })
}

fn offered() -> RefillTerms {
    let ledger = context::ledger();
    RefillTerms {
        threshold: OFFERED_THRESHOLD,
        amount: OFFERED_AMOUNT,
        monthly_cap: ledger.rules().refill.offered_cap(OFFERED_AMOUNT),
    }
}

/// The balance is below the threshold already: a charge at once is asked for, not assumed.
fn question(refill: &RefillView, fields: &Fields) -> impl IntoView + use<> {
    let amount: Money = Money::from_typed(&fields.amount).unwrap_or_default();
    let threshold: Money = Money::from_typed(&fields.threshold).unwrap_or_default();
    let card = refill.card.as_ref();
    let card = card
        .map(|saved| words::saved_card(&saved.card))
        .unwrap_or_default();
    let charge = amount.exact_told();
    let title = say!(auto_refill::CHARGE_NOW, charge = &charge);
    let says = say!(
        auto_refill::CHARGE_NOW_SAID,
        balance = refill.available.balance_told(),
        threshold = threshold.exact_told(),
        card = card
    );
    let agree = say!(auto_refill::CHARGE_NOW_AGREE, charge = charge);
    view! {
        <section class="card" aria-labelledby="charge-now">
            <h2 id="charge-now">{title}</h2>
            <p>{says}</p>
            <form method="post" action=ArmRefill::PATH>
                <input type="hidden" name="threshold" value=fields.threshold.clone() />
                <input type="hidden" name="amount" value=fields.amount.clone() />
                <input type="hidden" name="cap" value=fields.cap.clone() />
                <input type="hidden" name="charge_now" value="true" />
                <button class="button wide" type="submit">
                    {agree}
                </button>
            </form>
            <p>
                <a href="/auto-refill">{say!(auto_refill::NOT_NOW)}</a>
            </p>
        </section>
    }
}

fn form(refill: &RefillView, fields: &Fields) -> impl IntoView + use<> {
    let ledger = context::ledger();
    let rules = &ledger.rules().refill;
    let within = |smallest: Money, largest: Money| {
        say!(
            auto_refill::FROM_TO,
            smallest = smallest.exact_told(),
            largest = largest.exact_told()
        )
    };
    let thresholds = within(rules.smallest_threshold, rules.largest_threshold);
    let amounts = within(rules.smallest, rules.largest);
    let caps = say!(auto_refill::CAP_HINT);
    let is_on = !matches!(refill.state, RefillState::Off | RefillState::Suspended);
    let name = if is_on {
        say!(auto_refill::CHANGE)
    } else {
        say!(auto_refill::TURN_ON)
    };
    view! {
        <form method="post" action=ArmRefill::PATH>
            {field("threshold", say!(auto_refill::THRESHOLD), &fields.threshold, thresholds, fields.refusal)}
            {field("amount", say!(auto_refill::AMOUNT), &fields.amount, amounts, fields.refusal)}
            {field("cap", say!(auto_refill::CAP), &fields.cap, caps, fields.refusal)}
            <p class="quiet small">
                {say!(auto_refill::AGREE)}
            </p>
            <button class="button wide" type="submit">
                {name}
            </button>
        </form>
    }
}

fn field(
    name: &'static str,
    label: String,
    value: &str,
    hint: String,
    refusal: Option<RefillRefusal>,
) -> impl IntoView + use<> {
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let refusal = refusal.filter(|refusal| refusal.field() == Some(name));
    let described = match refusal {
        Some(_) => format!("{hint_id} {error_id}"),
        None => hint_id.clone(),
    };
    let error = refusal.map(|refusal| {
        view! {
            <p class="field-error" id=error_id>
                {words::declined(&refusal.into())}
            </p>
        }
    });
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <p class="hint" id=hint_id>
                {hint}
            </p>
            {error}
            <div class="prefixed">
                <span aria-hidden="true">"$"</span>
                <input
                    id=name
                    name=name
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    maxlength="20"
                    required
                    value=value.to_owned()
                    aria-describedby=described
                    aria-invalid=refusal.map(|_| "true")
                />
            </div>
        </div>
    }
}

fn off_form() -> impl IntoView {
    view! {
        <form method="post" action=TurnOffRefill::PATH>
            <button class="quiet-button" type="submit">
                {say!(auto_refill::TURN_OFF)}
            </button>
        </form>
    }
}

/// The sentence that was agreed to, as it was.
fn consent(refill: &RefillView) -> impl IntoView + use<> {
    let clock = context::LocalTime::of_request();
    let consent = refill.consent.clone();
    consent.map(|(consent, at)| {
        let agreed = say!(
            auto_refill::AGREED_ON,
            date = clock.date(at),
            consent = consent
        );
        view! { <p class="quiet small">{agreed}</p> }
    })
}
