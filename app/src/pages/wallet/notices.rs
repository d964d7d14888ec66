//! What the customer is told and has not put away yet.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::components::at_once::Boxed;
use crate::components::post_form::{PostForm, Sending};
use crate::error::AppError;

/// A notice as it is read; the words are the server's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct NoticeLine {
    pub(crate) notice_id: Uuid,
    pub(crate) headline: String,
    pub(crate) detail: String,
    pub(crate) link: String,
    pub(crate) link_text: String,
}

#[server(endpoint = "dismiss_notice")]
pub(crate) async fn dismiss_notice(notice_id: Uuid) -> Result<(), AppError> {
    use crate::context;
    let visitor = context::visitor().await?;
    context::ledger()
        .dismiss_notice(visitor.wallet_id, notice_id)
        .await
        .map_err(context::refused)
}

#[component]
pub(super) fn Notices(notices: Vec<NoticeLine>, dismiss: Sending) -> impl IntoView {
    let lines: Vec<_> = notices.into_iter().map(|one| line(one, dismiss)).collect();
    (!lines.is_empty())
        .then(|| {
            view! {
                <section class="card notices" aria-label=say!(wallet::NOTICES)>
                    <ul class="rows" role="list">
                        {lines}
                    </ul>
                </section>
            }
        })
        .boxed()
}

fn line(notice: NoticeLine, dismiss: Sending) -> AnyView {
    let name = say!(wallet::DISMISS_WHAT, headline = &notice.headline);
    view! {
        <li>
            <p class="live-state">{notice.headline}</p>
            <p class="quiet">{notice.detail}</p>
            <div class="actions">
                <a href=notice.link>{notice.link_text}</a>
                <PostForm sending=dismiss>
                    <input type="hidden" name="notice_id" value=notice.notice_id.to_string() />
                    <button class="text-button" type="submit" aria-label=name>
                        {say!(wallet::DISMISS)}
                    </button>
                </PostForm>
            </div>
        </li>
    }
    .boxed()
}
