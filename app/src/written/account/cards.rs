//! Saved cards: which one auto-refill charges, and how to add and remove them.

use domain::card::SAVE_CONSENT;
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
        view! { <p class="quiet">"No card is saved. Auto-refill needs one."</p> }.into_any()
    } else {
        let lines: Vec<_> = cards.into_iter().map(line).collect();
        view! { <ul class="sessions" role="list">{lines}</ul> }.into_any()
    };
    Ok(view! {
        <section class="card" aria-labelledby="cards">
            <h2 id="cards">"Cards"</h2>
            {list}
            {save_form(ledger.new_card_setup_id(), false)}
            <p class="quiet small">{SAVE_CONSENT}</p>
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
                "Save a card"
            </button>
        </form>
    }
}

fn line(saved: SavedCard) -> impl IntoView {
    let name = saved.card.name();
    let expired = saved.card.is_expired(context::ledger().clock().now());
    let expires = format!(
        "{} {:02}/{}",
        if expired { "Expired" } else { "Expires" },
        saved.card.exp_month,
        saved.card.exp_year
    );
    let (use_it, remove_it) = (
        format!("Use {name} for auto-refill"),
        format!("Remove {name}"),
    );
    let id = saved.payment_method_id;
    let choose = (!saved.is_default).then(|| {
        view! {
            <form method="post" action=ChooseCard::PATH>
                <input type="hidden" name="payment_method_id" value=id.clone() />
                <button class="text-button" type="submit" aria-label=use_it>
                    "Use for auto-refill"
                </button>
            </form>
        }
    });
    view! {
        <li class="session">
            <div>
                <p class="session-device">
                    {name} {saved.is_default.then(|| view! { <span class="pill">"For auto-refill"</span> })}
                </p>
                <p class="quiet">{expires}</p>
            </div>
            {choose}
            <form method="post" action=RemoveCard::PATH>
                <input type="hidden" name="payment_method_id" value=id.clone() />
                <button class="text-button" type="submit" aria-label=remove_it>
                    "Remove"
                </button>
            </form>
        </li>
    }
}
