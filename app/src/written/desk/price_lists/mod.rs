//! `/desk/price-lists`: the versions of the price book, a new one, and the way back to a former one.

mod draft;
mod former;
pub(crate) mod upload;

use domain::price_list::LONGEST_LIST;
use domain::staff::Right;
use ledger::{PriceChange, PriceDiff, PriceListRow};
use leptos::prelude::*;

use super::{Page, Query, cell, laid_out, section, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

pub(super) use draft::page as draft_page;
pub(super) use former::page as former_page;

/// Changes that a page tells one by one.
const SHOWN: usize = 200;

pub(super) async fn page(clerk: &Clerk, query: &Query) -> Result<Page, AppError> {
    let ledger = context::ledger();
    ledger
        .note_view(clerk.deed("view_price_lists", "price_list", ""))
        .await
        .map_err(context::refused)?;
    let before = query.get("before").parse().ok();
    let lists = ledger.price_lists(before).await.map_err(context::refused)?;
    let older = (lists.len() == 20)
        .then(|| lists.last())
        .flatten()
        .map(|last| format!("/desk/price-lists?before={}", last.version));
    let may_set = clerk.may(Right::SetPrices);
    let rows = lists
        .into_iter()
        .enumerate()
        .map(|(at, list)| row(list, may_set, at > 0 || before.is_some()))
        .collect();
    let content = view! {
        {table(
            "Price lists",
            &["Version", "Name", "By", "Taken in", "Valid from", "Changes", "State", "Go back"],
            rows,
            "No price list was taken in yet; nothing is sold.",
        )}
        {older.map(|address| view! { <a class="quiet-button" href=address>"Older"</a> })}
        {may_set.then(new_list)}
    };
    Ok(laid_out(clerk, "/desk/price-lists", "Price lists", content))
}

fn row(list: PriceListRow, may_set: bool, is_former: bool) -> Vec<AnyView> {
    let clock = LocalTime::of_request();
    let name = match list.rolls_back_to {
        Some(version) => format!("Back to version {version}: {}", list.name),
        None => list.name,
    };
    let state = match (list.is_in_force, list.is_scheduled) {
        (true, true) => "In force, more scheduled",
        (true, false) => "In force",
        (false, true) => "Scheduled",
        (false, false) => "Past",
    };
    let back = may_set.then(|| {
        if !is_former {
            return ().into_any();
        }
        let address = format!("/desk/price-lists/{}", list.version);
        let label = format!("Go back to version {}", list.version);
        view! { <a href=address aria-label=label>"Go back"</a> }.into_any()
    });
    let mut cells = vec![
        cell(list.version.to_string()),
        cell(name),
        cell(list.author.unwrap_or_default()),
        cell(clock.lately(list.imported_at)),
        cell(
            list.effective_at
                .map_or("at once".into(), |at| clock.lately(at)),
        ),
        cell(
            list.changes
                .map_or(String::new(), |count| count.to_string()),
        ),
        cell(state),
    ];
    cells.extend(back);
    cells
}

/// Sent by the browser itself: a file does not go where our other forms go.
fn new_list() -> AnyView {
    let form = view! {
        <form method="post" action=upload::ADDRESS enctype="multipart/form-data" target="_self">
            <p class="field">
                <label for="price-file">"Price list"</label>
                <input id="price-file" type="file" name="file" accept=".csv,text/csv" required />
                <span class="hint">
                    {format!(
                        "CSV with the columns prefix, destination and per_minute, up to {} MB. It changes nothing before you have seen what it would change.",
                        LONGEST_LIST / 1024 / 1024,
                    )}
                </span>
            </p>
            <button class="button" type="submit">
                "Look at it"
            </button>
        </form>
    };
    section("new-list", "New price list", form)
}

/// What would change: how many of each sort, then the first ones.
fn difference(diff: &PriceDiff) -> impl IntoView + use<> {
    let clock = LocalTime::of_request();
    let rows = diff
        .changes
        .iter()
        .take(SHOWN)
        .map(|change| {
            vec![
                cell(change.prefix.clone()),
                cell(change.destination()),
                cell(PriceChange::told(change.before.as_ref())),
                cell(PriceChange::told(change.after.as_ref())),
                cell(clock.lately(change.from)),
            ]
        })
        .collect();
    let more = diff.changes.len().saturating_sub(SHOWN);
    view! {
        <p>{diff.summary()}</p>
        {table(
            "What would change",
            &["Prefix", "Destination", "Before", "After", "From"],
            rows,
            "Nothing would change.",
        )}
        {(more > 0).then(|| view! { <p class="hint">{format!("And {more} more.")}</p> })}
    }
}
