//! What there is: the figure one opens the page for.

use domain::{Money, Wallet};
use leptos::prelude::*;

use crate::browser;
use crate::components::amount::Figure;

/// The available balance, and what it is made of. A changed figure counts to its new value, and is
/// said once, when it is there.
#[component]
pub(super) fn Balance(
    wallet: Wallet,
    worth: String,
    as_of: String,
    /// What was shown before this.
    shown: StoredValue<Option<Money>>,
) -> impl IntoView {
    let available = wallet.available();
    let before = shown.get_value().unwrap_or(available);
    shown.set_value(Some(available));
    let figure = RwSignal::new(before);
    Effect::new(move |_| {
        if let (Ok(from), Ok(to)) = (
            before.whole_cents().cents(),
            available.whole_cents().cents(),
        ) && from != to
        {
            browser::count(from, to, move |cents| {
                figure.try_set(Money::from_cents(cents));
            });
        }
    });
    view! {
        <section class="balance" aria-label="Available balance">
            <p class="balance-label" aria-hidden="true">"Available"</p>
            <p class="visually-hidden" aria-live="polite">
                {available.balance_text()}
            </p>
            <p class="balance-figure" aria-hidden="true">
                {move || view! { <Figure amount=figure.get() /> }}
            </p>
            <p>
                <a class="quiet-link" href="/account/destination">
                    {worth}
                </a>
            </p>
            <p class="balance-as-of">"As of " {as_of}</p>
        </section>
        <dl class="make-up">
            <Term name="On hold" amount=wallet.held meaning="set aside, comes back if it is not used" />
            <Term name="Paid" amount=wallet.paid meaning="bought, never expires" />
            <Term name="Promotional" amount=wallet.promotional meaning="given, spent first" />
            {(!wallet.debt.is_zero())
                .then(|| {
                    view! {
                        <Term name="Debt" amount=wallet.debt meaning="owed, your next top-up pays it first" />
                    }
                })}
        </dl>
    }
}

#[component]
fn Term(name: &'static str, amount: Money, meaning: &'static str) -> impl IntoView {
    view! {
        <div title=meaning>
            <dt>{name}</dt>
            <dd class="amount">{amount.balance_text()}</dd>
        </div>
    }
}
