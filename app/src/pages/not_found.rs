//! An address that shows nothing.

use leptos::prelude::*;

use crate::components::at_once::Boxed;
use crate::components::header::Header;
use crate::components::heading::Heading;

#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::context::not_found();
    view! {
        <Header signed_in=false />
        <main class="page" id="main" tabindex="-1">
            <div class="narrow">
                <Heading text="There is no such page" />
                <p>"The address may be mistyped, or the page may have moved."</p>
                <p class="actions">
                    <a class="button" href="/wallet">
                        "Open your wallet"
                    </a>
                    <a class="quiet-button" href="/">
                        "Start page"
                    </a>
                </p>
            </div>
        </main>
    }
    .boxed()
}
