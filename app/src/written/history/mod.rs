//! What happened, by day, each thing opening into how it came about.
//!
//! The browser's half of it is `pages/wallet/history.rs`.

mod filters;
pub(crate) mod query;
pub(crate) mod row;

use std::sync::Arc;

use domain::top_up::TopUpState;
use language::{MARK, around, link};
use leptos::prelude::*;

use self::filters::filters;
use self::query::HistoryQuery;
use self::row::{Day, EntryLine, HistoryView, Row};
use super::Query;
use crate::components::amount::SignedAmount;
use crate::components::at_once::Boxed;
use crate::components::icon::Icon;
use crate::components::time_text::TimeText;
use crate::context::{self, HistoryLook};
use crate::error::AppError;
use crate::pages::wallet::charge::Charge;
use crate::sheet::Sheet;
use crate::speech::{Told, in_one_language};

/// The page of history that the address of the wallet page asks for.
pub(super) async fn part(query: &Query) -> Result<Arc<Sheet>, AppError> {
    let query = HistoryQuery::read(query);
    let (page, keeping) = match context::history(&query).await? {
        HistoryLook::Kept(sheet) => return Ok(sheet),
        HistoryLook::Read(page, keeping) => (page, keeping),
    };
    let clock = context::LocalTime::of_request();
    let (_, problems) = context::filter(&query, &clock);
    let sheet = in_one_language(|| {
        super::part(filled(
            context::view(&page, &query, problems, &clock),
            query,
        ))
    });
    let sheet = Arc::new(sheet);
    if let Some(keeping) = keeping {
        keeping.keep(sheet.clone());
    }
    Ok(sheet)
}

fn filled(page: HistoryView, query: HistoryQuery) -> impl IntoView {
    let untouched = query.filters_set() == 0 && query.after.is_empty();
    let empty = page.days.is_empty();
    let older = page.next.as_deref().map(|cursor| query.next_page(cursor));
    let older_word = if query.oldest_first() {
        say!(history::NEWER)
    } else {
        say!(history::OLDER)
    };
    let first = HistoryQuery {
        after: String::new(),
        ..query.clone()
    };
    let back = (!query.after.is_empty()).then(|| format!("/wallet{}#history", first.to_search()));
    view! {
        {(!(empty && untouched)).then(|| filters(query, &page.problems))}
        {page.zone_note.map(|zone| view! { <p class="quiet small">{say!(history::TIMES_IN, zone = zone)}</p> })}
        {empty.then(|| nothing(untouched))}
        {page.days.into_iter().map(section).collect::<Vec<_>>()}
        <nav class="pages" aria-label=say!(history::PAGES)>
            {back.map(|address| view! { <a class="quiet-button" href=address>{say!(history::FIRST_PAGE)}</a> })}
            {older.map(|address| view! { <a class="quiet-button" href=address>{older_word}</a> })}
        </nav>
    }
}

/// The first day, or a filter that finds nothing: what it means, and the next step.
fn nothing(untouched: bool) -> impl IntoView {
    let (said, address) = if untouched {
        (say!(history::NOTHING_YET), "/add-credit")
    } else {
        (say!(history::NO_MATCH), "/wallet#history")
    };
    let (before, words, after) = link(&said);
    view! {
        <p class="empty">{before} <a href=address>{words}</a> {after}</p>
    }
}

fn section(day: Day) -> impl IntoView {
    let id = format!("day-{}", day.date);
    view! {
        <section class="day" aria-labelledby=id>
            <div class="day-head">
                <h3 id=id.clone()>{day.title}</h3>
                {day.total.map(|total| view! { <SignedAmount amount=total /> })}
            </div>
            <ul class="rows" role="list">
                {day.rows.into_iter().map(line).collect::<Vec<_>>()}
            </ul>
        </section>
    }
}

fn line(row: Row) -> impl IntoView {
    let (sign, class) = (row.sign, row.tone.class());
    let settled = row.state == TopUpState::Settled;
    let amount = if settled {
        view! { <SignedAmount amount=row.amount /> }.boxed()
    } else {
        // Nothing moved: the amount is told, but is not one that came in.
        view! { <span class="amount quiet">{row.amount.exact_told()}</span> }.boxed()
    };
    let reference = row.reference.clone();
    let parts: Vec<_> = row
        .parts
        .iter()
        .map(|part| {
            view! {
                <span class="part">
                    <span>{part.label.clone()}</span>
                    <SignedAmount amount=part.amount />
                </span>
            }
        })
        .collect();
    view! {
        <li>
            <details class="row" data-row=reference>
                <summary>
                    <span class=class>
                        <Icon sign />
                    </span>
                    <span class="row-what">
                        <span class="row-title">
                            {row.title.clone()}
                            {row.with.clone().map(|with| view! { <span class="quiet">" · " {with}</span> })}
                        </span>
                        <span class="row-state quiet">
                            <TimeText at=row.at.clone() /> " · " {row.said.clone()}
                        </span>
                    </span>
                    {amount}
                    {parts}
                </summary>
                {opened(row)}
            </details>
        </li>
    }
}

/// How it came about, what was left, and what to quote.
fn opened(row: Row) -> impl IntoView {
    let steps: Vec<_> = row.steps.into_iter().map(step).collect();
    view! {
        <div class="opened">
            {row.explanation.map(|text| view! { <p>{text}</p> })}
            {row.lines.into_iter().map(|line| view! { <p class="amount">{line}</p> }).collect::<Vec<_>>()}
            {row.charge.map(explain)}
            {row
                .hidden
                .map(|number| {
                    view! {
                        <details>
                            <summary>{say!(history::SHOW_NUMBER)}</summary>
                            <span class="amount">{number}</span>
                        </details>
                    }
                })}
            {(!steps.is_empty()).then(|| view! { <ol class="timeline" role="list">{steps}</ol> })}
            {row
                .balance_after
                .map(|balance| {
                    let (before, after) = around(&say!(history::BALANCE_AFTER, amount = MARK));
                    view! {
                        <p class="quiet">{before} <span class="amount">{balance.exact_told()}</span> {after}</p>
                    }
                })}
            <p class="reference">
                {say!(shell::REFERENCE)} " " <code>{row.reference.clone()}</code>
                <button class="text-button scripted" type="button" data-copy=row.reference>
                    {say!(shell::COPY)}
                </button>
            </p>
            <p class="opened-links">
                {row.link.map(|link| view! { <a href=link>{say!(wallet::SEE_WHERE)}</a> })}
                {row
                    .papers
                    .into_iter()
                    .map(|(name, link)| view! { <a href=link rel="external">{name}</a> })
                    .collect::<Vec<_>>()}
            </p>
        </div>
    }
}

/// The sum is done again in the browser, by the code that did it on the server.
fn explain(charge: Charge) -> impl IntoView {
    view! {
        <p class="scripted">
            <button class="text-button" type="button" data-charge=charge.to_string()>
                {say!(history::EXPLAIN)}
            </button>
            " "
            <span role="status"></span>
        </p>
    }
}

fn step(step: EntryLine) -> impl IntoView {
    // Taken from what was set aside: told without a sign.
    let amount = if step.effect.is_zero() {
        view! { <span class="amount quiet">{step.amount.exact_told()}</span> }.boxed()
    } else {
        view! { <SignedAmount amount=step.effect /> }.boxed()
    };
    view! {
        <li class="step">
            <span class="step-what">
                {step.label}
                {step.until.map(|until| view! { <span class="quiet">{say!(history::SPEND_BY, date = until)}</span> })}
            </span>
            {amount}
            <span class="step-when quiet">
                <TimeText at=step.at /> " · " {say!(history::BALANCE, amount = step.available_after.exact_told())}
            </span>
        </li>
    }
}
