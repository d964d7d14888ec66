//! `server wallet`: what people at the desk do about one customer, for scripts. Same rules, same log.

use anyhow::Context;
use clap::Subcommand;
use domain::notice::LetterState;
use domain::staff::Right;
use domain::{Money, TopUpId, WalletId};
use ledger::{Adjust, AskRefund, Ledger, RefundBy};
use serde_json::json;
use uuid::Uuid;

use super::staff::{By, deed, deed_on};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Find customers by e-mail, number, wallet, call, Stripe id, receipt or code.
    Find {
        text: String,
        #[command(flatten)]
        by: By,
    },
    /// Give or, with a minus, take credit. Above $50 it waits for `approve` by somebody else.
    Adjust {
        wallet: WalletId,
        #[arg(allow_hyphen_values = true)]
        amount: Money,
        /// The customer reads it.
        reason: String,
        /// A repeat carries the same one and changes nothing.
        #[arg(long)]
        id: Option<Uuid>,
        #[command(flatten)]
        by: By,
    },
    /// Corrections of one wallet, or all that wait for a decision, by the ids that `approve` takes.
    Corrections {
        wallet: Option<WalletId>,
        #[command(flatten)]
        by: By,
    },
    /// Approve a correction that waits, or refuse it.
    Approve {
        wallet: WalletId,
        id: Uuid,
        #[arg(long)]
        refuse: bool,
        #[command(flatten)]
        by: By,
    },
    /// Tell what a refund of a top-up comes to and, with --credit, send it to the card.
    Refund {
        wallet: WalletId,
        top_up: TopUpId,
        /// Paid credit to return.
        #[arg(long)]
        credit: Option<Money>,
        /// A repeat carries the same one and changes nothing.
        #[arg(long)]
        id: Option<Uuid>,
        #[command(flatten)]
        by: By,
    },
    /// Cases that banks opened, the one to answer first on top; of one wallet or of all.
    Disputes {
        wallet: Option<WalletId>,
        #[command(flatten)]
        by: By,
    },
    /// Let a wallet pay for nothing until it is let go.
    Freeze {
        wallet: WalletId,
        /// The customer reads it.
        reason: String,
        #[command(flatten)]
        by: By,
    },
    /// Let a wallet go.
    Unfreeze {
        wallet: WalletId,
        #[command(flatten)]
        by: By,
    },
    /// Where a customer is signed in, by the ids that `end-session` takes.
    Sessions {
        wallet: WalletId,
        #[command(flatten)]
        by: By,
    },
    /// Sign a customer out of one browser.
    EndSession {
        wallet: WalletId,
        session: Uuid,
        #[command(flatten)]
        by: By,
    },
    /// What a customer was told and what became of the letters, by the ids that `resend-notice` takes.
    Notices {
        wallet: WalletId,
        #[command(flatten)]
        by: By,
    },
    /// Send the letter of a notice once more.
    ResendNotice {
        wallet: WalletId,
        notice: Uuid,
        #[command(flatten)]
        by: By,
    },
    /// Close a call whose switch forgot it: charged are the confirmed seconds.
    EndCall {
        wallet: WalletId,
        call: String,
        #[command(flatten)]
        by: By,
    },
}

pub(super) async fn run(ledger: &Ledger, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Find { text, by } => {
            let by = by.with(ledger, Right::Customers).await?;
            let found = ledger.find_customers(&text).await?;
            let detail = json!({ "found": found.len() });
            ledger
                .note_view(deed(&by, "find", "customer", "console", detail))
                .await?;
            for one in found {
                println!("{}  {}  by {}", one.wallet_id, one.email, one.by);
            }
        }
        Command::Adjust {
            wallet,
            amount,
            reason,
            id,
            by,
        } => {
            let author = by.with(ledger, Right::Correct).await?;
            let adjustment_id = id.unwrap_or_else(Uuid::now_v7);
            let detail = json!({ "adjustment": adjustment_id, "amount": amount, "reason": reason });
            let ask = Adjust {
                wallet_id: wallet,
                adjustment_id,
                amount,
                reason,
                author: author.clone(),
                credit_expires_at: None,
            };
            let state = ledger
                .deed(
                    deed_on(&author, "correct", wallet, detail),
                    ledger.adjust(ask),
                )
                .await
                .context("correct the wallet")?;
            println!("Correction {adjustment_id}: {}", state.word());
        }
        Command::Corrections { wallet, by } => {
            let by = by.with(ledger, Right::Correct).await?;
            let seen = deed(&by, "view_corrections", "adjustment", "console", json!({}));
            ledger.note_view(seen).await?;
            let corrections = match wallet {
                Some(wallet) => ledger.adjustments(wallet).await?,
                None => ledger.waiting_adjustments(None).await?,
            };
            for row in corrections {
                println!(
                    "{}  {}  {}  {}  by {}  {}",
                    row.wallet_id,
                    row.adjustment_id,
                    row.amount.signed_text(),
                    row.state.word(),
                    row.author,
                    row.reason
                );
            }
        }
        Command::Approve {
            wallet,
            id,
            refuse,
            by,
        } => {
            let by = by.with(ledger, Right::Correct).await?;
            let act = if refuse { "refuse" } else { "approve" };
            let deed = deed_on(&by, act, wallet, json!({ "adjustment": id }));
            let decided = ledger.decide_adjustment(wallet, id, &by, !refuse);
            let state = ledger
                .deed(deed, decided)
                .await
                .context("decide the correction")?;
            println!("Correction {id}: {}", state.word());
        }
        Command::Refund {
            wallet,
            top_up,
            credit,
            id,
            by,
        } => {
            let by = by.with(ledger, Right::Refund).await?;
            refund(ledger, &by, wallet, top_up, credit, id).await?;
        }
        Command::Disputes { wallet, by } => {
            let by = by.with(ledger, Right::Disputes).await?;
            ledger
                .note_view(deed(&by, "view_disputes", "dispute", "console", json!({})))
                .await?;
            for case in ledger.disputes(wallet).await? {
                println!(
                    "{}  {}  {}  {}  {}  answer by {}",
                    case.dispute_id,
                    case.wallet_id,
                    case.state.word(),
                    case.amount.exact_text(),
                    case.reason,
                    case.due_by.map_or("–".into(), |at| at.to_string())
                );
            }
        }
        Command::Freeze { wallet, reason, by } => {
            let by = by.with(ledger, Right::Freeze).await?;
            let deed = deed_on(&by, "freeze", wallet, json!({ "reason": reason }));
            ledger.deed(deed, ledger.freeze(wallet, &reason)).await?;
            println!("Wallet {wallet} is frozen.");
        }
        Command::Unfreeze { wallet, by } => {
            let by = by.with(ledger, Right::Freeze).await?;
            let deed = deed_on(&by, "unfreeze", wallet, json!({}));
            ledger.deed(deed, ledger.unfreeze(wallet)).await?;
            println!("Wallet {wallet} is not frozen.");
        }
        Command::Sessions { wallet, by } => {
            let by = by.with(ledger, Right::Customers).await?;
            ledger
                .note_view(deed_on(&by, "view_sessions", wallet, json!({})))
                .await?;
            let customer = ledger.customer_of(wallet).await?;
            for session in ledger.sessions(customer.customer_id).await? {
                println!(
                    "{}  {}  since {}",
                    session.session_id, session.device, session.created_at
                );
            }
        }
        Command::EndSession {
            wallet,
            session,
            by,
        } => {
            let by = by.with(ledger, Right::EndSession).await?;
            let deed = deed_on(&by, "end_session", wallet, json!({ "session": session }));
            ledger
                .deed(deed, ledger.end_session_of(wallet, session))
                .await
                .context("end the session")?;
            println!("Session {session} is over.");
        }
        Command::Notices { wallet, by } => {
            let by = by.with(ledger, Right::Customers).await?;
            ledger
                .note_view(deed_on(&by, "view_notices", wallet, json!({})))
                .await?;
            for trace in ledger.notice_traces(wallet).await? {
                let letter = trace.letter.map_or("none", LetterState::word);
                println!(
                    "{}  {}  {}  letter: {letter}",
                    trace.notice_id, trace.at, trace.kind
                );
            }
        }
        Command::ResendNotice { wallet, notice, by } => {
            let by = by.with(ledger, Right::ResendNotice).await?;
            let deed = deed_on(&by, "resend_notice", wallet, json!({ "notice": notice }));
            ledger
                .deed(deed, ledger.resend_notice(wallet, notice))
                .await
                .context("send the letter again")?;
            println!("The letter is on its way.");
        }
        Command::EndCall { wallet, call, by } => {
            let by = by.with(ledger, Right::EndCall).await?;
            let deed = deed_on(&by, "end_call", wallet, json!({ "call": call }));
            let is_done = ledger
                .deed(deed, ledger.give_up_call(wallet, &call))
                .await?;
            let word = if is_done { "is closed" } else { "was over" };
            println!("Call {call} {word}.");
        }
    }
    Ok(())
}

/// The calculation, and the refund if an amount was said.
async fn refund(
    ledger: &Ledger,
    by: &str,
    wallet: WalletId,
    top_up_id: TopUpId,
    credit: Option<Money>,
    id: Option<Uuid>,
) -> anyhow::Result<()> {
    let Some(credit) = credit else {
        let seen = deed_on(by, "view_refund", wallet, json!({ "top_up": top_up_id }));
        ledger.note_view(seen).await?;
        let draft = ledger
            .refund_draft(wallet, top_up_id, RefundBy::Support)
            .await?;
        match draft.best {
            Ok(best) => println!(
                "Returns {} of credit: {} to the card, {} of the bonus taken back, {} kept for bonus that was spent.",
                best.credit.exact_text(),
                best.back.exact_text(),
                best.from_bonus.exact_text(),
                best.from_money.exact_text()
            ),
            Err(refusal) => println!("Nothing can be refunded: {refusal:?}"),
        }
        return Ok(());
    };
    let refund_id = id.unwrap_or_else(|| ledger.new_refund_id());
    let ask = AskRefund {
        top_up_id,
        refund_id,
        credit,
        by: RefundBy::Support,
    };
    let detail = json!({ "top_up": top_up_id, "refund": refund_id, "credit": credit });
    let state = ledger
        .deed(
            deed_on(by, "refund", wallet, detail),
            ledger.ask_refund(wallet, ask),
        )
        .await
        .context("refund the top-up")?;
    println!("Refund {refund_id}: {}", state.word());
    Ok(())
}
