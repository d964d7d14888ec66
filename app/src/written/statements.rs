//! `/statements`: every month to take along, and the balance at any moment.

use leptos::prelude::*;

use super::{Page, Query};
use crate::context::{self, LocalTime};
use crate::error::AppError;
use crate::speech::Told;

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
            <div class="table-scroll" role="region" aria-label=say!(statements::MONTHS) tabindex="0">
                <table class="entries">
                    <thead>
                        <tr>
                            <th scope="col">{say!(statements::MONTH)}</th>
                            <th scope="col">{say!(statements::FOR_PEOPLE)}</th>
                            <th scope="col">{say!(statements::FOR_TABLES)}</th>
                            <th scope="col">{say!(statements::FOR_PROGRAMS)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    let moment = moment(query.get("at"), &clock).await?;
    let (before, words, after) = language::link(&say!(statements::NOTHING_YET));
    let content = view! {
        <p class="quiet">
            {say!(statements::LEAD)}
        </p>
        {none
            .then(|| {
                view! {
                    <p class="empty">
                        {before} <a href="/add-credit">{words}</a> {after}
                    </p>
                }
            })}
        {list}
        <h2>{say!(statements::ANY_TIME)}</h2>
        <form method="get" action="/statements" data-eager>
            <div class="field">
                <label for="at">{say!(statements::AS_OF)}</label>
                <input id="at" name="at" type="datetime-local" value=query.get("at").to_owned() />
            </div>
            <button class="quiet-button" type="submit">
                {say!(statements::SHOW)}
            </button>
        </form>
        <div class="stack" id="answer" aria-live="polite">
            {moment}
        </div>
    };
    Ok(Page::narrow(say!(statements::TITLE), content))
}

fn month((name, title): (String, String)) -> impl IntoView {
    let file = |ending: &str| format!("/wallet/statements/{name}.{ending}");
    let form = |ending: &'static str, word: &'static str| {
        let label = say!(statements::FORM_OF, form = word, month = &title);
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
    let wrong = |text: String| Ok(Some(view! { <p class="field-error">{text}</p> }.into_any()));
    let Some(at) = clock.moment(at) else {
        return wrong(say!(statements::NOT_A_MOMENT));
    };
    if at > context::ledger().clock().now() {
        return wrong(say!(statements::NOT_YET));
    }
    let visitor = context::visitor().await?;
    let last = context::ledger()
        .balance_at(visitor.wallet_id, at)
        .await
        .map_err(context::refused)?;
    let wallet = last
        .as_ref()
        .map(domain::statement::after)
        .unwrap_or_default();
    let line = |name: String, amount: domain::Money| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd class="amount">{amount.exact_told()}</dd>
            </div>
        }
    };
    let debt = (!wallet.debt.is_zero()).then(|| line(say!(wallet::DEBT), wallet.debt));
    let number = last.map(|entry| {
        let number = entry.seq.to_string();
        view! { <p class="quiet small">{say!(statements::AFTER_ENTRY, number = number)}</p> }
    });
    Ok(Some(
        view! {
            <p class="quiet">{clock.full(at)}</p>
            <dl class="facts">
                {line(say!(wallet::AVAILABLE), wallet.available())}
                {line(say!(wallet::ON_HOLD), wallet.held)}
                {line(say!(wallet::PAID), wallet.paid)}
                {line(say!(wallet::PROMOTIONAL), wallet.promotional)}
                {debt}
            </dl>
            {number}
        }
        .into_any(),
    ))
}
