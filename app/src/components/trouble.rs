//! What a page shows instead of its content.

use leptos::prelude::*;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_location;

use super::at_once::Boxed;
use super::refusal::Reference;
use crate::address::ReturnTo;
use crate::error::AppError;

/// Says what happened, what it means and what to do; sends who is signed out to sign in, and back.
#[component]
pub(crate) fn Trouble(error: AppError) -> impl IntoView {
    if error == AppError::SignedOut {
        let here = use_location();
        let search = here.search.get_untracked();
        let mark = if search.is_empty() { "" } else { "?" };
        let search = search.trim_start_matches('?');
        let wanted = format!("{}{mark}{search}", here.pathname.get_untracked());
        return view! { <Redirect path=ReturnTo::read(&wanted).sign_in() /> }.boxed();
    }
    let here = use_location().pathname.get_untracked();
    let next = match error {
        AppError::NotFound => view! { <a href="/wallet">{say!(shell::BACK_TO_WALLET)}</a> }.boxed(),
        // Loads the document anew: also the cure for a page from an older version.
        _ => view! { <a href=here rel="external">{say!(shell::TRY_AGAIN)}</a> }.boxed(),
    };
    view! {
        <section class="trouble" role="alert">
            <p>{error.text()}</p>
            <Reference error />
            <p>{next}</p>
        </section>
    }
    .boxed()
}
