//! The name of a page, in its heading and in the window's title.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use leptos::html::H1;
use leptos::prelude::*;
use leptos_meta::Title;

/// Whether a page was shown before this one without loading the document anew.
#[derive(Clone, Default)]
pub(crate) struct Arrivals(Arc<AtomicBool>);

impl Arrivals {
    /// False for the first page only, where the browser itself has set the focus.
    pub(crate) fn again(&self) -> bool {
        self.0.swap(true, Ordering::Relaxed)
    }
}

/// One per page, outside of anything that waits. After a navigation within the page the focus is
/// put here, so that a screen reader says where one is.
#[component]
pub(crate) fn Heading(
    /// Never what somebody typed: the window's title is not escaped.
    text: String,
    /// For pages whose content says the name in another way.
    #[prop(optional)]
    hidden: bool,
) -> impl IntoView {
    let heading = NodeRef::<H1>::new();
    let arrivals = use_context::<Arrivals>().unwrap_or_default();
    Effect::new(move |_| {
        if let Some(heading) = heading.get()
            && arrivals.again()
        {
            // Fails on an element that is gone again: then there is nothing to focus.
            let _ = heading.focus();
        }
    });
    view! {
        <Title text=text.clone() />
        <h1 class="heading" class:visually-hidden=hidden tabindex="-1" node_ref=heading>
            {text}
        </h1>
    }
}
