//! `/`: what this is, and the ways in.

use domain::Money;
use leptos::prelude::*;

use super::Page;
use crate::speech::whole_dollars;

pub(crate) fn page() -> Page {
    let content = view! {
        <p class="lead">
            {say!(home::LEAD)}
        </p>
        <p class="actions">
            // The same page: a first sign-in opens the wallet.
            <a class="button" href="/sign-in?new=1">
                {say!(home::CREATE_ACCOUNT)}
            </a>
            <a class="quiet-button" href="/rates">
                {say!(home::CHECK_RATES)}
            </a>
            <a class="quiet-button" href="/sign-in">
                {say!(sign_in::TITLE)}
            </a>
        </p>
        <dl class="promises">
            <div>
                <dt>{say!(home::NO_SURPRISES)}</dt>
                <dd>{say!(home::NO_SURPRISES_SAID)}</dd>
            </div>
            <div>
                <dt>{say!(home::EXPLAINED)}</dt>
                <dd>{say!(home::EXPLAINED_SAID)}</dd>
            </div>
            <div>
                <dt>{say!(home::LARGER)}</dt>
                <dd>{say!(home::LARGER_SAID, amount = whole_dollars(Money::from_dollars(25)))}</dd>
            </div>
        </dl>
    };
    Page::laid_out("home", say!(home::TITLE), content)
}
