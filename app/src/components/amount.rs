//! Money on the screen.

use domain::Money;
use leptos::prelude::*;

use crate::speech::Told;

/// An amount that came in or went out: its sign in words too, for who cannot see the color.
#[component]
pub(crate) fn SignedAmount(amount: Money) -> impl IntoView {
    let class = if amount.is_positive() {
        "amount credit"
    } else {
        "amount"
    };
    let direction = if amount.is_positive() {
        format!(" {}", say!(shell::MONEY_IN))
    } else if amount.is_negative() {
        format!(" {}", say!(shell::MONEY_OUT))
    } else {
        String::new()
    };
    view! {
        <span class=class>
            {amount.signed_told()} <span class="visually-hidden">{direction}</span>
        </span>
    }
}

/// A large figure, its cents smaller and raised.
#[component]
pub(crate) fn Figure(amount: Money) -> impl IntoView {
    let text = amount.balance_told();
    let at = text
        .rfind(['.', ','])
        .expect("money is written with its cents");
    let (whole, point, cents) = (&text[..at], &text[at..=at], &text[at + 1..]);
    let (whole, point, cents) = (whole.to_owned(), point.to_owned(), cents.to_owned());
    view! {
        <span class="figure">
            {whole} <span class="point">{point}</span> <span class="cents">{cents}</span>
        </span>
    }
}
