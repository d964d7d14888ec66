//! Money on the screen.

use domain::Money;
use leptos::prelude::*;

/// An amount that came in or went out: its sign in words too, for who cannot see the color.
#[component]
pub(crate) fn SignedAmount(amount: Money) -> impl IntoView {
    let class = if amount.is_positive() {
        "amount credit"
    } else {
        "amount"
    };
    let direction = if amount.is_positive() {
        " in"
    } else if amount.is_negative() {
        " out"
    } else {
        ""
    };
    view! {
        <span class=class>
            {amount.signed_text()} <span class="visually-hidden">{direction}</span>
        </span>
    }
}

/// A large figure, its cents smaller and raised.
#[component]
pub(crate) fn Figure(amount: Money) -> impl IntoView {
    let text = amount.balance_text();
    let (whole, cents) = text
        .split_once('.')
        .expect("money is written with its cents");
    let (whole, cents) = (whole.to_owned(), cents.to_owned());
    view! {
        <span class="figure">
            {whole} <span class="point">"."</span> <span class="cents">{cents}</span>
        </span>
    }
}
