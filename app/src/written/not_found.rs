//! An address that shows nothing.

use leptos::prelude::*;

use super::Page;
use crate::context;

pub(crate) fn page() -> Page {
    context::not_found();
    let content = view! {
        <p>{say!(not_found::WHY)}</p>
        <p class="actions">
            <a class="button" href="/wallet">
                {say!(not_found::OPEN_WALLET)}
            </a>
            <a class="quiet-button" href="/">
                {say!(not_found::START_PAGE)}
            </a>
        </p>
    };
    Page::narrow(say!(not_found::TITLE), content)
}
