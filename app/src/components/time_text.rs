//! A moment on the screen, as the server wrote it.

use leptos::prelude::*;

use crate::written::history::row::When;

/// The short form; with day, seconds and zone on hover.
#[component]
pub(crate) fn TimeText(at: When) -> impl IntoView {
    view! {
        <time datetime=at.machine title=at.full>
            {at.short}
        </time>
    }
}
