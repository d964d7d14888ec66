//! A *no* beside what was asked.

use leptos::prelude::*;

use crate::components::at_once::Boxed;
use crate::error::AppError;

/// At the top of a form that was refused: takes the focus, and leads to the field to correct.
#[component]
pub(crate) fn Summary(
    /// The refusal, while there is one.
    error: Signal<Option<AppError>>,
    /// The id of the field it is about.
    field: &'static str,
) -> impl IntoView {
    let box_ref = NodeRef::<leptos::html::Div>::new();
    Effect::new(move |_| {
        if error.with(Option::is_some)
            && let Some(summary) = box_ref.get()
        {
            // Fails on an element that is gone again: then there is nothing to focus.
            let _ = summary.focus();
        }
    });
    move || {
        error.get().map(|error| {
            let about_field = matches!(error, AppError::Declined { .. });
            let text = error.text();
            let said = if about_field {
                let address = format!("#{field}");
                view! { <a href=address rel="external">{text}</a> }.boxed()
            } else {
                text.boxed()
            };
            view! {
                <div class="summary" role="alert" tabindex="-1" node_ref=box_ref>
                    <p>{said}</p>
                    <Reference error />
                </div>
            }
        })
    }
}

/// What to quote to support.
#[component]
pub(crate) fn Reference(error: AppError) -> impl IntoView {
    error.reference().map(|reference| {
        view! {
            <p class="reference">
                {say!(shell::REFERENCE)} " " <code>{reference}</code>
            </p>
        }
    })
}

/// Under the field itself; the field names it as its description.
#[component]
pub(crate) fn FieldError(id: &'static str, error: Signal<Option<AppError>>) -> impl IntoView {
    move || {
        let declined = error
            .get()
            .filter(|error| matches!(error, AppError::Declined { .. }));
        declined.map(|error| {
            view! {
                <p class="field-error" id=id>
                    {error.text()}
                </p>
            }
        })
    }
}
