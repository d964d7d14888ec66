//! Every page that the server writes, and parts of pages that it writes: shown as they come.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_params_map};
use leptos_router::params::ParamsMap;

use crate::ask::{Reply, ask_sheet, fetch_sheet};
use crate::browser::{self, SentForm};
use crate::components::answered::{Answered, Show};
use crate::components::at_once::Boxed;
use crate::components::heading::Arrivals;
use crate::components::post_form::Sending;
use crate::components::refusal::Summary;
use crate::components::trouble::Trouble;
use crate::live::Live;
use crate::sheet::Sheet;

/// The page at this address. Its forms are sent in place; without scripts they are plain forms.
///
/// A GET form with `data-eager` asks as one types, and only what has the id `answer` changes. What
/// has the id `live` is asked for again when the server says that something changed, and every few
/// seconds while something in it has `data-waits`.
#[component]
pub(crate) fn WrittenPage() -> impl IntoView {
    let location = use_location();
    let params = use_params_map();
    let path = Memo::new(move |_| params.with(path_of));
    let here = Memo::new(move |before: Option<&String>| {
        let (path, search) = (path.get(), location.search.get());
        // Whoever leaves changes the search a moment before this page is gone.
        let leaving = path != location.pathname.get_untracked().trim_end_matches('/');
        match before {
            Some(before) if leaving => before.clone(),
            _ => path + &question(&search),
        }
    });
    let sending = Sending::anywhere();
    let asked = ask_sheet(move || (here.get(), sending.done()));
    let arrivals = use_context::<Arrivals>().unwrap_or_default();
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            sending.clear();
        }
        path
    });
    let shown = StoredValue::new(None);
    // Focus follows the address, not the content: a form sent in place leaves it where it is.
    let shown_at = move || {
        let now = Some(path.get_untracked());
        if shown.get_value() != now {
            shown.set_value(now);
            if arrivals.again() {
                browser::focus_heading();
            }
        }
    };
    Effect::new(move |_| {
        if asked.get().is_some() {
            shown_at();
            wait(here, ASK_AT_MOST);
        }
    });
    if let Some(live) = use_context::<Live>() {
        Effect::new(move |heard: Option<u64>| {
            let hints = live.track();
            if heard.is_some_and(|heard| heard != hints) {
                renew(here.get_untracked(), "live");
            }
            hints
        });
    }
    let navigate = use_navigate();
    let typing = StoredValue::new(0_u64);
    let submit = move |event: leptos::ev::SubmitEvent| {
        // What was typed is sent now: asked about later, it would take the address back.
        typing.update_value(|times| *times += 1);
        match browser::sent_form(&event) {
            Some(SentForm::Post { address, fields }) => sending.send_to(address, fields),
            Some(SentForm::Get {
                address,
                eager: true,
            }) => ask_eagerly(address),
            Some(SentForm::Get { address, .. }) => navigate(&address, NavigateOptions::default()),
            None => {}
        }
    };
    let input = move |event: leptos::ev::Event| {
        let Some(address) = browser::eager_form(&event) else {
            return;
        };
        typing.update_value(|times| *times += 1);
        let now = typing.get_value();
        set_timeout(
            move || {
                if typing.try_get_value() == Some(now) {
                    ask_eagerly(address);
                }
            },
            browser::TYPING_PAUSE,
        );
    };
    view! {
        <div class="written" aria-busy=move || sending.pending().get().then_some("true") on:submit=submit on:input=input>
            <Summary error=sending.refusal() field="main" />
            <Answered asked space="form-space" show=shown_sheet() />
        </div>
    }
    .boxed()
}

/// A part of a page that the server writes, by its name; asked for again when something changed.
#[component]
pub(crate) fn WrittenPart(
    #[prop(into)] name: Signal<String>,
    space: &'static str,
) -> impl IntoView {
    let live = use_context::<Live>().unwrap_or_default();
    let asked = ask_sheet(move || (name.get(), live.track()));
    view! { <Answered asked space show=shown_part() /> }
}

/// What stands in the document stays there as long as the same is answered: nothing is drawn twice.
pub(super) fn shown_part() -> Show {
    let there = StoredValue::new(None);
    Show::of(move |reply: &Reply| match reply.sheet() {
        Ok(mut sheet) => {
            if reply.there().is_some() {
                there.set_value(reply.there());
            } else if there.get_value() == Some(sheet.sum) {
                sheet.markup.clear();
            } else {
                there.set_value(None);
            }
            view! { <Shown sheet /> }.boxed()
        }
        Err(error) => {
            there.set_value(None);
            view! { <Trouble error /> }.boxed()
        }
    })
}

fn shown_sheet() -> Show {
    Show::of(|reply: &Reply| match reply.sheet() {
        Ok(sheet) => view! { <Shown sheet /> }.boxed(),
        Err(error) => view! { <Trouble error /> }.boxed(),
    })
}

#[component]
fn Shown(sheet: Sheet) -> impl IntoView {
    let Sheet { name, markup, .. } = sheet;
    let title = (!name.is_empty()).then(|| view! { <Title text=name /> });
    // The one place where markup is shown as it is: `check` allows it here, for it is our own views'.
    view! {
        {title}
        <div class="sheet" inner_html=markup />
    }
}

/// Takes over the answer at another address of the same page, and the address with it.
fn ask_eagerly(address: String) {
    browser::replace_address(&address);
    renew(address, "answer");
}

/// Asks for the sheet at an address again, and takes over only the part with this id.
fn renew(address: String, id: &'static str) {
    if !browser::has_part(id) {
        return;
    }
    spawn_local(take_over(address, id));
}

async fn take_over(address: String, id: &'static str) {
    if let Ok(sheet) = fetch_sheet(address).await {
        browser::replace_part(id, &sheet.markup);
    }
}

/// How often, and how many times, a page asks for what it waits for.
const ASK_EVERY: Duration = Duration::from_secs(2);
const ASK_AT_MOST: u8 = 60;

fn wait(here: Memo<String>, times: u8) {
    if times == 0 || !browser::is_waiting() {
        return;
    }
    set_timeout(
        move || {
            // The page may be gone by now.
            let Some(address) = here.try_get_untracked() else {
                return;
            };
            spawn_local(async move {
                take_over(address, "live").await;
                wait(here, times - 1);
            });
        },
        ASK_EVERY,
    );
}

/// The path of a written page, from what its route caught: `/*rest` is everything, and any other
/// route names what it catches as it begins, `/rates/*rates`. So it changes only with its own route.
fn path_of(params: &ParamsMap) -> String {
    let caught = params.clone().into_iter().next();
    match caught {
        None => String::new(),
        Some((name, rest)) if name == "rest" => format!("/{rest}"),
        // The doors of documents name it as the books do, and one place has one name.
        Some((name, top_up_id)) if name == "top_up_id" => format!("/top-ups/{top_up_id}"),
        Some((name, rest)) if rest.is_empty() => format!("/{name}"),
        Some((name, rest)) => format!("/{name}/{rest}"),
    }
}

/// The search of an address with its mark, whether or not it has one.
pub(super) fn question(search: &str) -> String {
    let search = search.trim_start_matches('?');
    if search.is_empty() {
        String::new()
    } else {
        format!("?{search}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_what_its_route_caught() {
        let caught = |name: &str, rest: &str| {
            let mut params = ParamsMap::new();
            params.insert(name.to_owned(), rest.to_owned());
            path_of(&params)
        };
        assert_eq!(path_of(&ParamsMap::new()), "");
        assert_eq!(caught("rest", "no/such"), "/no/such");
        assert_eq!(caught("rates", ""), "/rates");
        assert_eq!(caught("top_up_id", "0190"), "/top-ups/0190");
        assert_eq!(caught("rates", "mexico"), "/rates/mexico");
    }

    #[test]
    fn a_search_has_one_mark() {
        assert_eq!(question(""), "");
        assert_eq!(question("for=52"), "?for=52");
        assert_eq!(question("?for=52"), "?for=52");
    }
}
