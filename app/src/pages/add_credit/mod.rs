//! `/add-credit`: what to buy, what it comes to, and on to the payment page.

mod choice;

use domain::top_up::{Purchase, TopUpRules};
use domain::{Money, TopUpId};
use language::{MARK, around};
use leptos::html::Form;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ask::ask;
use crate::components::answered::{Answered, show};
use crate::components::at_once::Boxed;
use crate::components::heading::Heading;
use crate::components::post_form::{PostForm, Sending, SubmitButton};
use crate::components::refusal::{FieldError, Summary};
use crate::error::AppError;
use crate::speech::{Told, whole_dollars};
use crate::wire::Wire;
use choice::{Choice, CustomAmount, Packs};

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

#[server(endpoint = "load_offer", input = Wire, output = Wire)]
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
    #[server(default)] save_card: bool,
    #[server(default)] invoice: bool,
    #[server(default)] promo: String,
) -> Result<(), AppError> {
    use crate::context;
    let (ledger, visitor) = (context::ledger(), context::visitor().await?);
    let typed = chosen(&pack, &custom);
    let amount = ledger.rules().top_up.read_amount(typed);
    let amount = amount.map_err(|refusal| context::refused_typing(refusal, typed))?;
    let start = ledger::StartTopUp {
        top_up_id,
        amount,
        save_card: save_card.then(crate::speech::language),
        wants_invoice: invoice,
    };
    if !promo.trim().is_empty() {
        let with = ledger::WithTopUp { top_up_id, amount };
        let redeemed = ledger
            .redeem_promo(visitor.wallet_id, &promo, Some(with))
            .await;
        redeemed.map_err(|error| context::refused_beside(error, typed))?;
    }
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
        let refusal = start.refusal().get();
        matches!(refusal, Some(AppError::Declined { used_up: true, .. }))
    });
    let offer = ask(move || (LoadOffer {}, u64::from(used_up.get())));
    view! {
        <div class="narrow">
            <Heading text=say!(add_credit::TITLE) />
            <Answered
                asked=offer
                space="form-space"
                show=show(move |offer: Offer| view! { <OfferForm offer start /> })
            />
        </div>
    }
    .boxed()
}

#[component]
fn OfferForm(offer: Offer, start: Sending) -> impl IntoView {
    let error = start.refusal();
    let refused = error.get_untracked();
    let choice = Choice::new(&offer.rules, refused.as_ref().and_then(AppError::typed));
    let (before, after) = around(&say!(add_credit::AVAILABLE_NOW, amount = MARK));
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
            .map(|purchase| format!(" · {}", purchase.pay.exact_told()))
            .unwrap_or_default()
    });
    // What is wrong with the code is said beside the code.
    let beside = move |code: bool| {
        Signal::derive(move || error.get().filter(|error| error.is_about_a_code() == code))
    };
    let (amount_error, code_error) = (beside(false), beside(true));
    view! {
        <p class="quiet">
            {before} <span class="amount">{offer.available.balance_told()}</span> {after}
        </p>
        {(!offer.debt.is_zero()).then(|| view! { <DebtNote debt=offer.debt /> })}
        <Summary error=amount_error field="custom" />
        <Summary error=code_error field="promo" />
        <PostForm sending=start node_ref=form>
            <input type="hidden" name="top_up_id" value=offer.top_up_id.to_string() />
            <Packs rules=offer.rules.clone() choice />
            <CustomAmount rules=offer.rules.clone() choice error=amount_error />
            <Ladder rules=offer.rules />
            <div class="field">
                <label for="promo">{say!(add_credit::PROMO_CODE)}</label>
                <FieldError id="promo-error" error=code_error />
                <input id="promo" name="promo" maxlength="40" autocomplete="off" aria-describedby="promo-error" />
            </div>
            <label class="choice">
                <input type="checkbox" name="invoice" value="true" />
                {say!(add_credit::INVOICE)}
            </label>
            <label class="choice">
                <input type="checkbox" name="save_card" value="true" aria-describedby="save-card" />
                {say!(add_credit::SAVE_CARD)}
            </label>
            <p class="hint" id="save-card">{say!(add_credit::CONSENT)}</p>
            <Total purchase />
            <SubmitButton sending=start name=say!(add_credit::CONTINUE) busy=say!(add_credit::OPENING) also=also />
            <p class="quiet small">
                {say!(add_credit::PAY_THERE)}
            </p>
        </PostForm>
    }
}

#[component]
fn DebtNote(debt: Money) -> impl IntoView {
    view! {
        <p class="note hold">
            {say!(add_credit::DEBT, amount = debt.exact_told())}
        </p>
    }
}

/// The bonus in words, for every amount: also for who chooses without scripts.
#[component]
fn Ladder(rules: TopUpRules) -> impl IntoView {
    let steps: Vec<String> = rules
        .ladder
        .iter()
        .map(|step| {
            let from = whole_dollars(step.from);
            say!(add_credit::STEP, percent = step.percent, amount = from)
        })
        .collect();
    view! {
        <p class="quiet small">
            {say!(add_credit::LADDER, steps = steps.join(", "))}
        </p>
    }
}

/// Three lines that follow what is chosen. Only where scripts run: a sum that stood still would lie.
#[component]
fn Total(purchase: Signal<Option<Purchase>>) -> impl IntoView {
    let line = move |part: fn(&Purchase) -> Money| {
        let part = move |purchase: Purchase| part(&purchase).exact_told();
        Signal::derive(move || purchase.get().map_or_else(|| "–".to_owned(), part))
    };
    view! {
        <dl class="total scripted" aria-live="polite">
            <div>
                <dt>{say!(add_credit::YOU_PAY)}</dt>
                <dd>{line(|purchase| purchase.pay)}</dd>
            </div>
            <div>
                <dt>{say!(add_credit::BONUS)}</dt>
                <dd>{line(|purchase| purchase.bonus)}</dd>
            </div>
            <div class="sum">
                <dt>{say!(add_credit::ADDED)}</dt>
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
}
