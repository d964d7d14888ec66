//! Whose clock pages and statements follow.

use jiff::tz::TimeZone;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::context::{self, LocalTime, Visitor};
use crate::error::AppError;

/// Fixes the time zone; an empty name leaves it to the device again.
#[server(endpoint = "choose_time_zone")]
pub(crate) async fn choose_time_zone(#[server(default)] zone: String) -> Result<(), AppError> {
    let visitor = context::visitor().await?;
    let name = Some(zone.as_str()).filter(|name| !name.is_empty());
    if name.is_some_and(|name| TimeZone::get(name).is_err()) {
        return Err(context::refused(AppError::NotFound));
    }
    context::ledger()
        .choose_time_zone(visitor.customer_id, name)
        .await
        .map_err(context::refused)?;
    context::keep_time_zone(name);
    Ok(())
}

pub(super) async fn section(visitor: Visitor) -> Result<impl IntoView, AppError> {
    let settings = context::ledger()
        .settings(visitor.customer_id)
        .await
        .map_err(context::refused)?;
    let chosen = settings.time_zone.unwrap_or_default();
    let now = LocalTime::of_request().clock_now();
    let names = jiff::tz::db().available();
    let mut names: Vec<String> = names
        .map(|name| name.as_str().to_owned())
        // Old spellings and offsets of ships are names too, but nobody looks for them.
        .filter(|name| name.contains('/') && !name.starts_with("Etc/"))
        .collect();
    names.sort();
    let options: Vec<_> = names
        .into_iter()
        .map(|name| {
            let selected = name == chosen;
            let shown = name.replace('_', " ");
            view! {
                <option value=name selected=selected>
                    {shown}
                </option>
            }
        })
        .collect();
    Ok(view! {
        <section class="card" aria-labelledby="clock">
            <h2 id="clock">{say!(account::TIME_ZONE)}</h2>
            <form method="post" action=ChooseTimeZone::PATH>
                <div class="field">
                    <label for="zone">{say!(account::TIMES_OF)}</label>
                    <select id="zone" name="zone">
                        <option value="">{say!(account::THIS_DEVICE)}</option>
                        {options}
                    </select>
                    <p class="hint">{say!(account::IT_IS_NOW, time = now)}</p>
                </div>
                <button class="quiet-button" type="submit">
                    {say!(account::SAVE_ZONE)}
                </button>
            </form>
        </section>
    })
}
