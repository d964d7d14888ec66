//! A form that only changes the address.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::post_form::Fields;
use crate::browser;

/// Without scripts the browser follows it by itself. With them the page stays, and fields left
/// empty stay out of the address.
#[component]
pub(crate) fn GetForm(action: &'static str, children: Fields) -> impl IntoView {
    let navigate = use_navigate();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Ok(fields) = leptos::form::form_data_from_event(&event) {
            let address = format!("{action}{}", browser::search(&fields));
            navigate(
                &address,
                NavigateOptions {
                    scroll: false,
                    ..NavigateOptions::default()
                },
            );
        }
    };
    view! {
        <form method="get" action=action on:submit=submit>
            {children.view()}
        </form>
    }
}
