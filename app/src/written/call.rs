//! The dialer of `/call`: what a call to a number takes, as one types it, and the numbers one calls.

use std::sync::Arc;

use domain::Declined;
use domain::call::{CallRefusal, Quote};
use domain::rate::Rate;
use ledger::{FavoriteNumber, RecentNumber};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use uuid::Uuid;

use super::price::{kind, length, per_minute, terms};
use super::{Page, Query, live_calls};
use crate::address::escape;
use crate::context::number::{masked, whole};
use crate::context::{self, LocalTime, Visitor};
use crate::error::AppError;
use crate::pages::call::{Dial, DropFavorite, KeepFavorite};
use crate::speech::Told as _;
use crate::words;

/// What is known of a typed number.
enum Told {
    Nothing,
    NotANumber,
    NoRate(String),
    Quoted(String, Arc<Rate>, Box<Quote>),
}

pub(crate) async fn page(query: &Query) -> Result<Page, AppError> {
    let visitor = context::visitor().await?;
    let ledger = context::ledger();
    let typed: String = query.get("to").chars().take(40).collect();
    let told = tell(visitor, &typed).await?;
    let call_id = call_id(visitor, query.get("call_id")).await?;
    let recent = ledger.recent_numbers(visitor.wallet_id).await;
    let favorites = ledger.favorite_numbers(visitor.wallet_id).await;
    let acts = if ledger.places_calls() {
        view! {
            <button class="button" type="submit" formmethod="post" formaction=Dial::PATH>
                {say!(call::CALL)}
            </button>
        }
        .into_any()
    } else {
        view! { <p>{say!(call::ELSEWHERE)}</p> }.into_any()
    };
    let named = Some(query.get("call")).filter(|named| !named.is_empty());
    let calls = live_calls::cards(visitor, named).await?;
    let content = view! {
        <div id="live">{calls}</div>
        <form method="get" action="/call" data-eager="">
            <div class="field">
                <label for="to">{say!(call::NUMBER)}</label>
                <input
                    id="to"
                    name="to"
                    type="tel"
                    value=typed
                    maxlength="40"
                    required=true
                    autocomplete="tel"
                    aria-describedby="to-hint"
                />
                <p class="hint" id="to-hint">
                    {say!(call::NUMBER_HINT)}
                </p>
            </div>
            <input type="hidden" name="call_id" value=call_id.to_string() />
            <div class="stack" id="answer">{answer(&told)}</div>
            <p class="actions">
                {acts}
                <button class="quiet-button" type="submit">
                    {say!(call::SHOW_PRICE)}
                </button>
            </p>
        </form>
        {favorite_section(&favorites.map_err(context::refused)?, &told)}
        {recent_section(&recent.map_err(context::refused)?)}
    };
    Ok(Page::narrow(say!(call::TITLE), content))
}

/// The id the page was asked with, as long as no call has it: a reload keeps it, so that two clicks
/// with a reload in between are one call.
async fn call_id(visitor: Visitor, asked: &str) -> Result<Uuid, AppError> {
    let ledger = context::ledger();
    let Ok(asked) = asked.parse::<Uuid>() else {
        return Ok(ledger.new_call_id());
    };
    let known = ledger
        .live_calls(visitor.wallet_id, Some(&asked.to_string()))
        .await
        .map_err(context::refused)?;
    let is_taken = known.iter().any(|call| call.call_id == asked.to_string());
    Ok(if is_taken {
        ledger.new_call_id()
    } else {
        asked
    })
}

async fn tell(visitor: Visitor, typed: &str) -> Result<Told, AppError> {
    if typed.is_empty() {
        return Ok(Told::Nothing);
    }
    let Some(digits) = ledger::pasted_digits(typed) else {
        return Ok(Told::NotANumber);
    };
    let quoted = context::ledger()
        .quote_call(visitor.wallet_id, &digits)
        .await;
    match quoted {
        Ok((rate, quote)) => Ok(Told::Quoted(digits, rate, Box::new(quote))),
        Err(ledger::Error::Declined(Declined::Call(CallRefusal::NoRate))) => {
            Ok(Told::NoRate(digits))
        }
        Err(error) => Err(context::refused(error)),
    }
}

/// The three facts, and what is wrong with them.
fn answer(told: &Told) -> impl IntoView + use<> {
    let dash = || "—".to_owned();
    let (place, facts, wrong) = match told {
        Told::Nothing => (None, [dash(), dash(), dash()], None),
        Told::NotANumber => (Some(say!(call::NOT_WHOLE)), [dash(), dash(), dash()], None),
        Told::NoRate(digits) => (
            Some(whole(digits)),
            [dash(), dash(), dash()],
            Some(refusal(&CallRefusal::NoRate)),
        ),
        Told::Quoted(digits, rate, quote) => (
            Some(format!(
                "{}: {}, {}",
                whole(digits),
                rate.destination,
                kind(rate.kind).to_lowercase()
            )),
            quoted(rate, quote),
            quote.refusal.as_ref().map(refusal),
        ),
    };
    let terms = match told {
        Told::Quoted(_, rate, _) if !rate.blocked => Some(terms(&rate.pricing)),
        _ => None,
    };
    let [price, minimum, talk] = facts;
    view! {
        <p role="status">{place}</p>
        <dl class="facts">
            <div>
                <dt>{say!(rates::PER_MINUTE)}</dt>
                <dd class="amount">{price}</dd>
            </div>
            <div>
                <dt>{say!(call::MINIMUM)}</dt>
                <dd class="amount">{minimum}</dd>
            </div>
            <div>
                <dt>{say!(call::TALK_FOR)}</dt>
                <dd class="amount">{talk}</dd>
            </div>
        </dl>
        {terms.map(|terms| view! { <p class="quiet small">{terms}</p> })}
        {wrong}
    }
}

fn quoted(rate: &Rate, quote: &Quote) -> [String; 3] {
    if rate.blocked {
        return ["—".into(), "—".into(), "—".into()];
    }
    let talk = if quote.talk_seconds >= rate.pricing.max_seconds() {
        say!(call::LONGEST, length = length(quote.talk_seconds))
    } else {
        length(quote.talk_seconds)
    };
    [per_minute(&rate.pricing), quote.minimum.exact_told(), talk]
}

/// Why not, and what to do about it.
fn refusal(refusal: &CallRefusal) -> impl IntoView + use<> {
    let text = words::declined(&refusal.clone().into());
    let next = match refusal {
        CallRefusal::BelowMinimum { .. } | CallRefusal::WalletFrozen { .. } => {
            Some(view! { <a href="/add-credit">{say!(wallet::ADD_CREDIT)}</a> })
        }
        _ => None,
    };
    let resets = match refusal {
        CallRefusal::SpendLimit { resets_at, .. } => Some(say!(
            call::BEGINS_ANEW,
            when = LocalTime::of_request().lately(*resets_at)
        )),
        _ => None,
    };
    view! {
        <p class="field-error">{text} " " {resets} " " {next}</p>
    }
}

fn favorite_section(favorites: &[FavoriteNumber], told: &Told) -> impl IntoView + use<> {
    let lines: Vec<_> = favorites.iter().map(favorite).collect();
    let number = match told {
        Told::Quoted(digits, ..) => whole(digits),
        _ => String::new(),
    };
    let none = lines
        .is_empty()
        .then(|| view! { <p class="empty">{say!(call::KEEP_LEAD)}</p> });
    view! {
        <section class="card" aria-labelledby="favorites">
            <h2 id="favorites">{say!(call::FAVORITES)}</h2>
            {none}
            {(!lines.is_empty())
                .then(|| view! { <ul class="sessions" role="list">{lines}</ul> })}
            <details>
                <summary>{say!(call::KEEP_A_NUMBER)}</summary>
                <form method="post" action=KeepFavorite::PATH>
                    <div class="field">
                        <label for="favorite-number">{say!(call::NUMBER_TO_KEEP)}</label>
                        <input
                            id="favorite-number"
                            name="number"
                            type="tel"
                            value=number
                            maxlength="40"
                            required=true
                        />
                    </div>
                    <div class="field">
                        <label for="favorite-name">{say!(call::NAME)}</label>
                        <input id="favorite-name" name="name" maxlength="60" required=true />
                    </div>
                    <button class="quiet-button" type="submit">
                        {say!(call::KEEP)}
                    </button>
                </form>
            </details>
        </section>
    }
}

fn favorite(favorite: &FavoriteNumber) -> impl IntoView + use<> {
    let FavoriteNumber { number, name } = favorite.clone();
    view! {
        <li class="session">
            <div>
                <p class="session-device">
                    <a href=dialer(&number)>{name.clone()}</a>
                </p>
                <p class="quiet">{masked(&number)}</p>
            </div>
            <form method="post" action=DropFavorite::PATH>
                <input type="hidden" name="number" value=number />
                <button class="text-button" type="submit" aria-label=say!(call::REMOVE_WHICH, name = &name)>
                    {say!(call::REMOVE)}
                </button>
            </form>
        </li>
    }
}

fn recent_section(recent: &[RecentNumber]) -> impl IntoView + use<> {
    let clock = LocalTime::of_request();
    let lines: Vec<_> = recent
        .iter()
        .map(|call| {
            let called = clock.lately(call.called_at);
            view! {
                <li class="session">
                    <div>
                        <p class="session-device">
                            <a href=dialer(&call.number)>{masked(&call.number)}</a>
                        </p>
                        <p class="quiet">{call.destination.clone()} ", " {called}</p>
                    </div>
                </li>
            }
        })
        .collect();
    (!lines.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="recent">
                <h2 id="recent">{say!(call::LATELY)}</h2>
                <ul class="sessions" role="list">
                    {lines}
                </ul>
            </section>
        }
    })
}

fn dialer(digits: &str) -> String {
    format!("/call?to={}", escape(&format!("+{digits}")))
}
