//! The desk while it is closed: what opens it, to those who may open it. Nothing of it is shown.

use leptos::prelude::*;

use super::Page;
use crate::context::{self, Clerk};
use crate::error::AppError;

/// A passkey opens the desk, for half an hour.
pub(super) async fn page(clerk: &Clerk, rest: &[&str]) -> Result<Page, AppError> {
    let ledger = context::ledger();
    let passkeys = ledger.passkeys(clerk.visitor.customer_id).await;
    let has_passkey = !passkeys.map_err(context::refused)?.is_empty();
    let content = if !ledger.has_passkeys() {
        nameless().into_any()
    } else if has_passkey {
        sign_in(rest).into_any()
    } else {
        make_one().into_any()
    };
    Ok(Page::narrow("Desk", content))
}

/// Browsers make passkeys for names.
fn nameless() -> impl IntoView {
    view! {
        <p>"The desk opens with a passkey, and browsers make passkeys only for addresses that have a name."</p>
        <p>
            "Whoever runs this installation sets PUBLIC_ORIGIN to such an address; on one's own machine that is http://localhost with its port."
        </p>
    }
}

fn make_one() -> impl IntoView {
    view! {
        <p>
            "The desk opens with a passkey, and you have none yet. Add one to your account, then come back and sign in with it."
        </p>
        <p>
            <a class="button" href="/account#passkeys">
                "Add a passkey"
            </a>
        </p>
    }
}

fn sign_in(rest: &[&str]) -> impl IntoView + use<> {
    let mut next = "/desk".to_owned();
    for segment in rest {
        next.push('/');
        next.push_str(segment);
    }
    view! {
        <p>"The desk opens with your passkey, for 30 minutes."</p>
        <p class="scripted">
            <button class="button" type="button" data-passkey="sign-in" data-next=next>
                "Use a passkey"
            </button>
        </p>
        <p class="field-error" role="status" data-passkey-said></p>
        <noscript>
            <p>"Passkeys need JavaScript in this browser."</p>
        </noscript>
        <p class="quiet">
            "Is it lost? An operator at the console forgets it (server staff forget-passkeys), and you make another."
        </p>
    }
}
