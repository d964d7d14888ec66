//! The top of every page.

use leptos::prelude::*;

/// The brand leads home: to the wallet for who has one open.
#[component]
pub(crate) fn Header(signed_in: bool) -> impl IntoView {
    let home = if signed_in { "/wallet" } else { "/" };
    view! {
        <header class="header">
            <a class="brand" href=home>
                <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
                    <path d="M16 3a13 13 0 1 1 0 26 13 13 0 0 1 0-26Z" />
                    <path d="M10 12.5h12M16 12.5V23" />
                </svg>
                "Talkala Wallet"
            </a>
            {signed_in
                .then(|| {
                    view! {
                        <nav aria-label="Personal">
                            <a class="quiet-link" href="/account">
                                "Account"
                            </a>
                        </nav>
                    }
                })}
        </header>
    }
}
