//! What happened, as the server writes it (`written/history`). Here the buttons in it act.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::charge::Charge;
use crate::ask::ask_sheet;
use crate::browser::{self, SentForm};
use crate::components::answered::Answered;
use crate::live::Live;
use crate::pages::written::{question, shown_part};
use crate::speech::Told;

#[component]
pub(super) fn HistorySection() -> impl IntoView {
    let live = use_context::<Live>().unwrap_or_default();
    let search = use_location().search;
    // Older pages do not change under the reader: only the first one is asked for again.
    let page = ask_sheet(move || {
        let search = search.get();
        let hints = if search.contains("after=") {
            0
        } else {
            live.track()
        };
        (format!("part:history{}", question(&search)), hints)
    });
    let navigate = use_navigate();
    let submit = move |event: leptos::ev::SubmitEvent| {
        if let Some(SentForm::Get { address, .. }) = browser::sent_form(&event) {
            let stay = NavigateOptions {
                scroll: false,
                ..NavigateOptions::default()
            };
            navigate(&address, stay);
        }
    };
    view! {
        <section class="history" aria-labelledby="history" on:submit=submit on:click=act>
            <div class="history-head">
                <h2 id="history">{say!(history::TITLE)}</h2>
                <a class="quiet-link" href="/wallet?show=entries#history">
                    {say!(history::EVERY_ENTRY)}
                </a>
            </div>
            <Answered asked=page space="history-space" show=shown_part() />
        </section>
    }
}

/// Copies what a button has in `data-copy`, or does the sum in its `data-charge` again: by the code that did
/// it on the server.
fn act(event: leptos::ev::MouseEvent) {
    let Some(button) = browser::pressed(&event) else {
        return;
    };
    if let Some(text) = button.get_attribute("data-copy") {
        browser::copy_by(button, text);
    } else if let Some(charge) = button.get_attribute("data-charge")
        // Markup of another version of us stays silent.
        && let Ok(charge) = charge.parse()
    {
        browser::say_beside(&button, &worked_out(&charge));
    }
}

fn worked_out(charge: &Charge) -> String {
    let cost = charge.worked_out();
    let amount = cost.exact_told();
    if cost == charge.charged {
        say!(history::WORKED_OUT, amount = amount)
    } else {
        say!(history::WORKED_OUT_MORE, amount = amount)
    }
}
