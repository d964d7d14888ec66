//! Saved cards: which one auto-refill charges, and how to add and remove them.

use ledger::SavedCard;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use uuid::Uuid;

use crate::context::{self, Visitor};
use crate::error::AppError;
use crate::pages::card::{ChooseCard, RemoveCard, SaveCard};
use crate::written::Query;

pub(super) async fn section(
    visitor: Visitor,
    query: &Query,
) -> Result<impl IntoView + use<>, AppError> {
    let ledger = context::ledger();
    welcome_back(visitor, query).await?;
    let cards = ledger
        .cards(visitor.wallet_id)
        .await
        .map_err(context::refused)?;
    let list = if cards.is_empty() {
        view! { <p class="quiet">{say!(account::NO_CARD)}</p> }.into_any()
    } else {
        let lines: Vec<_> = cards.into_iter().map(line).collect();
        view! { <ul class="sessions" role="list">{lines}</ul> }.into_any()
    };
    Ok(view! {
        <section class="card" aria-labelledby="cards">
            <h2 id="cards">{say!(account::CARDS)}</h2>
            {list}
            {save_form(ledger.new_card_setup_id(), false)}
            <p class="quiet small">{say!(add_credit::CONSENT)}</p>
        </section>
    })
}

/// Who comes back from Stripe's page may be here before the event is.
pub(in crate::written) async fn welcome_back(
    visitor: Visitor,
    query: &Query,
) -> Result<(), AppError> {
    let Ok(card_setup_id) = query.get("card").parse::<Uuid>() else {
        return Ok(());
    };
    context::ledger()
        .check_card_setup(visitor.wallet_id, card_setup_id)
        .await
        .map_err(context::refused)
}

/// The way to Stripe's page that saves a card.
pub(in crate::written) fn save_form(card_setup_id: Uuid, for_refill: bool) -> impl IntoView {
    view! {
        <form method="post" action=SaveCard::PATH>
            <input type="hidden" name="card_setup_id" value=card_setup_id.to_string() />
            <input type="hidden" name="for_refill" value=for_refill.to_string() />
            <button class="quiet-button" type="submit">
                {say!(account::SAVE_CARD)}
            </button>
        </form>
    }
}

fn line(saved: SavedCard) -> impl IntoView {
    let name = crate::words::saved_card(&saved.card);
    let expired = saved.card.is_expired(context::ledger().clock().now());
    let date = format!("{:02}/{}", saved.card.exp_month, saved.card.exp_year);
    let expires = if expired {
        say!(account::EXPIRED, date = date)
    } else {
        say!(account::EXPIRES, date = date)
    };
    let (use_it, remove_it) = (
        say!(account::USE_WHICH, name = &name),
        say!(call::REMOVE_WHICH, name = &name),
    );
    let id = saved.payment_method_id;
    let choose = (!saved.is_default).then(|| {
        view! {
            <form method="post" action=ChooseCard::PATH>
                <input type="hidden" name="payment_method_id" value=id.clone() />
                <button class="text-button" type="submit" aria-label=use_it>
                    {say!(account::USE_CARD)}
                </button>
            </form>
        }
    });
    view! {
        <li class="session">
            <div>
                <p class="session-device">
                    {name} {saved.is_default.then(|| view! { <span class="pill">{say!(account::FOR_REFILL)}</span> })}
                </p>
                <p class="quiet">{expires}</p>
            </div>
            {choose}
            <form method="post" action=RemoveCard::PATH>
                <input type="hidden" name="payment_method_id" value=id.clone() />
                <button class="text-button" type="submit" aria-label=remove_it>
                    {say!(account::REMOVE)}
                </button>
            </form>
        </li>
    }
}
