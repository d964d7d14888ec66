//! Puts a reference on the clipboard.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;

/// How long the button says what it did.
const SAID_FOR: Duration = Duration::from_secs(2);

/// Shown only where scripts run: without them it could do nothing.
#[component]
pub(crate) fn CopyButton(text: String) -> impl IntoView {
    // Rows outlive the answer they were first drawn from, and with it every signal made there.
    let copy = move |event: leptos::ev::MouseEvent| {
        let text = text.clone();
        let button = browser::pressed(&event);
        spawn_local(async move {
            if browser::copy(&text).await
                && let Some(button) = button
            {
                button.set_text_content(Some(&say!(shell::COPIED)));
                let again = move || button.set_text_content(Some(&say!(shell::COPY)));
                set_timeout(again, SAID_FOR);
            }
        });
    };
    view! {
        <button class="text-button scripted" type="button" on:click=copy>
            {say!(shell::COPY)}
        </button>
    }
}
