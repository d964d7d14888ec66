//! What happened, by day, each thing opening into how it came about.

use language::{MARK, around, link};
use leptos::prelude::*;
use leptos::tachys::view::keyed::keyed;
use leptos_router::hooks::use_query_map;

use super::filters::Filters;
use super::query::HistoryQuery;
use super::row::{Charge, Day, EntryLine, HistoryView, Row};
use crate::ask::ask;
use crate::browser;
use crate::components::amount::SignedAmount;
use crate::components::answered::{Answered, show};
use crate::components::at_once::Boxed;
use crate::components::copy_button::CopyButton;
use crate::components::icon::Icon;
use crate::components::time_text::TimeText;
use crate::error::AppError;
use crate::live::Live;
use crate::speech::Told;
use crate::wire::Wire;
use domain::top_up::TopUpState;

#[server(endpoint = "load_history", input = Wire, output = Wire)]
pub(crate) async fn load_history(query: HistoryQuery) -> Result<HistoryView, AppError> {
    use crate::context;
    let (ledger, visitor) = (context::ledger(), context::visitor().await?);
    let clock = context::LocalTime::of_request();
    let (filter, problems) = context::filter(&query, &clock);
    let cursor = query.cursor();
    let page = match context::history_beside(&query).await? {
        Some(page) => Ok(page),
        None => {
            ledger
                .history(visitor.wallet_id, &filter, cursor.as_ref())
                .await
        }
    };
    let page = page.map_err(context::refused)?;
    Ok(context::view(&page, &query, problems, &clock))
}

#[component]
pub(super) fn HistorySection() -> impl IntoView {
    let live = use_context::<Live>().unwrap_or_default();
    let address = use_query_map();
    let query = Memo::new(move |_| address.with(HistoryQuery::read));
    // Older pages do not change under the reader: only the first one is asked for again.
    let hint = move || {
        if query.with(|query| query.after.is_empty()) {
            live.track()
        } else {
            0
        }
    };
    let page = ask(move || (LoadHistory { query: query.get() }, hint()));
    view! {
        <section class="history" aria-labelledby="history">
            <div class="history-head">
                <h2 id="history">{say!(history::TITLE)}</h2>
                <a class="quiet-link" href="/wallet?show=entries#history">
                    {say!(history::EVERY_ENTRY)}
                </a>
            </div>
            <Answered
                asked=page
                space="history-space"
                show=show(move |page: HistoryView| {
                    view! { <Filled page query=query.get_untracked() /> }
                })
            />
        </section>
    }
}

#[component]
fn Filled(page: HistoryView, query: HistoryQuery) -> impl IntoView {
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
        {(!(empty && untouched)).then(|| view! { <Filters query problems=page.problems /> })}
        {page.zone_note.map(|zone| view! { <p class="quiet small">{say!(history::TIMES_IN, zone = zone)}</p> })}
        {empty.then(|| view! { <Empty untouched /> })}
        // Each in its place, and not by its date: a day of the same date may have got another row.
        {page.days.into_iter().map(|day| view! { <DaySection day /> }).collect::<Vec<_>>()}
        <nav class="pages" aria-label=say!(history::PAGES)>
            {back.map(|address| view! { <a class="quiet-button" href=address>{say!(history::FIRST_PAGE)}</a> })}
            {older.map(|address| view! { <a class="quiet-button" href=address>{older_word}</a> })}
        </nav>
    }
}

/// The first day, or a filter that finds nothing: what it means, and the next step.
#[component]
fn Empty(untouched: bool) -> impl IntoView {
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

#[component]
fn DaySection(day: Day) -> impl IntoView {
    let id = format!("day-{}", day.date);
    view! {
        <section class="day" aria-labelledby=id>
            <div class="day-head">
                <h3 id=id.clone()>{day.title}</h3>
                {day.total.map(|total| view! { <SignedAmount amount=total /> })}
            </div>
            <ul class="rows" role="list">
                {keyed(day.rows, Row::key, |_, row| (|_| {}, view! { <RowItem row /> }))}
            </ul>
        </section>
    }
}

#[component]
fn RowItem(row: Row) -> impl IntoView {
    let (sign, class) = (row.sign, row.tone.class());
    let settled = row.state == TopUpState::Settled;
    let amount = if settled {
        view! { <SignedAmount amount=row.amount /> }.boxed()
    } else {
        // Nothing moved: the amount is told, but is not one that came in.
        view! { <span class="amount quiet">{row.amount.exact_told()}</span> }.boxed()
    };
    let parts: Vec<_> = row
        .parts
        .iter()
        .cloned()
        .map(|part| {
            view! {
                <span class="part">
                    <span>{part.label}</span>
                    <SignedAmount amount=part.amount />
                </span>
            }
        })
        .collect();
    view! {
        <li>
            <details class="row">
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
                <Opened row />
            </details>
        </li>
    }
}

/// How it came about, what was left, and what to quote.
#[component]
fn Opened(row: Row) -> impl IntoView {
    let steps: Vec<_> = row
        .steps
        .into_iter()
        .map(|step| view! { <Step step /> })
        .collect();
    view! {
            <div class="opened">
                {row.explanation.map(|text| view! { <p>{text}</p> })}
                {row.lines.into_iter().map(|line| view! { <p class="amount">{line}</p> }).collect::<Vec<_>>()}
                {row.charge.map(|charge| view! { <Explain charge /> })}
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
                    {say!(shell::REFERENCE)} " " <code>{row.reference.clone()}</code> <CopyButton text=row.reference />
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

/// The sum done again in the browser, by the code that did it on the server.
#[component]
fn Explain(charge: Charge) -> impl IntoView {
    // Rows outlive the answer they were first drawn from, and with it every signal made there.
    let work_out = move |event: leptos::ev::MouseEvent| {
        let Some(cost) = charge.worked_out() else {
            return;
        };
        let amount = cost.exact_told();
        let said = if cost == charge.charged {
            say!(history::WORKED_OUT, amount = amount)
        } else {
            say!(history::WORKED_OUT_MORE, amount = amount)
        };
        browser::say_beside(&event, &said);
    };
    view! {
        <p class="scripted">
            <button class="text-button" type="button" on:click=work_out>
                {say!(history::EXPLAIN)}
            </button>
            " "
            <span role="status"></span>
        </p>
    }
}

#[component]
fn Step(step: EntryLine) -> impl IntoView {
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
