//! An address that shows nothing.

use leptos::prelude::*;

use super::Page;
use crate::context;

pub(crate) fn page() -> Page {
    context::not_found();
    let content = view! {
        <p>"The address may be mistyped, or the page may have moved."</p>
        <p class="actions">
            <a class="button" href="/wallet">
                "Open your wallet"
            </a>
            <a class="quiet-button" href="/">
                "Start page"
            </a>
        </p>
    };
    Page::narrow("There is no such page", content)
}
