//! A part of a page that waits for the server.

use std::sync::Arc;

use leptos::prelude::*;
use serde::de::DeserializeOwned;

use super::at_once::Boxed;
use super::trouble::Trouble;
use crate::ask::{Asked, Reply};

/// How a reply is shown.
#[derive(Clone)]
pub(crate) struct Show(Arc<dyn Fn(&Reply) -> AnyView + Send + Sync>);

impl Show {
    pub(crate) fn of(view: impl Fn(&Reply) -> AnyView + Send + Sync + 'static) -> Self {
        Self(Arc::new(view))
    }
}

/// Shows what was asked for; what was refused is shown alike everywhere.
pub(crate) fn show<T, V>(view: impl Fn(T) -> V + Send + Sync + 'static) -> Show
where
    T: DeserializeOwned,
    V: IntoView + 'static,
{
    Show::of(move |reply| match reply.read::<T>() {
        Ok(answer) => view(answer).boxed(),
        Err(error) => view! { <Trouble error /> }.boxed(),
    })
}

/// Keeps the space until the first reply is there, and the last reply until the next one is.
/// One component for all replies, so that the waiting is in the bundle once.
#[component]
pub(crate) fn Answered(
    asked: Asked,
    /// The class of the space that is kept.
    space: &'static str,
    show: Show,
) -> impl IntoView {
    let class = format!("skeleton {space}");
    view! {
        <Transition fallback=move || view! { <div class=class.clone() /> }>
            {move || {
                let show = show.clone();
                Suspend::new(async move { (show.0)(&asked.await) })
            }}
        </Transition>
    }
    .boxed()
}
