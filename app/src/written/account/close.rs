//! Taking everything along, and closing the account.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::address::ReturnTo;
use crate::context;
use crate::error::AppError;
use crate::written::Page;

/// Closes the account for good, and ends every session of it.
#[server(endpoint = "close_account")]
pub(crate) async fn close_account(#[server(default)] sure: String) -> Result<(), AppError> {
    let visitor = context::recent_visitor("/account/close").await?;
    // The box is required by the form; who sends it without is not sure.
    if sure.is_empty() {
        return Err(context::refused(AppError::NotFound));
    }
    context::ledger()
        .close_account(visitor.customer_id, visitor.wallet_id)
        .await
        .map_err(context::refused)?;
    context::sign_out().await?;
    context::redirect_to(&ReturnTo::read("/"));
    Ok(())
}

/// On the account page: where to go for both.
pub(super) fn sections() -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="export">
            <h2 id="export">"Export my data"</h2>
            <p class="quiet">
                "Everything we store of you as one JSON file, with every entry of your books. Months are under "
                <a href="/statements">"Statements"</a> "."
            </p>
            <p>
                <a class="quiet-button" href="/account/export.json" rel="external" download>
                    "Export my data"
                </a>
            </p>
        </section>
        <section class="card" aria-labelledby="close">
            <h2 id="close">"Close account"</h2>
            <p class="quiet">
                "Erases your address, your numbers and your messages. The amounts stay in the books without your name."
            </p>
            <p>
                <a class="quiet-button" href="/account/close">
                    "Close account"
                </a>
            </p>
        </section>
    }
}

pub(super) async fn page() -> Result<Page, AppError> {
    let visitor = context::visitor().await?;
    let wallet = context::ledger()
        .wallet(visitor.wallet_id)
        .await
        .map_err(context::refused)?;
    let left = (!wallet.total().is_zero()).then(|| {
        view! {
            <p class="note hold">
                "Your wallet still has " {wallet.available().balance_text()}
                ". What was paid within the last 60 days can be refunded to the card from its row in the "
                <a href="/wallet?kind=top-ups#history">"history"</a>
                "; do that first. What is left when the account is closed is gone."
            </p>
        }
    });
    let content = view! {
        <p>"This cannot be undone. Everything that is personal is erased at once:"</p>
        <ul>
            <li>"your address, sessions, passkeys and devices,"</li>
            <li>"the numbers you called from and called,"</li>
            <li>"the senders and texts of your messages."</li>
        </ul>
        {left}
        <p>
            <a href="/account/export.json" rel="external" download>
                "Export my data"
            </a>
            " before, if you may want to look at it again."
        </p>
        <form method="post" action=CloseAccount::PATH>
            <label class="choice">
                <input type="checkbox" name="sure" value="yes" required />
                <span>"Close my account and give up what is left in it"</span>
            </label>
            <button class="quiet-button" type="submit">
                "Close account"
            </button>
        </form>
    };
    Ok(Page::narrow("Close account", content))
}
