//! `/desk/guards`: destinations nobody may call, and what calls may take, whatever price lists and
//! configuration say.

mod blocks;
mod limits;

use domain::staff::Right;
use leptos::prelude::*;

use super::{Page, Query, cell, laid_out, section, table};
use crate::context::{self, Clerk};
use crate::error::AppError;

pub(super) async fn page(clerk: &Clerk, query: &Query) -> Result<Page, AppError> {
    let ledger = context::ledger();
    ledger
        .note_view(clerk.deed("view_guards", "prefix", ""))
        .await
        .map_err(context::refused)?;
    let may_set = clerk.may(Right::SetGuards);
    let content = view! {
        {section("blocked", "Blocked destinations", blocks::blocked(query, may_set).await?)}
        {section("limits", "Limits of calls", limits::limits(may_set).await?)}
        {section("listed", "Blocked by the price list", blocks::listed(query).await?)}
    };
    Ok(laid_out(
        clerk,
        "/desk/guards",
        "Blocked destinations and limits",
        content,
    ))
}

/// As much of what was typed as the log keeps.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
