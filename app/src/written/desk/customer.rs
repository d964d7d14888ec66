//! A customer: the wallet as they see it, what stands behind it, and what may be done about it.

use domain::staff::Right;
use domain::{CustomerId, WalletId};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use serde_json::json;
use uuid::Uuid;

use super::corrections::{self, DeskCorrect};
use super::{Page, cell, disputes, laid_out, section, table};
use crate::context::{self, Clerk, LocalTime};
use crate::error::AppError;
use crate::words;

#[server(endpoint = "desk_freeze")]
pub(crate) async fn desk_freeze(wallet_id: WalletId, reason: String) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::Freeze).await?;
    let ledger = context::ledger();
    let deed = clerk.deed_on("freeze", wallet_id, json!({ "reason": reason }));
    ledger
        .deed(deed, ledger.freeze(wallet_id, &reason))
        .await
        .map_err(context::refused)
}

#[server(endpoint = "desk_unfreeze")]
pub(crate) async fn desk_unfreeze(wallet_id: WalletId) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::Freeze).await?;
    let ledger = context::ledger();
    let deed = clerk.deed_on("unfreeze", wallet_id, json!({}));
    ledger
        .deed(deed, ledger.unfreeze(wallet_id))
        .await
        .map_err(context::refused)
}

#[server(endpoint = "desk_end_session")]
pub(crate) async fn desk_end_session(
    wallet_id: WalletId,
    customer_id: CustomerId,
    session_id: Uuid,
) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::EndSession).await?;
    let ledger = context::ledger();
    let deed = clerk.deed_on("end_session", wallet_id, json!({ "session": session_id }));
    ledger
        .deed(deed, ledger.end_session(customer_id, session_id))
        .await
        .map_err(context::refused)
}

#[server(endpoint = "desk_end_call")]
pub(crate) async fn desk_end_call(wallet_id: WalletId, call_id: String) -> Result<(), AppError> {
    let clerk = context::acting_clerk(Right::EndCall).await?;
    let ledger = context::ledger();
    let deed = clerk.deed_on("end_call", wallet_id, json!({ "call": call_id }));
    ledger
        .deed(deed, ledger.give_up_call(wallet_id, &call_id))
        .await
        .map(|_| ())
        .map_err(context::refused)
}

pub(super) async fn page(clerk: &Clerk, wallet: &str) -> Result<Page, AppError> {
    let wallet_id: WalletId = wallet
        .parse()
        .map_err(|_| context::refused(AppError::NotFound))?;
    let ledger = context::ledger();
    let customer = ledger
        .customer_of(wallet_id)
        .await
        .map_err(context::refused)?;
    ledger
        .note_view(clerk.deed_on("view_customer", wallet_id, json!({})))
        .await
        .map_err(context::refused)?;
    let content = view! {
        {balances(clerk, wallet_id).await?}
        {calls(clerk, wallet_id).await?}
        {correction(clerk, wallet_id).await?}
        {purchases(clerk, wallet_id).await?}
        {disputes(wallet_id).await?}
        {credit(wallet_id).await?}
        {entries(wallet_id).await?}
        {events(wallet_id).await?}
        {sessions(clerk, wallet_id, customer.customer_id).await?}
    };
    Ok(laid_out(clerk, customer.email.to_string(), content))
}

async fn balances(clerk: &Clerk, wallet_id: WalletId) -> Result<AnyView, AppError> {
    let ledger = context::ledger();
    let wallet = ledger.wallet(wallet_id).await.map_err(context::refused)?;
    let frozen = ledger.frozen(wallet_id).await.map_err(context::refused)?;
    let numbers = ledger.numbers(wallet_id).await.map_err(context::refused)?;
    let numbers: Vec<_> = numbers
        .iter()
        .map(|number| ledger::international(&number.number))
        .collect();
    let facts = [
        ("Available balance", wallet.available().exact_text()),
        ("On hold", wallet.held.exact_text()),
        ("Paid", wallet.paid.exact_text()),
        ("Promotional", wallet.promotional.exact_text()),
        ("Debt", wallet.debt.exact_text()),
        ("Numbers", numbers.join(", ")),
        ("Wallet", wallet_id.to_string()),
    ];
    let facts: Vec<_> = facts
        .into_iter()
        .map(|(name, value)| {
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            }
        })
        .collect();
    let may = clerk.may(Right::Freeze);
    let clock = LocalTime::of_request();
    let freezing = match frozen {
        Some(frozen) => view! {
            <p class="note">"Frozen since " {clock.lately(frozen.at)} ": " {frozen.reason}</p>
            {may
                .then(|| {
                    view! {
                        <form method="post" action=DeskUnfreeze::PATH>
                            <input type="hidden" name="wallet_id" value=wallet_id.to_string() />
                            <button class="quiet-button" type="submit">
                                "Unfreeze"
                            </button>
                        </form>
                    }
                })}
        }
        .into_any(),
        None if may => view! {
            <form method="post" action=DeskFreeze::PATH>
                <input type="hidden" name="wallet_id" value=wallet_id.to_string() />
                <p class="field">
                    <label for="freeze-reason">"Reason to freeze, for the customer"</label>
                    <input id="freeze-reason" name="reason" minlength="3" maxlength="500" required />
                </p>
                <button class="quiet-button" type="submit">
                    "Freeze"
                </button>
            </form>
        }
        .into_any(),
        None => ().into_any(),
    };
    let content = view! {
        <dl class="facts">{facts}</dl>
        {freezing}
    };
    Ok(section("wallet", "Wallet", content))
}

async fn calls(clerk: &Clerk, wallet_id: WalletId) -> Result<AnyView, AppError> {
    let calls = context::ledger()
        .holding_calls(wallet_id)
        .await
        .map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let may = clerk.may(Right::EndCall);
    let rows = calls
        .into_iter()
        .map(|call| {
            let label = format!("Close call {}", call.call_id);
            let end = may.then(|| {
                view! {
                    <form method="post" action=DeskEndCall::PATH>
                        <input type="hidden" name="wallet_id" value=wallet_id.to_string() />
                        <input type="hidden" name="call_id" value=call.call_id.clone() />
                        <button class="text-button" type="submit" aria-label=label>
                            "Close"
                        </button>
                    </form>
                }
            });
            vec![
                cell(call.call_id.clone()),
                cell(call.destination),
                cell(call.state.word()),
                cell(call.held.exact_text()),
                cell(format!("{} s", call.confirmed_seconds)),
                cell(clock.lately(call.expires_at)),
                end.into_any(),
            ]
        })
        .collect();
    let content = view! {
        <p class="hint">
            "A call that is closed is charged for its confirmed seconds; a late report still corrects it."
        </p>
        {table(
            "Running calls",
            &["Call", "To", "State", "Held", "Confirmed", "Held until", ""],
            rows,
            "No call holds credit.",
        )}
    };
    Ok(section("calls", "Running calls", content))
}

async fn correction(clerk: &Clerk, wallet_id: WalletId) -> Result<AnyView, AppError> {
    let known = context::ledger()
        .adjustments(wallet_id)
        .await
        .map_err(context::refused)?;
    let form = clerk.may(Right::Correct).then(|| {
        view! {
            <form method="post" action=DeskCorrect::PATH>
                <input type="hidden" name="wallet_id" value=wallet_id.to_string() />
                <input type="hidden" name="adjustment_id" value=Uuid::now_v7().to_string() />
                <p class="field">
                    <label for="correction-amount">"Amount"</label>
                    <input id="correction-amount" name="amount" maxlength="16" required />
                    <span class="hint">
                        "With a minus it takes. Above $50.00 a colleague approves."
                    </span>
                </p>
                <p class="field">
                    <label for="correction-reason">"Reason, for the customer"</label>
                    <input id="correction-reason" name="reason" minlength="3" maxlength="500" required />
                </p>
                <button class="button" type="submit">
                    "Correct"
                </button>
            </form>
        }
    });
    let content = view! {
        {corrections::rows(known, clerk, "Nothing was corrected.")}
        {form}
    };
    Ok(section("corrections", "Corrections", content))
}

async fn purchases(clerk: &Clerk, wallet_id: WalletId) -> Result<AnyView, AppError> {
    let traces = context::ledger()
        .top_up_traces(wallet_id)
        .await
        .map_err(context::refused)?;
    let may_refund = clerk.may(Right::Refund);
    let clock = LocalTime::of_request();
    let rows = traces
        .into_iter()
        .map(|trace| {
            let refund = (may_refund && trace.state == "settled").then(|| {
                let address = format!("/desk/wallets/{wallet_id}/refunds/{}", trace.top_up_id);
                let label = format!("Refund {}", trace.amount.exact_text());
                view! { <a href=address aria-label=label>"Refund"</a> }
            });
            let trouble = [trace.decline_code, trace.alarm];
            let trouble: Vec<_> = trouble.into_iter().flatten().collect();
            vec![
                cell(clock.lately(trace.started_at)),
                cell(trace.amount.exact_text()),
                cell(trace.bonus.exact_text()),
                cell(format!("{}, {}", trace.source, trace.state)),
                cell(trace.payment_id.unwrap_or_default()),
                cell(trace.receipt_number.unwrap_or_default()),
                cell(trouble.join(", ")),
                refund.into_any(),
            ]
        })
        .collect();
    let content = table(
        "Top-ups",
        &[
            "Started", "Amount", "Bonus", "State", "Payment", "Receipt", "Trouble", "Refund",
        ],
        rows,
        "Nothing was bought yet.",
    );
    Ok(section("top-ups", "Top-ups", content))
}

async fn disputes(wallet_id: WalletId) -> Result<AnyView, AppError> {
    let cases = context::ledger()
        .disputes(Some(wallet_id))
        .await
        .map_err(context::refused)?;
    let content = disputes::rows(cases, "No bank asked about a payment.");
    Ok(section("disputes", "Disputes", content))
}

async fn credit(wallet_id: WalletId) -> Result<AnyView, AppError> {
    let lots = context::ledger()
        .lots(wallet_id)
        .await
        .map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let rows = lots
        .left()
        .map(|lot| {
            vec![
                cell(lot.seq.to_string()),
                cell(words::transfer(lot.kind)),
                cell(lot.amount.exact_text()),
                cell(lot.left.exact_text()),
                cell(lot.expires_at.map_or("never".into(), |at| clock.date(at))),
            ]
        })
        .collect();
    let content = table(
        "Credit by its source",
        &["Entry", "From", "Came in", "Left", "Ends"],
        rows,
        "No credit is left.",
    );
    Ok(section("credit", "Credit by its source", content))
}

async fn entries(wallet_id: WalletId) -> Result<AnyView, AppError> {
    let entries = context::ledger()
        .entries(wallet_id, None)
        .await
        .map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let rows = entries
        .iter()
        .map(|entry| {
            vec![
                cell(entry.seq.to_string()),
                cell(clock.lately(entry.at)),
                cell(words::transfer(entry.kind)),
                cell(format!("{} → {}", entry.from.word(), entry.to.word())),
                cell(entry.amount.exact_text()),
                cell(entry.available_after.exact_text()),
                cell(format!("{} {}", entry.subject.word(), entry.subject_id)),
            ]
        })
        .collect();
    let content = table(
        "Latest entries",
        &[
            "No.",
            "When",
            "What",
            "Accounts",
            "Amount",
            "Available",
            "Belongs to",
        ],
        rows,
        "Nothing has moved yet.",
    );
    Ok(section("entries", "Latest entries", content))
}

async fn events(wallet_id: WalletId) -> Result<AnyView, AppError> {
    let events = context::ledger()
        .event_traces(wallet_id)
        .await
        .map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let rows = events
        .into_iter()
        .map(|event| {
            vec![
                cell(clock.lately(event.received_at)),
                cell(event.event_type),
                cell(event.state),
                cell(event.event_id),
                cell(event.note.unwrap_or_default()),
            ]
        })
        .collect();
    let content = table(
        "Events from Stripe",
        &["Received", "Type", "State", "Event", "Note"],
        rows,
        "Stripe has told nothing about this wallet.",
    );
    Ok(section("events", "Events from Stripe", content))
}

async fn sessions(
    clerk: &Clerk,
    wallet_id: WalletId,
    customer_id: CustomerId,
) -> Result<AnyView, AppError> {
    let sessions = context::ledger()
        .sessions(customer_id)
        .await
        .map_err(context::refused)?;
    let clock = LocalTime::of_request();
    let may = clerk.may(Right::EndSession);
    let rows = sessions
        .into_iter()
        .map(|session| {
            let label = format!("End session on {}", session.device);
            let end = may.then(|| {
                view! {
                    <form method="post" action=DeskEndSession::PATH>
                        <input type="hidden" name="wallet_id" value=wallet_id.to_string() />
                        <input type="hidden" name="customer_id" value=customer_id.to_string() />
                        <input type="hidden" name="session_id" value=session.session_id.to_string() />
                        <button class="text-button" type="submit" aria-label=label>
                            "End"
                        </button>
                    </form>
                }
            });
            vec![
                cell(session.device),
                cell(clock.lately(session.created_at)),
                cell(clock.lately(session.last_seen_at)),
                end.into_any(),
            ]
        })
        .collect();
    let content = table(
        "Sessions",
        &["Device", "Signed in", "Last seen", ""],
        rows,
        "Signed in nowhere.",
    );
    Ok(section("sessions", "Sessions", content))
}
