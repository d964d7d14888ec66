//! `/account`: who one is here, and everything that is set up once. One file for each section.

pub(super) mod cards;
mod close;
mod email;
mod notices;
mod passkeys;
mod person;
mod promo;
mod sessions;
mod zone;

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Page, Query};
use crate::context;
use crate::error::AppError;
use crate::pages::account::SignOut;

pub(crate) async fn page(query: &Query) -> Result<Page, AppError> {
    let visitor = context::visitor().await?;
    let person = person::section(visitor).await?;
    let promo = promo::section(visitor).await?;
    let sessions = sessions::section(visitor).await?;
    let passkeys = passkeys::section(visitor).await?;
    let cards = cards::section(visitor, query).await?;
    let notices = notices::section(visitor).await?;
    let zone = zone::section(visitor).await?;
    let content = view! {
        {person}
        {promo}
        {sessions}
        {passkeys}
        {cards}
        {notices}
        {zone}
        {close::sections()}
        <form method="post" action=SignOut::PATH>
            <button class="quiet-button" type="submit">
                {say!(account::SIGN_OUT)}
            </button>
        </form>
    };
    Ok(Page::narrow(say!(account::TITLE), content))
}

pub(super) async fn email_page() -> Result<Page, AppError> {
    email::page().await
}

pub(super) async fn close_page() -> Result<Page, AppError> {
    close::page().await
}
