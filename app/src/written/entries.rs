//! Every entry of the books: the raw transfers, newest first.

use leptos::prelude::*;

use super::Query;
use crate::components::amount::SignedAmount;
use crate::components::at_once::Boxed;
use crate::components::time_text::TimeText;
use crate::context;
use crate::error::AppError;
use crate::pages::wallet::row::{EntriesView, EntryLine};

/// Those before the sequence number `before`, else the latest.
pub(super) async fn part(query: &Query) -> Result<AnyView, AppError> {
    let (ledger, visitor) = (context::ledger(), context::visitor().await?);
    let clock = context::LocalTime::of_request();
    let before = query.get("before").parse().ok();
    let entries = ledger
        .entries(visitor.wallet_id, before)
        .await
        .map_err(context::refused)?;
    // The books begin with 1: below it there is nothing to turn to.
    let next = entries.last().map(|entry| entry.seq).filter(|seq| *seq > 1);
    let lines = context::entry_lines(&entries, &clock);
    Ok(table(EntriesView {
        lines,
        next,
        zone_note: clock.zone_note(),
    }))
}

fn table(page: EntriesView) -> AnyView {
    if page.lines.is_empty() {
        return view! { <p class="empty">"Nothing has moved yet."</p> }.boxed();
    }
    let lines: Vec<_> = page.lines.into_iter().map(row).collect();
    let older = page
        .next
        .map(|seq| format!("/wallet?show=entries&before={seq}#history"));
    view! {
        {page.zone_note.map(|zone| view! { <p class="quiet small">"Times in " {zone} "."</p> })}
        <div class="table-scroll" role="region" aria-label="Every entry" tabindex="0">
            <table class="entries">
                <thead>
                    <tr>
                        <th scope="col">"No."</th>
                        <th scope="col">"When"</th>
                        <th scope="col">"What"</th>
                        <th scope="col" class="number">"Amount"</th>
                        <th scope="col" class="number">"Available"</th>
                        <th scope="col" class="number">"On hold"</th>
                        <th scope="col">"Proof"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
        <nav class="pages" aria-label="Pages of entries">
            {older.map(|address| view! { <a class="quiet-button" href=address>"Older"</a> })}
        </nav>
    }
    .boxed()
}

fn row(line: EntryLine) -> impl IntoView {
    // Moves of what was set aside do not change what may be spent: told without a sign.
    let amount = if line.effect.is_zero() {
        view! { <span class="amount quiet">{line.amount.exact_text()}</span> }.boxed()
    } else {
        view! { <SignedAmount amount=line.effect /> }.boxed()
    };
    view! {
        <tr>
            <td class="quiet">{line.seq}</td>
            <td>{line.day} ", " <TimeText at=line.at /></td>
            <td>{line.label}</td>
            <td class="number">{amount}</td>
            <td class="number amount">{line.available_after.exact_text()}</td>
            <td class="number amount">{line.held_after.exact_text()}</td>
            <td>
                <a
                    href=format!("/wallet/entries/{}/proof", line.seq)
                    rel="external"
                    aria-label=format!("Download the proof of entry {}", line.seq)
                >
                    "Download"
                </a>
            </td>
        </tr>
    }
}
