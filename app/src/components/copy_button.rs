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
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            if browser::copy(&text).await {
                copied.set(true);
                set_timeout(
                    move || {
                        copied.try_set(false);
                    },
                    SAID_FOR,
                );
            }
        });
    };
    let name = Signal::derive(move || {
        if copied.get() {
            say!(shell::COPIED)
        } else {
            say!(shell::COPY)
        }
    });
    view! {
        <button class="text-button scripted" type="button" on:click=copy>
            {name}
        </button>
    }
}
