//! The line that says that no real money moves.

use leptos::prelude::*;

use crate::site::Site;

/// On every page, while payments go to the simulated card processor.
#[component]
pub(crate) fn SandboxBanner() -> impl IntoView {
    let links = use_context::<Site>().unwrap_or_default().sandbox;
    links.map(|links| {
        view! {
            <aside class="banner" aria-label=say!(shell::SANDBOX)>
                <p>
                    <strong>{say!(shell::SANDBOX)}</strong>
                    ": "
                    {say!(shell::NO_REAL_MONEY)}
                    " "
                    <a href=links.mailbox rel="external">{say!(shell::MAILBOX)}</a>
                    " · "
                    <a href=links.control rel="external">{say!(shell::CONTROLS)}</a>
                </p>
            </aside>
        }
    })
}
