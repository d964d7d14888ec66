//! Every entry of the books: the raw transfers, as the server writes them.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::address::escape;
use crate::pages::written::WrittenPart;

#[component]
pub(super) fn EntriesSection() -> impl IntoView {
    let address = use_query_map();
    let part = Signal::derive(move || {
        let before = address.with(|address| address.get("before").unwrap_or_default());
        format!("part:entries?before={}", escape(&before))
    });
    view! {
        <section class="history" aria-labelledby="history">
            <div class="history-head">
                <h2 id="history">{say!(history::TITLE)}</h2>
                <a class="quiet-link" href="/wallet#history">
                    {say!(history::BY_DAY)}
                </a>
            </div>
            <WrittenPart name=part space="history-space" />
        </section>
    }
}
