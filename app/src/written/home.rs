//! `/`: what this is, and the ways in.

use leptos::prelude::*;

use super::Page;

pub(crate) fn page() -> Page {
    let content = view! {
        <p class="lead">
            "Prepaid credit for calls abroad. You add what you want to spend, a call can never take you below zero, and every cent that moved is a line you can open."
        </p>
        <p class="actions">
            // The same page: a first sign-in opens the wallet.
            <a class="button" href="/sign-in?new=1">
                "Create account"
            </a>
            <a class="quiet-button" href="/rates">
                "Check rates"
            </a>
            <a class="quiet-button" href="/sign-in">
                "Sign in"
            </a>
        </p>
        <dl class="promises">
            <div>
                <dt>"No surprises"</dt>
                <dd>"Credit you bought never expires. There is no subscription, and nothing is charged that you did not ask for."</dd>
            </div>
            <div>
                <dt>"Every cent explained"</dt>
                <dd>"Each line of your history opens into what was set aside, what was charged, what came back, and what was left."</dd>
            </div>
            <div>
                <dt>"More for larger top-ups"</dt>
                <dd>"From $25 on you get a bonus. You see it before you pay."</dd>
            </div>
        </dl>
    };
    Page::laid_out(
        "home",
        "Call home for cents, and see every one of them",
        content,
    )
}
