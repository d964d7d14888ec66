//! The top of every page.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The ways from everywhere, and those from pages of one person. The wallet's own links are not
/// among them: no two links of a page have the same name.
fn ways(signed_in: bool) -> Vec<(&'static str, String)> {
    let mut ways = vec![("/rates", say!(shell::RATES))];
    if signed_in {
        ways.push(("/messages", say!(shell::MESSAGES)));
        ways.push(("/account", say!(shell::ACCOUNT)));
    }
    ways
}

/// The brand leads home: to the wallet for who has one open.
#[component]
pub(crate) fn Header(signed_in: bool) -> impl IntoView {
    let home = if signed_in { "/wallet" } else { "/" };
    let here = use_location().pathname;
    let links: Vec<_> = ways(signed_in)
        .into_iter()
        .map(|(address, name)| {
            let current = move || here.with(|here| here == address).then_some("page");
            view! {
                <a class="quiet-link" href=address aria-current=current>
                    {name}
                </a>
            }
        })
        .collect();
    // The start page has a link of this name, and the way to sign in leads nowhere from itself.
    let sign_in = (!signed_in).then_some(move || {
        let elsewhere = here.with(|here| here != "/" && here != "/sign-in");
        elsewhere
            .then(|| view! { <a class="quiet-link" href="/sign-in">{say!(sign_in::TITLE)}</a> })
    });
    view! {
        <header class="header">
            <a class="brand" href=home>
                <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
                    <path d="M16 3a13 13 0 1 1 0 26 13 13 0 0 1 0-26Z" />
                    <path d="M10 12.5h12M16 12.5V23" />
                </svg>
                <span class="brand-name">"Talkala Wallet"</span>
            </a>
            <nav class="ways" aria-label=say!(shell::PAGES)>
                {links}
                {sign_in}
            </nav>
        </header>
    }
}
