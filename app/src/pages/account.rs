//! `/account`: who one is here, and where one is signed in.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ask::ask;
use crate::components::answered::{Answered, show};
use crate::components::at_once::Boxed;
use crate::components::heading::Heading;
use crate::components::post_form::{PostForm, Sending};
use crate::components::refusal::Summary;
use crate::error::AppError;
use crate::wire::Wire;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) email: String,
    pub(crate) since: String,
    /// The one in use first, then the latest seen.
    pub(crate) sessions: Vec<SessionLine>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SessionLine {
    pub(crate) session_id: Uuid,
    pub(crate) device: String,
    pub(crate) signed_in: String,
    pub(crate) last_seen: String,
    /// The one this page was asked from.
    pub(crate) this_one: bool,
}

#[server(endpoint = "load_account", input = Wire, output = Wire)]
pub(crate) async fn load_account() -> Result<Account, AppError> {
    use crate::context;
    let (ledger, visitor) = (context::ledger(), context::visitor().await?);
    let customer = ledger
        .customer(visitor.customer_id)
        .await
        .map_err(context::refused)?;
    let sessions = ledger
        .sessions(visitor.customer_id)
        .await
        .map_err(context::refused)?;
    Ok(context::account(&customer, sessions, visitor.session_id))
}

#[server(endpoint = "end_session")]
pub(crate) async fn end_session(session_id: Uuid) -> Result<(), AppError> {
    use crate::context;
    let visitor = context::visitor().await?;
    context::ledger()
        .end_session(visitor.customer_id, session_id)
        .await
        .map_err(context::refused)
}

#[server(endpoint = "end_other_sessions")]
pub(crate) async fn end_other_sessions() -> Result<(), AppError> {
    use crate::context;
    let visitor = context::visitor().await?;
    let ledger = context::ledger();
    ledger
        .end_other_sessions(visitor.customer_id, visitor.session_id)
        .await
        .map_err(context::refused)
}

#[server(endpoint = "sign_out")]
pub(crate) async fn sign_out() -> Result<(), AppError> {
    use crate::context;
    context::sign_out().await?;
    context::redirect_to(&crate::address::ReturnTo::read("/"));
    Ok(())
}

#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    let end_one = Sending::to::<EndSession>();
    let end_others = Sending::to::<EndOtherSessions>();
    let sign_out = Sending::to::<SignOut>();
    let account = ask(move || (LoadAccount {}, end_one.done() + end_others.done()));
    let error = Signal::derive(move || {
        let refusals = [end_one, end_others, sign_out].map(|sending| sending.refusal().get());
        refusals.into_iter().flatten().next()
    });
    view! {
        <div class="narrow">
            <Heading text="Account" />
            <Summary error field="sessions" />
            <Answered
                asked=account
                space="form-space"
                show=show(move |account: Account| {
                    view! {
                        <Person email=account.email since=account.since />
                        <Sessions sessions=account.sessions end_one end_others />
                    }
                })
            />
            <PostForm sending=sign_out>
                <button class="quiet-button" type="submit">"Sign out"</button>
            </PostForm>
        </div>
    }
    .boxed()
}

#[component]
fn Person(email: String, since: String) -> impl IntoView {
    view! {
        <dl class="facts">
            <div>
                <dt>"Email"</dt>
                <dd class="address">{email}</dd>
            </div>
            <div>
                <dt>"Wallet since"</dt>
                <dd>{since}</dd>
            </div>
        </dl>
    }
}

#[component]
fn Sessions(sessions: Vec<SessionLine>, end_one: Sending, end_others: Sending) -> impl IntoView {
    let several = sessions.len() > 1;
    let lines: Vec<_> = sessions
        .into_iter()
        .map(|session| view! { <SessionItem session end_one /> })
        .collect();
    view! {
        <section class="card" aria-labelledby="sessions">
            <h2 id="sessions">"Sessions"</h2>
            <ul class="sessions" role="list">{lines}</ul>
            {several
                .then(|| {
                    view! {
                        <PostForm sending=end_others>
                            <button class="text-button" type="submit">
                                "Sign out all other sessions"
                            </button>
                        </PostForm>
                    }
                })}
        </section>
    }
}

#[component]
fn SessionItem(session: SessionLine, end_one: Sending) -> impl IntoView {
    let name = format!("Sign out {}", session.device);
    view! {
        <li class="session">
            <div>
                <p class="session-device">
                    {session.device}
                    {session.this_one.then(|| view! { <span class="pill">"This one"</span> })}
                </p>
                <p class="quiet">
                    "Last seen " {session.last_seen} ", signed in " {session.signed_in}
                </p>
            </div>
            {(!session.this_one)
                .then(|| {
                    view! {
                        <PostForm sending=end_one>
                            <input type="hidden" name="session_id" value=session.session_id.to_string() />
                            <button class="text-button" type="submit" aria-label=name>
                                "Sign out"
                            </button>
                        </PostForm>
                    }
                })}
        </li>
    }
}
