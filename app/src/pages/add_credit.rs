//! `/add-credit`: what to buy, what it comes to, and on to the payment page.

use domain::top_up::{Purchase, TopUpRules};
use domain::{Declined, Money, TopUpId};
use leptos::ev::Targeted;
use leptos::html::Form;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

use crate::ask::ask;
use crate::browser;
use crate::components::answered::{Answered, show};
use crate::components::at_once::Boxed;
use crate::components::heading::Heading;
use crate::components::post_form::{PostForm, Sending, SubmitButton};
use crate::components::refusal::{FieldError, Summary};
use crate::error::AppError;

/// What the form needs to know before anything is chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Offer {
    /// The id of the top-up this form will start: a second click and a reload of the answer meet
    /// the same one.
    pub(crate) top_up_id: TopUpId,
    pub(crate) rules: TopUpRules,
    pub(crate) available: Money,
    /// Owed after a dispute; a top-up pays it first.
    pub(crate) debt: Money,
}

#[server(endpoint = "load_offer", input = Json)]
pub(crate) async fn load_offer() -> Result<Offer, AppError> {
    use crate::context;
    let (ledger, visitor) = (context::ledger(), context::visitor().await?);
    let wallet = ledger
        .wallet(visitor.wallet_id)
        .await
        .map_err(context::refused)?;
    Ok(Offer {
        top_up_id: ledger.new_top_up_id(),
        rules: ledger.rules().top_up.clone(),
        available: wallet.available(),
        debt: wallet.debt,
    })
}

/// Starts the top-up and leads to the payment page. A typed amount counts before a chosen one.
#[server(endpoint = "start_top_up")]
pub(crate) async fn start_top_up(
    top_up_id: TopUpId,
    #[server(default)] pack: String,
    #[server(default)] custom: String,
) -> Result<(), AppError> {
    use crate::context;
    let (ledger, visitor) = (context::ledger(), context::visitor().await?);
    let typed = chosen(&pack, &custom);
    let amount = ledger.rules().top_up.read_amount(typed);
    let amount = amount.map_err(|refusal| context::refused_typing(refusal, typed))?;
    let start = ledger::StartTopUp { top_up_id, amount };
    let address = ledger
        .start_top_up(visitor.wallet_id, start)
        .await
        .map_err(context::refused)?;
    context::redirect_to_payment(&address)
}

/// The amount that counts, as text: what was typed, else the pack.
fn chosen<'a>(pack: &'a str, custom: &'a str) -> &'a str {
    if custom.trim().is_empty() {
        pack
    } else {
        custom
    }
}

#[component]
pub(crate) fn AddCreditPage() -> impl IntoView {
    let start = Sending::to::<StartTopUp>();
    // A refusal because this id is used up is cured by a new one.
    let used_up = Memo::new(move |_| {
        let why = start.refusal().get().and_then(|error| error.why().cloned());
        matches!(why, Some(Declined::TopUpOver | Declined::TopUpChanged))
    });
    let offer = ask(move || (LoadOffer {}, u64::from(used_up.get())));
    view! {
        <div class="narrow">
            <Heading text="Add credit" />
            <Answered
                asked=offer
                space="form-space"
                show=show(move |offer: Offer| view! { <OfferForm offer start /> })
            />
        </div>
    }
    .boxed()
}

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
struct Choice {
    pack: RwSignal<String>,
    custom: RwSignal<String>,
    /// Whether the document was read. Until then its fields are left alone: somebody may have
    /// typed before the scripts ran.
    known: RwSignal<bool>,
}

impl Choice {
    /// What the document is sent with: what was typed when the form was refused, else a pack.
    fn new(rules: &TopUpRules, refused: Option<&str>) -> Self {
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
    fn read(self, form: &web_sys::Element) {
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
fn OfferForm(offer: Offer, start: Sending) -> impl IntoView {
    let error = start.refusal();
    let refused = error.get_untracked();
    let choice = Choice::new(&offer.rules, refused.as_ref().and_then(AppError::typed));
    let form = NodeRef::<Form>::new();
    Effect::new(move |_| {
        if let Some(form) = form.get() {
            choice.read(&form);
        }
    });
    let rules = StoredValue::new(offer.rules.clone());
    let amount = Memo::new(move |_| {
        rules
            .with_value(|rules| rules.read_amount(chosen(&choice.pack.get(), &choice.custom.get())))
    });
    let purchase = Signal::derive(move || {
        let amount = amount.get().ok()?;
        Some(rules.with_value(|rules| rules.purchase(amount)))
    });
    let also = Signal::derive(move || {
        purchase
            .get()
            .map(|purchase| format!(" · {}", purchase.pay.exact_text()))
            .unwrap_or_default()
    });
    view! {
        <p class="quiet">
            "Available now " <span class="amount">{offer.available.balance_text()}</span>
        </p>
        {(!offer.debt.is_zero()).then(|| view! { <DebtNote debt=offer.debt /> })}
        <Summary error field="custom" />
        <PostForm sending=start node_ref=form>
            <input type="hidden" name="top_up_id" value=offer.top_up_id.to_string() />
            <Packs rules=offer.rules.clone() choice />
            <CustomAmount rules=offer.rules.clone() choice start />
            <Ladder rules=offer.rules />
            <Total purchase />
            <SubmitButton sending=start name="Continue to payment" busy="Opening the payment page" also=also />
            <p class="quiet small">
                "You pay on Stripe’s page and come back here. Credit is added when your bank has confirmed."
            </p>
        </PostForm>
    }
}

#[component]
fn DebtNote(debt: Money) -> impl IntoView {
    view! {
        <p class="note hold">
            "You owe " {debt.exact_text()}
            " after a disputed payment. Your next top-up pays this first; the rest is yours to spend."
        </p>
    }
}

#[component]
fn Packs(rules: TopUpRules, choice: Choice) -> impl IntoView {
    let cards: Vec<_> = rules
        .packs
        .iter()
        .map(|amount| view! { <Pack purchase=rules.purchase(*amount) choice /> })
        .collect();
    view! {
        // Said as a radio group by itself, named by its legend.
        <fieldset class="packs" role="radiogroup">
            <legend>"Amount"</legend>
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
        "no bonus".to_owned()
    } else {
        format!("{} bonus", purchase.bonus.signed_text())
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

/// `$25`, with cents only where there are any.
fn whole_dollars(amount: Money) -> String {
    let text = amount.exact_text();
    text.strip_suffix(".00").map(str::to_owned).unwrap_or(text)
}

#[component]
fn CustomAmount(rules: TopUpRules, choice: Choice, start: Sending) -> impl IntoView {
    let limits = format!(
        "From {} to {}. Leave it empty to use the amount chosen above.",
        rules.smallest.exact_text(),
        rules.largest.exact_text()
    );
    let kept = Signal::derive(move || choice.known.get().then(|| choice.custom.get()));
    let typing = move |event: Targeted<leptos::ev::Event, web_sys::HtmlInputElement>| {
        choice.typed(event.target().value());
    };
    view! {
        <div class="field">
            <label for="custom">"Custom amount"</label>
            <p class="hint" id="custom-limits">{limits}</p>
            <FieldError id="custom-error" error=start.refusal() />
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
                    aria-invalid=start.invalid()
                />
            </div>
        </div>
    }
}

/// The bonus in words, for every amount: also for who chooses without scripts.
#[component]
fn Ladder(rules: TopUpRules) -> impl IntoView {
    let steps: Vec<String> = rules
        .ladder
        .iter()
        .map(|step| format!("{} % from {}", step.percent, whole_dollars(step.from)))
        .collect();
    view! {
        <p class="quiet small">
            "Bonus on the whole amount: " {steps.join(", ")} ". It can be spent for 365 days."
        </p>
    }
}

/// Three lines that follow what is chosen. Only where scripts run: a sum that stood still would lie.
#[component]
fn Total(purchase: Signal<Option<Purchase>>) -> impl IntoView {
    let line = move |part: fn(&Purchase) -> Money| {
        let part = move |purchase: Purchase| part(&purchase).exact_text();
        Signal::derive(move || purchase.get().map_or_else(|| "–".to_owned(), part))
    };
    view! {
        <dl class="total scripted" aria-live="polite">
            <div>
                <dt>"You pay"</dt>
                <dd>{line(|purchase| purchase.pay)}</dd>
            </div>
            <div>
                <dt>"Bonus"</dt>
                <dd>{line(|purchase| purchase.bonus)}</dd>
            </div>
            <div class="sum">
                <dt>"Added to your wallet"</dt>
                <dd>{line(Purchase::added)}</dd>
            </div>
        </dl>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_amount_counts_before_a_chosen_one() {
        assert_eq!(chosen("25", ""), "25");
        assert_eq!(chosen("25", "  "), "25");
        assert_eq!(chosen("25", "30"), "30");
        assert_eq!(chosen("", ""), "");
    }

    #[test]
    fn a_pack_is_read_back_as_it_is_sent() {
        let rules = TopUpRules::default();
        for pack in &rules.packs {
            assert_eq!(rules.read_amount(&pack_value(*pack)), Ok(*pack));
        }
        assert_eq!(first_choice(&rules), "25");
    }

    #[test]
    fn cents_are_shown_where_there_are_any() {
        assert_eq!(whole_dollars(Money::from_dollars(1000)), "$1,000");
        assert_eq!(whole_dollars(Money::from_cents(1050)), "$10.50");
    }
}
