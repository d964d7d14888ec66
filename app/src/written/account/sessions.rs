//! Where one is signed in, and how to end it from afar.

use ledger::SessionSummary;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::context::{self, LocalTime, Visitor};
use crate::error::AppError;
use crate::pages::account::{EndOtherSessions, EndSession};
use crate::speech;

/// The session in use first, then the latest seen.
pub(super) async fn section(visitor: Visitor) -> Result<impl IntoView, AppError> {
    let mut sessions = context::ledger()
        .sessions(visitor.customer_id)
        .await
        .map_err(context::refused)?;
    sessions.sort_by_key(|session| session.session_id != visitor.session_id);
    let several = sessions.len() > 1;
    let lines: Vec<_> = sessions
        .into_iter()
        .map(|session| line(session, visitor))
        .collect();
    let others = several.then(|| {
        view! {
            <form method="post" action=EndOtherSessions::PATH>
                <button class="text-button" type="submit">
                    {say!(account::SIGN_OUT_OTHERS)}
                </button>
            </form>
        }
    });
    Ok(view! {
        <section class="card" aria-labelledby="sessions">
            <h2 id="sessions">{say!(account::SESSIONS)}</h2>
            <ul class="sessions" role="list">
                {lines}
            </ul>
            {others}
        </section>
    })
}

fn line(session: SessionSummary, visitor: Visitor) -> impl IntoView {
    let clock = LocalTime::of_request();
    let this_one = session.session_id == visitor.session_id;
    let device = if session.device.is_empty() {
        say!(account::UNKNOWN_DEVICE)
    } else {
        language::device(&session.device, speech::language())
    };
    let name = say!(account::SIGN_OUT_WHICH, device = &device);
    let end = (!this_one).then(|| {
        view! {
            <form method="post" action=EndSession::PATH>
                <input type="hidden" name="session_id" value=session.session_id.to_string() />
                <button class="text-button" type="submit" aria-label=name>
                    {say!(account::SIGN_OUT)}
                </button>
            </form>
        }
    });
    view! {
        <li class="session">
            <div>
                <p class="session-device">
                    {device} {this_one.then(|| view! { <span class="pill">{say!(account::THIS_ONE)}</span> })}
                </p>
                <p class="quiet">
                    {say!(
                        account::LAST_SEEN,
                        seen = clock.lately(session.last_seen_at),
                        since = clock.lately(session.created_at)
                    )}
                </p>
            </div>
            {end}
        </li>
    }
}
