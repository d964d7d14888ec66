//! `/account/destination`: by which destination the wallet page measures the balance.

use domain::offer::Offer;
use ledger::Overview;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Page, Query, price};
use crate::address::ReturnTo;
use crate::context;
use crate::error::AppError;
use crate::words;

/// Destinations shown at once.
const SHOWN: usize = 20;

#[server(endpoint = "choose_destination")]
pub(crate) async fn choose_destination(prefix: String) -> Result<(), AppError> {
    let visitor = context::visitor().await?;
    context::ledger()
        .choose_destination(visitor.customer_id, &prefix)
        .await
        .map_err(context::refused)?;
    context::redirect_to(&ReturnTo::read("/wallet"));
    Ok(())
}

/// What a balance buys, as the wallet page says it: `About 9 h 12 min to Mexico, mobile`.
pub(crate) fn worth(overview: &Overview) -> String {
    // A destination that is not sold any more is chosen anew.
    let Some(rate) = &overview.talk_rate else {
        return say!(destination::NOT_CHOSEN);
    };
    let place = words::destination(&rate.destination, rate.kind);
    match rate.pricing.about_seconds(overview.wallet.available()) {
        None => say!(destination::FREE, place = place),
        Some(seconds) => {
            say!(
                destination::ABOUT,
                time = words::about(seconds),
                place = place
            )
        }
    }
}

pub(super) async fn page(query: &Query) -> Result<Page, AppError> {
    context::visitor().await?;
    let text = query.get("for");
    let offers = context::ledger().rates_search(text).await;
    let mut offers = offers.map_err(context::refused)?;
    offers.retain(|offer| !offer.blocked);
    offers.truncate(SHOWN);
    let none = offers.is_empty();
    let lines: Vec<_> = offers.iter().map(|offer| line(offer)).collect();
    let content = view! {
        <p class="quiet">{say!(destination::LEAD)}</p>
        <form method="get" action="/account/destination" role="search" data-eager>
            <div class="field">
                <label for="for">{say!(rates::SEARCH)}</label>
                <input
                    id="for"
                    name="for"
                    type="search"
                    autocomplete="off"
                    maxlength="60"
                    value=text.to_owned()
                />
            </div>
            <button class="quiet-button" type="submit">
                {say!(destination::SEARCH)}
            </button>
        </form>
        <div class="stack" id="answer" aria-live="polite">
            {none
                .then(|| {
                    view! { <p class="empty">{say!(destination::NONE)}</p> }
                })}
            <ul class="sessions" role="list">
                {lines}
            </ul>
        </div>
    };
    Ok(Page::narrow(say!(destination::TITLE), content))
}

fn line(offer: &Offer) -> impl IntoView + use<> {
    let place = words::destination(&offer.destination, offer.kind);
    let label = say!(destination::CHOOSE_WHICH, place = &place);
    let price = say!(rates::A_MINUTE, price = price::per_minute(&offer.pricing));
    let prefix = offer.prefixes.first().cloned().unwrap_or_default();
    view! {
        <li class="session">
            <div>
                <p class="session-device">{place}</p>
                <p class="quiet">{price}</p>
            </div>
            <form method="post" action=ChooseDestination::PATH>
                <input type="hidden" name="prefix" value=prefix />
                <button class="text-button" type="submit" aria-label=label>
                    {say!(destination::CHOOSE)}
                </button>
            </form>
        </li>
    }
}
