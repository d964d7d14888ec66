//! The dialer of `/call`: what a call to a number takes, as one types it.

mod numbers;

use std::sync::Arc;

use domain::Declined;
use domain::call::{CallRefusal, Quote};
use domain::rate::Rate;
use ledger::Frozen;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use uuid::Uuid;

use super::price::{kind, length, per_minute, terms};
use super::{Page, Query, live_calls};
use crate::context::number::whole;
use crate::context::{self, LocalTime, Visitor};
use crate::error::AppError;
use crate::pages::call::Dial;
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
    let known = match &told {
        Told::Quoted(digits, ..) => whole(digits),
        _ => String::new(),
    };
    let named = Some(query.get("call")).filter(|named| !named.is_empty());
    let calls = live_calls::cards(visitor, named).await?;
    let frozen = ledger.frozen(visitor.wallet_id).await;
    let content = view! {
        <div id="live">{calls}</div>
        {frozen.map_err(context::refused)?.map(on_hold)}
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
        {numbers::favorites(&favorites.map_err(context::refused)?, known)}
        {numbers::recent(&recent.map_err(context::refused)?)}
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

/// Why support froze the wallet, in support's own words.
fn on_hold(frozen: Frozen) -> impl IntoView {
    view! {
        <p class="note hold">{say!(declined::CALL_FROZEN)} " " {frozen.reason}</p>
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
            Some(say!(
                call::GOES_TO,
                number = whole(digits),
                destination = &rate.destination,
                kind = kind(rate.kind).to_lowercase()
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
        CallRefusal::BelowMinimum { .. } | CallRefusal::WalletFrozen { .. } => Some(
            view! { <a class="quiet-button" href="/add-credit">{say!(wallet::ADD_CREDIT)}</a> },
        ),
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
        <p class="field-error">{text} " " {resets}</p>
        {next.map(|next| view! { <p class="actions">{next}</p> })}
    }
}
