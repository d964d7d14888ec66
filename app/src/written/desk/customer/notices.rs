//! What the customer was told, what became of the letters, and sending one again.

use domain::WalletId;
use domain::notice::{LetterState, NoticeKind};
use domain::staff::Right;
use language::{Language, notice as words};
use ledger::NoticeTrace;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::json;
use uuid::Uuid;

use super::{cell, section, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;

#[server(endpoint = "desk_resend_notice")]
pub(crate) async fn desk_resend_notice(
    wallet_id: WalletId,
    notice_id: Uuid,
) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::ResendNotice).await?;
    let ledger = context::ledger();
    let deed = clerk.deed_on("resend_notice", wallet_id, json!({ "notice": notice_id }));
    ledger
        .deed(deed, ledger.resend_notice(wallet_id, notice_id))
        .await
        .map_err(context::refused)
}

pub(super) async fn section_of(clerk: &Clerk, wallet_id: WalletId) -> Result<AnyView, AppError> {
    let notices = context::ledger()
        .notice_traces(wallet_id)
        .await
        .map_err(context::refused)?;
    let may = clerk.may(Right::ResendNotice);
    let clock = LocalTime::of_request();
    let rows = notices
        .into_iter()
        .map(|notice| row(notice, wallet_id, may, &clock))
        .collect();
    let content = table(
        "Notices",
        &[
            "When",
            "Kind",
            "Said",
            "Letter",
            "On the page",
            "Send again",
        ],
        rows,
        "The customer was told nothing yet.",
    );
    Ok(section("notices", "Notices", content))
}

fn row(trace: NoticeTrace, wallet_id: WalletId, may: bool, clock: &LocalTime) -> Vec<AnyView> {
    let kind = NoticeKind::from_word(&trace.kind).map_or_else(
        || trace.kind.clone(),
        |kind| words::kind_name(kind, Language::English),
    );
    let said = trace.notice.as_ref().map_or_else(String::new, |notice| {
        words::headline(notice, Language::English)
    });
    let letter = match (trace.letter, trace.letter_at) {
        (Some(state), Some(at)) => {
            let word = match state {
                LetterState::Due => "on its way since",
                LetterState::Sent => "sent",
                LetterState::Dead => "given up, written",
            };
            let more = if trace.letters > 1 {
                format!(", {} in all", trace.letters)
            } else {
                String::new()
            };
            format!("{word} {}{more}", clock.lately(at))
        }
        _ => "none".into(),
    };
    let read = trace.read_at.map_or("shown".into(), |at| {
        format!("dismissed {}", clock.lately(at))
    });
    let again = may.then(|| {
        if trace.notice.is_none() {
            return ().into_any();
        }
        let label = format!("Send again: {said}");
        view! {
            <form method="post" action=DeskResendNotice::PATH>
                <input type="hidden" name="wallet_id" value=wallet_id.to_string() />
                <input type="hidden" name="notice_id" value=trace.notice_id.to_string() />
                <button class="text-button" type="submit" aria-label=label>
                    "Send again"
                </button>
            </form>
        }
        .into_any()
    });
    let mut cells = vec![
        cell(clock.lately(trace.at)),
        cell(kind),
        cell(said),
        cell(letter),
        cell(read),
    ];
    cells.extend(again);
    cells
}
