//! Promo codes: the form, and what was redeemed.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::context::{self, LocalTime, Visitor};
use crate::error::AppError;
use crate::speech::Told;

#[server(endpoint = "redeem_code")]
pub(crate) async fn redeem_code(code: String) -> Result<(), AppError> {
    let visitor = context::visitor().await?;
    context::ledger()
        .redeem_promo(visitor.wallet_id, &code, None)
        .await
        .map(|_| ())
        .map_err(context::refused)
}

pub(super) async fn section(visitor: Visitor) -> Result<impl IntoView, AppError> {
    let claims = context::ledger()
        .promo_claims(visitor.wallet_id)
        .await
        .map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let lines: Vec<_> = claims
        .into_iter()
        .map(|claim| {
            let state = match claim.state.as_str() {
                "granted" => say!(promo::GIVEN),
                "due" | "late" => say!(promo::ON_ITS_WAY),
                "waiting" => say!(promo::WITH_TOP_UP),
                _ => say!(promo::NOT_USED),
            };
            view! {
                <li class="session">
                    <p>
                        <code>{claim.code}</code> " "
                        <span class="quiet">{clock.lately(claim.claimed_at)}</span>
                    </p>
                    <p>{claim.amount.exact_told()} " " <span class="pill">{state}</span></p>
                </li>
            }
        })
        .collect();
    Ok(view! {
        <section class="card" aria-labelledby="promo">
            <h2 id="promo">{say!(promo::TITLE)}</h2>
            <ul class="sessions" role="list">{lines}</ul>
            <form method="post" action=RedeemCode::PATH>
                <p class="field">
                    <label for="promo-code">{say!(promo::TITLE)}</label>
                    <input
                        id="promo-code"
                        name="code"
                        maxlength="40"
                        autocapitalize="characters"
                        autocomplete="off"
                        spellcheck="false"
                        required
                    />
                </p>
                <button class="button" type="submit">
                    {say!(promo::REDEEM)}
                </button>
            </form>
            <p>
                <a href="/referral">{say!(promo::INVITE)}</a>
            </p>
        </section>
    })
}
