//! The numbers one calls: those that are kept under a name, and those of the last calls.

use ledger::{FavoriteNumber, RecentNumber};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::address::escape;
use crate::context::LocalTime;
use crate::context::number::masked;
use crate::pages::call::{DropFavorite, KeepFavorite};

/// The numbers one keeps, and the form to keep one: filled with what was typed.
pub(super) fn favorites(favorites: &[FavoriteNumber], typed: String) -> impl IntoView + use<> {
    let lines: Vec<_> = favorites.iter().map(favorite).collect();
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
                            value=typed
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
                <p class="quiet"><bdi>{masked(&number)}</bdi></p>
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

/// The numbers one called lately.
pub(super) fn recent(recent: &[RecentNumber]) -> impl IntoView + use<> {
    let clock = LocalTime::of_request();
    let lines: Vec<_> = recent
        .iter()
        .map(|call| {
            let called = clock.lately(call.called_at);
            view! {
                <li class="session">
                    <div>
                        <p class="session-device">
                            <a href=dialer(&call.number)><bdi>{masked(&call.number)}</bdi></a>
                        </p>
                        <p class="quiet">{say!(call::CALLED, destination = &call.destination, when = called)}</p>
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
