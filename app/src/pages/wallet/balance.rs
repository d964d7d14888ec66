//! What there is: the figure one opens the page for.

use domain::{Money, Wallet};
use leptos::prelude::*;

use crate::browser;
use crate::components::amount::Figure;
use crate::speech::Told;

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
        <section class="balance" aria-label=say!(wallet::AVAILABLE_BALANCE)>
            <p class="balance-label" aria-hidden="true">{say!(wallet::AVAILABLE)}</p>
            <p class="visually-hidden" aria-live="polite">
                {available.balance_told()}
            </p>
            <p class="balance-figure" aria-hidden="true">
                {move || view! { <Figure amount=figure.get() /> }}
            </p>
            <p>
                <a class="quiet-link" href="/account/destination">
                    {worth}
                </a>
            </p>
            <p class="balance-as-of">{say!(wallet::AS_OF, time = as_of)}</p>
        </section>
        <dl class="make-up">
            <Term name=say!(wallet::ON_HOLD) amount=wallet.held meaning=say!(wallet::ON_HOLD_MEANS) />
            <Term name=say!(wallet::PAID) amount=wallet.paid meaning=say!(wallet::PAID_MEANS) />
            <Term name=say!(wallet::PROMOTIONAL) amount=wallet.promotional meaning=say!(wallet::PROMOTIONAL_MEANS) />
            {(!wallet.debt.is_zero())
                .then(|| {
                    view! {
                        <Term name=say!(wallet::DEBT) amount=wallet.debt meaning=say!(wallet::DEBT_MEANS) />
                    }
                })}
        </dl>
    }
}

#[component]
fn Term(name: String, amount: Money, meaning: String) -> impl IntoView {
    view! {
        <div title=meaning>
            <dt>{name}</dt>
            <dd class="amount">{amount.balance_told()}</dd>
        </div>
    }
}
