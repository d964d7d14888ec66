//! One form for everything that changes something.
//!
//! Without scripts it is a plain form: the server redirects back, with a refusal in the address.
//! With them it is sent in place. It knows only where it sends to, not what: one copy of its code
//! serves all, where an action of its own for each function would come to a third of our bundle.

use std::fmt;
use std::str::FromStr;

use leptos::html::Form;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::redirect::call_redirect_hook;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

use super::at_once::Boxed;
use crate::browser::{self, Answer};
use crate::error::AppError;
use crate::wire::{self, NotOurs};

/// The refusal that came back with the address of the document: of a form sent without scripts.
/// The server reads it, so that its words are the server's, whoever wrote the address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Refused {
    path: String,
    error: Option<AppError>,
}

impl Refused {
    /// By the server function at this path.
    pub(crate) fn by(path: String, error: AppError) -> Self {
        Self {
            path,
            error: Some(error),
        }
    }
}

/// As it is sent with the page.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&wire::write(self))
    }
}

impl FromStr for Refused {
    type Err = NotOurs;

    fn from_str(text: &str) -> Result<Self, NotOurs> {
        wire::read(text)
    }
}

/// The state of what a form sends to one server function.
#[derive(Clone, Copy)]
pub(crate) struct Sending {
    address: &'static str,
    pending: RwSignal<bool>,
    refusal: RwSignal<Option<AppError>>,
    done: RwSignal<u64>,
}

impl Sending {
    /// To this server function; a refusal that came back with the address counts as its last answer.
    pub(crate) fn to<F: ServerFn<Output = (), Error = AppError>>() -> Self {
        let refused = use_context::<Refused>().filter(|refused| refused.path == F::PATH);
        Self::after(F::PATH, refused)
    }

    /// To wherever the form says: for forms that the server wrote. Whatever was refused last counts.
    pub(crate) fn anywhere() -> Self {
        Self::after("", use_context::<Refused>())
    }

    fn after(address: &'static str, refused: Option<Refused>) -> Self {
        Self {
            address,
            pending: RwSignal::new(false),
            refusal: RwSignal::new(refused.and_then(|refused| refused.error)),
            done: RwSignal::new(0),
        }
    }

    /// Whether something is on its way.
    pub(crate) fn pending(self) -> Signal<bool> {
        self.pending.into()
    }

    /// Forgets the last refusal: what was refused is gone from the page.
    pub(crate) fn clear(self) {
        self.refusal.set(None);
    }

    /// The last answer, if it was a refusal.
    pub(crate) fn refusal(self) -> Signal<Option<AppError>> {
        self.refusal.into()
    }

    /// For the field that is at fault: `aria-invalid`.
    pub(crate) fn invalid(self) -> Signal<Option<&'static str>> {
        let declined = move || {
            self.refusal
                .with(|error| matches!(error, Some(AppError::Declined { .. })))
        };
        Signal::derive(move || declined().then_some("true"))
    }

    /// How many times it was done and one stayed here: for what must be asked for again then.
    pub(crate) fn done(self) -> u64 {
        self.done.get()
    }

    /// Sends what the form holds, unless it is on its way already.
    fn send(self, fields: web_sys::FormData) {
        self.send_to(self.address.to_owned(), fields);
    }

    /// Sends it to another address of ours.
    pub(crate) fn send_to(self, address: String, fields: web_sys::FormData) {
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        spawn_local(async move {
            let answer = browser::post(&address, fields).await;
            // The page may be gone by now, and its signals with it.
            self.pending.try_set(false);
            match answer {
                Ok(answer) => self.settle(answer),
                Err(error) => {
                    self.refusal.try_set(Some(error));
                }
            }
        });
    }

    fn settle(self, answer: Answer) {
        self.refusal.try_set(None);
        match answer {
            Answer::Done => {
                self.done.try_update(|times| *times += 1);
            }
            Answer::GoTo(address) => call_redirect_hook(&address),
        }
    }
}

/// What stands in a form, boxed: all forms are one type.
pub(crate) struct Fields(Box<dyn FnOnce() -> AnyView + Send>);

impl Fields {
    pub(crate) fn view(self) -> AnyView {
        (self.0)()
    }
}

impl<F, V> ToChildren<F> for Fields
where
    F: FnOnce() -> V + Send + 'static,
    V: IntoView + 'static,
{
    fn to_children(fields: F) -> Self {
        Self(Box::new(move || fields().boxed()))
    }
}

/// Sends the form, and says so while it is on its way.
#[component]
pub(crate) fn SubmitButton(
    sending: Sending,
    name: String,
    /// The name while it is on its way.
    busy: String,
    /// Said after the name, when there is something to say.
    #[prop(optional, into)]
    also: Signal<String>,
) -> impl IntoView {
    let name = Signal::derive(move || {
        if sending.pending.get() {
            busy.clone()
        } else {
            name.clone()
        }
    });
    let disabled = Signal::derive(move || sending.pending.get().then_some("true"));
    view! {
        <button class="button wide" type="submit" aria-disabled=disabled>
            {name}
            <span class="scripted">{also}</span>
        </button>
    }
}

#[component]
pub(crate) fn PostForm(
    sending: Sending,
    #[prop(optional)] node_ref: NodeRef<Form>,
    children: Fields,
) -> impl IntoView {
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Ok(fields) = leptos::form::form_data_from_event(&event) {
            sending.send(fields);
        }
    };
    view! {
        <form method="post" action=sending.address node_ref=node_ref on:submit=submit>
            {children.view()}
        </form>
    }
}
