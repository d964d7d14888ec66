//! `/design`: every component of the house in each of its states, to look at while one changes them.
//! Shown in development only.

use domain::Money;
use leptos::prelude::*;

use super::{Page, not_found};
use crate::components::amount::{Figure, SignedAmount};
use crate::components::at_once::Boxed;
use crate::components::icon::{Icon, Sign};
use crate::site::Site;

pub(super) fn page() -> Page {
    // Real payments mean real customers, who have no use for it.
    if use_context::<Site>().is_none_or(|site| site.sandbox.is_none()) {
        return not_found::page();
    }
    let content = view! {
        {type_and_amounts()} {buttons()} {fields()} {refusals()} {cards()} {lists()}
    };
    Page::narrow("Design", content)
}

fn type_and_amounts() -> AnyView {
    view! {
        <section class="card" aria-labelledby="type">
            <h2 id="type">"Type and amounts"</h2>
            <p class="lead">"A calm instrument: generous space, exact alignment, one accent."</p>
            <p>"Text, with " <a href="/design">"a link"</a> ", " <strong>"weight"</strong> ", " <code>"0190-ab"</code> "."</p>
            <p class="quiet">"Quiet: labels, times, what was given back."</p>
            <p class="quiet small">"Small and quiet: notes beside a control."</p>
            <p class="balance-figure">
                <Figure amount=Money::from_cents(4_170) />
            </p>
            <p>
                <SignedAmount amount=Money::from_cents(2_500) /> " "
                <SignedAmount amount=-Money::from_cents(27) /> " "
                <span class="amount hold">"$1.80"</span> " " <span class="amount alert">"$0.00"</span>
            </p>
        </section>
    }
    .boxed()
}

fn buttons() -> AnyView {
    view! {
        <section class="card" aria-labelledby="buttons">
            <h2 id="buttons">"Buttons"</h2>
            <p class="actions">
                <button class="button" type="button">
                    "The one action"
                </button>
                <button class="quiet-button" type="button">
                    "Another"
                </button>
                <button class="text-button" type="button">
                    "In a line"
                </button>
            </p>
            <button class="button wide" type="button">
                "Continue to payment · $25.00"
            </button>
            <button class="button wide" type="button" aria-disabled="true">
                "Opening the payment page"
            </button>
        </section>
    }
    .boxed()
}

fn fields() -> AnyView {
    view! {
        <section class="card" aria-labelledby="fields">
            <h2 id="fields">"Fields"</h2>
            <div class="field">
                <label for="plain">"Email"</label>
                <input id="plain" type="email" value="ana@example.com" />
            </div>
            <div class="field">
                <label for="wrong">"Custom amount"</label>
                <p class="hint" id="wrong-hint">"From $5.00 to $1,000.00."</p>
                <p class="field-error" id="wrong-error">"The smallest top-up is $5.00."</p>
                <div class="prefixed">
                    <span aria-hidden="true">"$"</span>
                    <input
                        id="wrong"
                        type="text"
                        inputmode="decimal"
                        value="3"
                        aria-invalid="true"
                        aria-describedby="wrong-hint wrong-error"
                    />
                </div>
            </div>
            <div class="field">
                <label for="choice">"Kind"</label>
                <select id="choice">
                    <option>"Everything"</option>
                    <option>"Calls"</option>
                </select>
            </div>
            <label class="choice">
                <input type="checkbox" checked />
                <span>"Low balance"</span>
            </label>
        </section>
    }
    .boxed()
}

fn refusals() -> AnyView {
    view! {
        <div class="summary">
            <p>
                <a href="#wrong">"The smallest top-up is $5.00."</a>
            </p>
            <p class="reference">
                "Reference " <code>"01993b1c-7a55"</code>
            </p>
        </div>
        <p class="note hold">
            "You owe $4.00 after a disputed payment. Your next top-up pays this first."
        </p>
        <p class="empty">
            "Nothing has moved yet. " <a href="/add-credit">"Add credit"</a> " and it appears here."
        </p>
    }
    .boxed()
}

fn cards() -> AnyView {
    view! {
        <section class="card live" aria-label="Card">
            <p class="live-state hold">
                <Icon sign=Sign::Waiting />
                "Waiting for payment"
            </p>
            <p>
                <span class="amount">"$25.00"</span>
                " and $0.50 bonus will be added when your bank confirms."
            </p>
        </section>
        <section class="card" aria-labelledby="facts">
            <h2 id="facts">
                "Facts" <span class="pill">"This one"</span>
            </h2>
            <dl class="facts">
                <div>
                    <dt>"Per minute"</dt>
                    <dd class="amount">"$0.0217"</dd>
                </div>
                <div>
                    <dt>"You can talk for"</dt>
                    <dd>"9 h 12 min"</dd>
                </div>
            </dl>
        </section>
    }
    .boxed()
}

fn lists() -> AnyView {
    let row = |sign, class: &'static str, title: &'static str, amount: i64| {
        view! {
            <li>
                <details class="row">
                    <summary>
                        <span class=class>
                            <Icon sign />
                        </span>
                        <span class="row-what">
                            <span class="row-title">{title}</span>
                            <span class="row-state quiet">"2:41 PM · Added"</span>
                        </span>
                        <SignedAmount amount=Money::from_cents(amount) />
                    </summary>
                    <div class="opened">
                        <p class="reference">
                            "Reference " <code>"01993b1c-7a55"</code>
                        </p>
                    </div>
                </details>
            </li>
        }
    };
    view! {
        <section class="day" aria-labelledby="rows">
            <div class="day-head">
                <h2 id="rows">"Rows"</h2>
                <SignedAmount amount=Money::from_cents(2_473) />
            </div>
            <ul class="rows" role="list">
                {row(Sign::Added, "sign credit", "Top-up", 2_500)}
                {row(Sign::Waiting, "sign hold", "Call", -27)}
                {row(Sign::Declined, "sign alert", "Top-up", 0)}
            </ul>
        </section>
    }
    .boxed()
}
