//! `/desk/price-lists/{version}`: what going back to a version would change, before it is done.

use domain::staff::Right;
use ledger::{Error, RollBack};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::{Page, difference, laid_out, section};
use crate::address::ReturnTo;
use crate::context::{self, Clerk};
use crate::error::AppError;

#[server(endpoint = "desk_roll_back_prices")]
pub(crate) async fn desk_roll_back_prices(version: i64) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::SetPrices).await?;
    let ledger = context::ledger();
    let deed = clerk.deed("roll_back_prices", "price_list", version.to_string());
    let back = RollBack {
        version,
        author: clerk.email.clone(),
        dry_run: false,
    };
    ledger
        .deed(deed, ledger.roll_back_prices(back))
        .await
        .map_err(context::refused)?;
    context::redirect_to(&ReturnTo::read("/desk/price-lists"));
    Ok(())
}

pub(in super::super) async fn page(clerk: &Clerk, version: &str) -> Result<Page, AppError> {
    let version: i64 = version
        .parse()
        .map_err(|_| context::refused(AppError::NotFound))?;
    let ledger = context::ledger();
    let back = RollBack {
        version,
        author: clerk.email.clone(),
        dry_run: true,
    };
    let told = ledger.roll_back_prices(back).await;
    ledger
        .note_view(clerk.deed("view_roll_back", "price_list", version.to_string()))
        .await
        .map_err(context::refused)?;
    let outcome = match told {
        Ok(diff) if diff.changes.is_empty() => difference(&diff).into_any(),
        Ok(diff) => view! {
            {difference(&diff)}
            <form method="post" action=DeskRollBackPrices::PATH>
                <input type="hidden" name="version" value=version.to_string() />
                <button class="button" type="submit">
                    {format!("Go back to version {version}")}
                </button>
            </form>
        }
        .into_any(),
        Err(Error::Declined(why)) => {
            let said = AppError::from(why).text();
            view! { <p class="note hold">{said}</p> }.into_any()
        }
        Err(error) => return Err(context::refused(error)),
    };
    let content = view! {
        <p>
            <a href="/desk/price-lists">"Back to the price lists"</a>
        </p>
        <p>
            "Prices become what they would be now had newer lists never come, and what those announced for later is taken back. Running calls keep their price."
        </p>
        {section("difference", "What it would change", outcome)}
    };
    Ok(laid_out(
        clerk,
        "",
        format!("Go back to version {version}"),
        content,
    ))
}
