//! `/statements`: every month to take along, and the balance at any moment.

use leptos::prelude::*;

use super::{Page, Query};
use crate::context::{self, LocalTime};
use crate::error::AppError;

pub(super) async fn page(query: &Query) -> Result<Page, AppError> {
    let visitor = context::visitor().await?;
    let clock = LocalTime::of_request();
    let first = context::ledger()
        .first_entry_at(visitor.wallet_id)
        .await
        .map_err(context::refused)?;
    let months = first
        .map(|first| clock.months_since(first))
        .unwrap_or_default();
    let none = months.is_empty();
    let rows: Vec<_> = months.into_iter().map(month).collect();
    let list = (!none).then(|| {
        view! {
            <div class="table-scroll" role="region" aria-label="Months" tabindex="0">
                <table class="entries">
                    <thead>
                        <tr>
                            <th scope="col">"Month"</th>
                            <th scope="col">"For people"</th>
                            <th scope="col">"For tables"</th>
                            <th scope="col">"For programs"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    let moment = moment(query.get("at"), &clock).await?;
    let content = view! {
        <p class="quiet">
            "Opening, every entry, closing. Each is added up anew before it is sent, and is refused if it does not add up."
        </p>
        {none
            .then(|| {
                view! {
                    <p class="empty">
                        "Nothing has moved yet. " <a href="/add-credit">"Add credit"</a>
                        " and this month appears here."
                    </p>
                }
            })}
        {list}
        <h2>"Balance at any time"</h2>
        <form method="get" action="/statements" data-eager>
            <div class="field">
                <label for="at">"As of"</label>
                <input id="at" name="at" type="datetime-local" value=query.get("at").to_owned() />
            </div>
            <button class="quiet-button" type="submit">
                "Show"
            </button>
        </form>
        <div class="stack" id="answer" aria-live="polite">
            {moment}
        </div>
    };
    Ok(Page::narrow("Statements", content))
}

fn month((name, title): (String, String)) -> impl IntoView {
    let file = |ending: &str| format!("/wallet/statements/{name}.{ending}");
    let form = |ending: &'static str, word: &'static str| {
        let label = format!("{word} of {title}");
        view! {
            <td>
                <a href=file(ending) rel="external" download aria-label=label>
                    {word}
                </a>
            </td>
        }
    };
    view! {
        <tr>
            <th scope="row">{title.clone()}</th>
            {form("pdf", "PDF")}
            {form("csv", "CSV")}
            {form("json", "JSON")}
        </tr>
    }
}

/// What there was at the moment asked for, from the same rows as everything else.
async fn moment(at: &str, clock: &LocalTime) -> Result<Option<impl IntoView + use<>>, AppError> {
    if at.is_empty() {
        return Ok(None);
    }
    let Some(at) = clock.moment(at) else {
        let text = "Not a moment. Choose a day and a time.".to_owned();
        return Ok(Some(view! { <p class="field-error">{text}</p> }.into_any()));
    };
    let visitor = context::visitor().await?;
    let last = context::ledger()
        .balance_at(visitor.wallet_id, at)
        .await
        .map_err(context::refused)?;
    let wallet = last
        .as_ref()
        .map(domain::statement::after)
        .unwrap_or_default();
    let line = |name: &'static str, amount: domain::Money| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd class="amount">{amount.exact_text()}</dd>
            </div>
        }
    };
    let debt = (!wallet.debt.is_zero()).then(|| line("Debt", wallet.debt));
    let number = last.map(|entry| {
        view! { <p class="quiet small">"After entry " {entry.seq} " of the books."</p> }
    });
    Ok(Some(
        view! {
            <p class="quiet">{clock.full(at)}</p>
            <dl class="facts">
                {line("Available", wallet.available())} {line("On hold", wallet.held)}
                {line("Paid", wallet.paid)} {line("Promotional", wallet.promotional)} {debt}
            </dl>
            {number}
        }
        .into_any(),
    ))
}
