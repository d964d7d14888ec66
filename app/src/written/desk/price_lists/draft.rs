//! `/desk/price-lists/drafts/{draft}`: every line that is wrong, or what the list would change.

use domain::Declined;
use domain::price_list::PriceRefusal;
use domain::staff::Right;
use ledger::{BadLine, Error, ImportError, ImportRates};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Page, Query, cell, difference, laid_out, section, table};
use crate::address::ReturnTo;
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

/// Bad lines that are told; a list with more of them is not a price list.
const BAD_SHOWN: usize = 1_000;

#[server(endpoint = "desk_import_prices")]
pub(crate) async fn desk_import_prices(
    draft_id: Uuid,
    from: String,
    #[server(default)] complete: Option<String>,
) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::SetPrices).await?;
    let ledger = context::ledger();
    let moment = begins(&from);
    let mut deed = clerk.deed("import_prices", "price_draft", draft_id.to_string());
    deed.detail = json!({ "from": from, "complete": complete.is_some() });
    let act = async {
        let effective = moment.map_err(|why| Error::Declined(Declined::Prices(why)))?;
        let draft = ledger.price_draft(draft_id).await?;
        let import = ImportRates {
            effective,
            complete: complete.is_some(),
            dry_run: false,
            ..ImportRates::of(draft, &clerk.email)
        };
        ledger.import_rates(import).await.map_err(Error::from)
    };
    ledger.deed(deed, act).await.map_err(context::refused)?;
    context::redirect_to(&ReturnTo::read("/desk/price-lists"));
    Ok(())
}

/// From when the lines without a date are valid: now, or a moment still to come.
fn begins(typed: &str) -> Result<Option<OffsetDateTime>, PriceRefusal> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let at = LocalTime::of_request().moment(typed.trim());
    let is_to_come = |at: &OffsetDateTime| *at > OffsetDateTime::now_utc();
    at.filter(is_to_come).map(Some).ok_or(PriceRefusal::Moment)
}

pub(in super::super) async fn page(
    clerk: &Clerk,
    draft: &str,
    query: &Query,
) -> Result<Page, AppError> {
    let draft_id: Uuid = draft
        .parse()
        .map_err(|_| context::refused(AppError::NotFound))?;
    let ledger = context::ledger();
    let draft = ledger
        .price_draft(draft_id)
        .await
        .map_err(context::refused)?;
    ledger
        .note_view(clerk.deed("view_price_draft", "price_draft", draft_id.to_string()))
        .await
        .map_err(context::refused)?;
    let (from, complete) = (query.get("from").to_owned(), query.get("complete") == "yes");
    let moment = begins(&from);
    let name = draft.name.clone();
    let import = ImportRates {
        effective: moment.unwrap_or_default(),
        complete,
        ..ImportRates::of(draft, &clerk.email)
    };
    let outcome = match ledger.import_rates(import).await {
        Ok(diff) if diff.changes.is_empty() || moment.is_err() => difference(&diff).into_any(),
        Ok(diff) => view! {
            {difference(&diff)}
            <form method="post" action=DeskImportPrices::PATH>
                <input type="hidden" name="draft_id" value=draft_id.to_string() />
                <input type="hidden" name="from" value=from.clone() />
                {complete.then(|| view! { <input type="hidden" name="complete" value="yes" /> })}
                <button class="button" type="submit">
                    {if from.is_empty() { "Take it in now" } else { "Schedule it" }}
                </button>
            </form>
        }
        .into_any(),
        Err(ImportError::Bad(lines)) => bad(&lines).into_any(),
        Err(ImportError::Ledger(error)) => return Err(context::refused(error)),
    };
    let wrong = moment.err().map(|why| {
        let said = AppError::from(Declined::Prices(why)).text();
        view! { <p class="note hold">{said}</p> }
    });
    let content = view! {
        <p>
            <a href="/desk/price-lists">"Back to the price lists"</a>
        </p>
        {section("when", "When and how", when(draft_id, &from, complete))}
        {wrong}
        {section("difference", "What it would change", outcome)}
    };
    Ok(laid_out(clerk, "", format!("Price list {name}"), content))
}

fn when(draft_id: Uuid, from: &str, complete: bool) -> impl IntoView + use<> {
    view! {
        <form method="get" action=format!("/desk/price-lists/drafts/{draft_id}")>
            <p class="field">
                <label for="from">"Valid from"</label>
                <input id="from" type="datetime-local" name="from" value=from.to_owned() />
                <span class="hint">
                    "Empty for now. Lines with a date of their own keep it. Until then the rates page announces them."
                </span>
            </p>
            <p>
                <label>
                    <input type="checkbox" name="complete" value="yes" checked=complete />
                    " The list is the whole book: prefixes it does not name are not sold any more"
                </label>
            </p>
            <button class="quiet-button" type="submit">
                "Look again"
            </button>
        </form>
    }
}

/// Every line that is wrong, by its number.
fn bad(lines: &[BadLine]) -> impl IntoView + use<> {
    let rows = lines
        .iter()
        .take(BAD_SHOWN)
        .map(|line| vec![cell(line.line.to_string()), cell(line.problem.clone())])
        .collect();
    let said = match lines.len() {
        1 => "1 line is wrong, so nothing can be taken in.".to_owned(),
        count => format!("{count} lines are wrong, so nothing can be taken in."),
    };
    let more = lines.len().saturating_sub(BAD_SHOWN);
    view! {
        <p class="note hold" role="alert">
            {said}
        </p>
        {table("Lines that are wrong", &["Line", "What is wrong"], rows, "")}
        {(more > 0).then(|| view! { <p class="hint">{format!("And {more} more.")}</p> })}
    }
}
