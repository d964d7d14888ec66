//! Every entry of the books: the raw transfers, newest first.

use leptos::prelude::*;

use super::Query;
use super::history::row::{EntriesView, EntryLine};
use crate::components::amount::SignedAmount;
use crate::components::at_once::Boxed;
use crate::components::time_text::TimeText;
use crate::context;
use crate::error::AppError;
use crate::speech::Told;

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
        return view! { <p class="empty">{say!(entries::NOTHING)}</p> }.boxed();
    }
    let lines: Vec<_> = page.lines.into_iter().map(row).collect();
    let older = page
        .next
        .map(|seq| format!("/wallet?show=entries&before={seq}#history"));
    view! {
        {page.zone_note.map(|zone| view! { <p class="quiet small">{say!(history::TIMES_IN, zone = zone)}</p> })}
        <div class="table-scroll" role="region" aria-label=say!(entries::EVERY) tabindex="0">
            <table class="entries">
                <thead>
                    <tr>
                        <th scope="col">{say!(entries::NUMBER)}</th>
                        <th scope="col">{say!(entries::WHEN)}</th>
                        <th scope="col">{say!(entries::WHAT)}</th>
                        <th scope="col" class="number">{say!(entries::AMOUNT)}</th>
                        <th scope="col" class="number">{say!(wallet::AVAILABLE)}</th>
                        <th scope="col" class="number">{say!(wallet::ON_HOLD)}</th>
                        <th scope="col">{say!(entries::PROOF)}</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
        </div>
        <nav class="pages" aria-label=say!(entries::PAGES)>
            {older.map(|address| view! { <a class="quiet-button" href=address>{say!(history::OLDER)}</a> })}
        </nav>
    }
    .boxed()
}

fn row(line: EntryLine) -> impl IntoView {
    // Moves of what was set aside do not change what may be spent: told without a sign.
    let amount = if line.effect.is_zero() {
        view! { <span class="amount quiet">{line.amount.exact_told()}</span> }.boxed()
    } else {
        view! { <SignedAmount amount=line.effect /> }.boxed()
    };
    view! {
        <tr>
            <td class="quiet">{line.seq}</td>
            <td>{line.day} ", " <TimeText at=line.at /></td>
            <td>{line.label}</td>
            <td class="number">{amount}</td>
            <td class="number amount">{line.available_after.exact_told()}</td>
            <td class="number amount">{line.held_after.exact_told()}</td>
            <td>
                <a
                    href=format!("/wallet/entries/{}/proof", line.seq)
                    rel="external"
                    aria-label=say!(entries::PROOF_OF, number = line.seq.to_string())
                >
                    {say!(entries::DOWNLOAD)}
                </a>
            </td>
        </tr>
    }
}
