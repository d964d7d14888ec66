//! Which amount is chosen: one of the packs, or a typed one.

use domain::Money;
use domain::top_up::{Purchase, TopUpRules};
use leptos::ev::Targeted;
use leptos::prelude::*;

use crate::browser;
use crate::components::refusal::FieldError;
use crate::error::AppError;
use crate::speech::{Told, whole_dollars};

/// The pack that is chosen when the page opens.
fn first_choice(rules: &TopUpRules) -> String {
    let second = rules.packs.get(1).or(rules.packs.first());
    second.map(|pack| pack_value(*pack)).unwrap_or_default()
}

/// A pack as the form sends it: plain digits.
fn pack_value(pack: Money) -> String {
    pack.decimal().normalize().to_string()
}

/// What is chosen in the form, followed where scripts run.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    pub(super) pack: RwSignal<String>,
    pub(super) custom: RwSignal<String>,
    /// Whether the document was read. Until then its fields are left alone: somebody may have
    /// typed before the scripts ran.
    known: RwSignal<bool>,
}

impl Choice {
    /// What the document is sent with: what was typed when the form was refused, else a pack.
    pub(super) fn new(rules: &TopUpRules, refused: Option<&str>) -> Self {
        let is_pack = |typed: &str| rules.packs.iter().any(|pack| pack_value(*pack) == typed);
        let (pack, custom) = match refused {
            Some(typed) if is_pack(typed) => (typed.to_owned(), String::new()),
            Some(typed) => (String::new(), typed.to_owned()),
            None => (first_choice(rules), String::new()),
        };
        let (pack, custom) = (RwSignal::new(pack), RwSignal::new(custom));
        Self {
            pack,
            custom,
            known: RwSignal::new(false),
        }
    }

    /// Takes over what the form holds.
    pub(super) fn read(self, form: &web_sys::Element) {
        self.pack
            .set(browser::field_value(form, "input[name=pack]:checked").unwrap_or_default());
        self.typed(browser::field_value(form, "input[name=custom]").unwrap_or_default());
        self.known.set(true);
    }

    fn choose(self, pack: String) {
        self.pack.set(pack);
        self.custom.set(String::new());
    }

    fn typed(self, text: String) {
        if !text.trim().is_empty() {
            self.pack.set(String::new());
        }
        self.custom.set(text);
    }
}

#[component]
pub(super) fn Packs(rules: TopUpRules, choice: Choice) -> impl IntoView {
    let cards: Vec<_> = rules
        .packs
        .iter()
        .map(|amount| view! { <Pack purchase=rules.purchase(*amount) choice /> })
        .collect();
    view! {
        // Said as a radio group by itself, named by its legend.
        <fieldset class="packs" role="radiogroup">
            <legend>{say!(add_credit::AMOUNT)}</legend>
            <div class="pack-cards">{cards}</div>
        </fieldset>
    }
}

#[component]
fn Pack(purchase: Purchase, choice: Choice) -> impl IntoView {
    let value = StoredValue::new(pack_value(purchase.pay));
    let chosen = Signal::derive(move || {
        choice
            .pack
            .with(|pack| value.with_value(|value| pack == value))
    });
    let kept = Signal::derive(move || choice.known.get().then(|| chosen.get()));
    let bonus = if purchase.bonus.is_zero() {
        say!(add_credit::NO_BONUS)
    } else {
        say!(
            add_credit::WITH_BONUS,
            amount = purchase.bonus.signed_told()
        )
    };
    view! {
        <label class="pack">
            <input
                type="radio"
                name="pack"
                value=value.get_value()
                checked=chosen.get_untracked()
                prop:checked=kept
                on:change=move |_| choice.choose(value.get_value())
            />
            <span class="pack-amount">{whole_dollars(purchase.pay)}</span>
            <span class="pack-bonus" class:credit=!purchase.bonus.is_zero()>{bonus}</span>
        </label>
    }
}

#[component]
pub(super) fn CustomAmount(
    rules: TopUpRules,
    choice: Choice,
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    let limits = say!(
        add_credit::LIMITS,
        smallest = rules.smallest.exact_told(),
        largest = rules.largest.exact_told()
    );
    let kept = Signal::derive(move || choice.known.get().then(|| choice.custom.get()));
    let typing = move |event: Targeted<leptos::ev::Event, web_sys::HtmlInputElement>| {
        choice.typed(event.target().value());
    };
    view! {
        <div class="field">
            <label for="custom">{say!(add_credit::CUSTOM)}</label>
            <p class="hint" id="custom-limits">{limits}</p>
            <FieldError id="custom-error" error />
            <div class="prefixed">
                <span aria-hidden="true">"$"</span>
                <input
                    id="custom"
                    name="custom"
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    maxlength="20"
                    value=choice.custom.get_untracked()
                    prop:value=kept
                    on:input:target=typing
                    aria-describedby="custom-limits custom-error"
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                />
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_is_read_back_as_it_is_sent() {
        let rules = TopUpRules::default();
        for pack in &rules.packs {
            assert_eq!(rules.read_amount(&pack_value(*pack)), Ok(*pack));
        }
        assert_eq!(first_choice(&rules), "25");
    }
}
