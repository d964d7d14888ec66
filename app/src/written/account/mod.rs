//! `/account`: who one is here, and everything that is set up once. One file for each section.

mod person;
mod sessions;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::Page;
use crate::context;
use crate::error::AppError;
use crate::pages::account::SignOut;

pub(crate) async fn page() -> Result<Page, AppError> {
    let visitor = context::visitor().await?;
    let person = person::section(visitor).await?;
    let sessions = sessions::section(visitor).await?;
    let content = view! {
        {person}
        {sessions}
        <form method="post" action=SignOut::PATH>
            <button class="quiet-button" type="submit">
                "Sign out"
            </button>
        </form>
    };
    Ok(Page::narrow("Account", content))
}
