//! The line that says that no real money moves.

use leptos::prelude::*;

use crate::site::Site;

/// On every page, while payments go to the simulated card processor.
#[component]
pub(crate) fn SandboxBanner() -> impl IntoView {
    let links = use_context::<Site>().unwrap_or_default().sandbox;
    links.map(|links| {
        view! {
            <aside class="banner" aria-label="Sandbox">
                <p>
                    <strong>"Sandbox"</strong>
                    ": no real money moves. "
                    <a href=links.mailbox rel="external">"Mailbox"</a>
                    " · "
                    <a href=links.control rel="external">"Controls"</a>
                </p>
            </aside>
        }
    })
}
