//! `/refunds/{top-up}`: what a refund comes to, before the click, and where those before stand.

use domain::history::RefundItem;
use domain::refund::{Refund, RefundRefusal, RefundState};
use domain::{Money, TopUpId};
use ledger::{RefundBy, RefundDraft};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Page, Query};
use crate::context::{self, LocalTime};
use crate::error::AppError;
use crate::pages::refund::AskRefund;
use crate::speech::Told;
use crate::words;

pub(crate) async fn page(top_up_id: &str, query: &Query) -> Result<Page, AppError> {
    let visitor = context::visitor().await?;
    let Ok(top_up_id) = top_up_id.parse::<TopUpId>() else {
        return Err(context::refused(AppError::NotFound));
    };
    let ledger = context::ledger();
    let draft = ledger
        .refund_draft(visitor.wallet_id, top_up_id, RefundBy::Customer)
        .await
        .map_err(context::refused)?;
    let typed = query.get("credit");
    let asked = match (&draft.best, typed) {
        (Err(refusal), _) => Err(*refusal),
        (Ok(best), "") => Ok(*best),
        (Ok(_), typed) => Money::from_typed(typed)
            .map_err(|_| RefundRefusal::NotAnAmount)
            .and_then(|credit| draft.purchased.refund(credit, &ledger.rules().top_up)),
    };
    let form = draft
        .best
        .is_ok()
        .then(|| amount_form(&draft, typed, asked.is_err()));
    let refund_id = ledger.new_refund_id().to_string();
    let content = view! {
        {facts(&draft)}
        {form}
        <div class="stack" id="answer">{answer(&draft, asked, refund_id)}</div>
        <div id="live">{before(&draft.refunds)}</div>
        <p>
            <a href=format!("/top-ups/{top_up_id}")>{say!(refund::BACK_TO_TOP_UP)}</a>
        </p>
    };
    Ok(Page::narrow(say!(refund::TITLE), content))
}

/// What was bought, and what is left of it.
fn facts(draft: &RefundDraft) -> impl IntoView + use<> {
    let purchased = draft.purchased;
    let bonus = purchased.bonus.is_positive().then(|| {
        fact(
            say!(refund::BONUS_LEFT),
            say!(
                refund::LEFT_OF,
                left = purchased.bonus_left.exact_told(),
                whole = purchased.bonus.exact_told()
            ),
        )
    });
    view! {
        <dl class="facts">
            {fact(say!(row::TOP_UP), purchased.bought.exact_told())}
            {fact(say!(refund::NOT_SPENT), purchased.paid_left.exact_told())}
            {bonus}
        </dl>
    }
}

fn fact(name: String, amount: String) -> impl IntoView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd class="amount">{amount}</dd>
        </div>
    }
}

fn amount_form(draft: &RefundDraft, typed: &str, is_wrong: bool) -> impl IntoView + use<> {
    let best = draft.best.ok();
    let suggested = best.map(|best| plain(best.credit)).unwrap_or_default();
    let value = if typed.is_empty() {
        suggested
    } else {
        typed.to_owned()
    };
    let most = draft.purchased.most().exact_told();
    view! {
        <form
            method="get"
            action=format!("/refunds/{}", draft.top_up.top_up_id)
            data-eager=""
        >
            <div class="field">
                <label for="credit">{say!(refund::AMOUNT)}</label>
                <input
                    id="credit"
                    name="credit"
                    inputmode="decimal"
                    value=value
                    maxlength="12"
                    autocomplete="off"
                    required=true
                    aria-describedby="credit-hint"
                    aria-invalid=is_wrong.then_some("true")
                />
                <p class="hint" id="credit-hint">
                    {say!(refund::UP_TO, most = most)}
                </p>
            </div>
            <p class="actions">
                <button class="quiet-button" type="submit">
                    {say!(refund::CALCULATE)}
                </button>
            </p>
        </form>
    }
}

/// The calculation with its button, or why there is none.
fn answer(
    draft: &RefundDraft,
    asked: Result<Refund, RefundRefusal>,
    refund_id: String,
) -> impl IntoView + use<> {
    let refund = match asked {
        Ok(refund) => refund,
        Err(refusal) => {
            return view! { <p class="note hold">{words::declined(&refusal.into())}</p> }
                .into_any();
        }
    };
    let top_up = &draft.top_up;
    let card = words::card(top_up.card_brand.as_deref(), top_up.card_last4.as_deref())
        .unwrap_or_else(|| say!(notice::YOUR_CARD));
    let line = |name: String, amount: Money, is_sum: bool| {
        view! {
            <div class=if is_sum { "sum" } else { "" }>
                <dt>{name}</dt>
                <dd>{amount.signed_told()}</dd>
            </div>
        }
    };
    let from_money = refund
        .from_money
        .is_positive()
        .then(|| line(say!(refund::NOT_EARNED), -refund.from_money, false));
    let rest = (draft.purchased.bought - draft.purchased.returned - refund.credit).exact_told();
    let why = refund.clawback.is_positive().then(|| {
        let (clawback, bonus) = (refund.clawback.exact_told(), refund.from_bonus.exact_told());
        if refund.from_money.is_positive() {
            say!(
                refund::WHY_MONEY,
                rest = rest,
                clawback = clawback,
                bonus = bonus
            )
        } else {
            say!(refund::WHY, rest = rest, clawback = clawback, bonus = bonus)
        }
    });
    view! {
        <dl class="total">
            {line(say!(refund::CREDIT_RETURNED), refund.credit, false)}
            {from_money}
            {line(say!(refund::BACK_TO_CARD), refund.back, true)}
        </dl>
        {why.map(|why| view! { <p class="quiet">{why}</p> })}
        <form method="post" action=AskRefund::PATH>
            <input type="hidden" name="top_up_id" value=top_up.top_up_id.to_string() />
            <input type="hidden" name="refund_id" value=refund_id />
            <input type="hidden" name="credit" value=plain(refund.credit) />
            <button class="button wide" type="submit">
                {say!(refund::REFUND_TO, amount = refund.back.exact_told(), card = card)}
            </button>
        </form>
        <p class="quiet small">
            {say!(refund::TAKES)}
        </p>
    }
    .into_any()
}

/// Refunds of this top-up so far.
fn before(refunds: &[RefundItem]) -> impl IntoView + use<> {
    if refunds.is_empty() {
        return view! { <p class="empty">{say!(refund::NONE)}</p> }.into_any();
    }
    let clock = LocalTime::of_request();
    let lines: Vec<_> = refunds
        .iter()
        .map(|refund| {
            view! {
                <li class="session">
                    <div>
                        <p class="session-device">{refund.amount.exact_told()}</p>
                        <p class="quiet">{clock.lately(refund.asked_at)} " · " {state(refund.state)}</p>
                    </div>
                </li>
            }
        })
        .collect();
    view! {
        <section class="card" aria-labelledby="refunds">
            <h2 id="refunds">{say!(refund::BEFORE)}</h2>
            <ul class="sessions" role="list">
                {lines}
            </ul>
        </section>
    }
    .into_any()
}

fn state(state: RefundState) -> String {
    match state {
        RefundState::Due | RefundState::Pending => say!(refund::ON_ITS_WAY),
        RefundState::Succeeded => say!(refund::SENT),
        RefundState::Refused => say!(refund::NOT_SENT),
        RefundState::Failed => say!(refund::CAME_BACK),
    }
}

/// An amount as forms send it.
fn plain(amount: Money) -> String {
    amount.decimal().normalize().to_string()
}
