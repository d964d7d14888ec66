//! Pages that the server writes, one file for each noun. The browser shows their markup as it is
//! (`pages/written.rs`), so none of this is in the bundle.
//!
//! A page is a function from its address to a [`Page`]. It works without scripts: links, GET forms
//! that change the address, POST forms that call a server function. Which address shows what stands
//! in one list, in [`write`].

mod account;
mod auto_refill;
pub(crate) mod balance_line;
mod call;
mod design;
pub(crate) mod desk;
pub(crate) mod destination;
mod entries;
pub(crate) mod history;
mod home;
mod live_calls;
mod messages;
mod not_found;
mod price;
mod query;
mod rates;
mod referral;
mod refund;
mod statements;
mod top_up;

use leptos::prelude::*;

use crate::components::at_once::Boxed;
use crate::error::AppError;
use crate::sheet::Sheet;
pub(crate) use query::Query;

/// What stands at an address: a path of ours with its query, or the name of a part of a page.
///
/// A page of one person refuses with [`AppError::SignedOut`] when nobody is signed in.
pub(crate) async fn write(address: &str) -> Result<Sheet, AppError> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let query = Query::read(query);
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let page = match segments[..] {
        ["part:balance-line"] => return Ok(part(balance_line::part().await?)),
        ["part:history"] => return Ok(history::part(&query).await?.as_ref().clone()),
        ["part:entries"] => return Ok(part(entries::part(&query).await?)),
        [""] => home::page(),
        ["account"] => account::page(&query).await?,
        ["auto-refill"] => auto_refill::page(&query).await?,
        ["design"] => design::page(),
        ["call"] => call::page(&query).await?,
        ["part:live-calls"] => return Ok(part(live_calls::part().await?)),
        ["desk", ref rest @ ..] => desk::page(rest, &query).await?,
        ["messages"] => messages::page(&query).await?,
        ["refunds", top_up_id] => refund::page(top_up_id, &query).await?,
        ["rates"] => rates::page(&query).await?,
        ["account", "email"] => account::email_page().await?,
        ["account", "close"] => account::close_page().await?,
        ["account", "destination"] => destination::page(&query).await?,
        ["top-ups", top_up_id] => top_up::page(top_up_id).await?,
        ["statements"] => statements::page(&query).await?,
        ["referral"] => referral::page(&query).await?,
        _ => not_found::page(),
    };
    Ok(page.written())
}

/// A part of a page that lives in the browser: no heading, no name.
fn part(content: impl IntoView) -> Sheet {
    Sheet::new(String::new(), content.to_html())
}

/// A page before it is written.
pub(crate) struct Page {
    /// Its heading, and its name in the window's title. One line, never what somebody typed.
    name: String,
    /// How wide it is laid out: a class.
    width: &'static str,
    content: AnyView,
}

impl Page {
    /// A page of one column: forms, texts, short lists.
    pub(crate) fn narrow(name: impl Into<String>, content: impl IntoView + 'static) -> Self {
        Self::laid_out("narrow", name, content)
    }

    /// A page as wide as there is space: tables.
    pub(crate) fn wide(name: impl Into<String>, content: impl IntoView + 'static) -> Self {
        Self::laid_out("wide", name, content)
    }

    /// A page with a layout of its own.
    fn laid_out(
        width: &'static str,
        name: impl Into<String>,
        content: impl IntoView + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            width,
            content: content.boxed(),
        }
    }

    fn written(self) -> Sheet {
        let Self {
            name,
            width,
            content,
        } = self;
        let heading = name.clone();
        let page = view! {
            <div class=width>
                <h1 class="heading" tabindex="-1">
                    {heading}
                </h1>
                {content}
            </div>
        };
        Sheet::new(name, page.to_html())
    }
}
