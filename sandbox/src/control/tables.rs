//! The tables of the control page.

use crate::{
    clock,
    pages::html::{escape, money},
    state::{State, integer, text},
};
use serde_json::Value;

/// Rows that a table shows, newest first.
pub(super) const SHOWN: usize = 20;

/// A heading and a table, or a sentence when there is nothing to show.
pub(super) fn table(title: &str, columns: &[&str], rows: &[String], nothing: &str) -> String {
    if rows.is_empty() {
        return format!("<h2>{title}</h2><p class=\"soft\">{nothing}</p>");
    }
    let head: String = columns
        .iter()
        .map(|column| format!("<th scope=\"col\">{column}</th>"))
        .collect();
    format!(
        "<h2>{title}</h2><div class=\"scroll\"><table class=\"wide\"><thead><tr>{head}</tr></thead>\
         <tbody>{}</tbody></table></div>",
        rows.concat(),
    )
}

pub(super) fn row(cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .map(|cell| format!("<td>{cell}</td>"))
        .collect();
    format!("<tr>{cells}</tr>")
}

pub(super) fn button(action: &str, label: &str, fields: &[(&str, &str)]) -> String {
    let hidden: String = fields
        .iter()
        .map(|(name, value)| {
            format!(
                "<input type=\"hidden\" name=\"{name}\" value=\"{}\">",
                escape(value)
            )
        })
        .collect();
    format!(
        "<form class=\"inline\" method=\"post\" action=\"/_sandbox/{}\">{hidden}\
         <button class=\"small\">{label}</button></form> ",
        escape(action),
    )
}

fn amount(object: &Value, field: &str) -> String {
    money(integer(object, field), text(object, "currency"))
}

pub(super) fn code(text: &str) -> String {
    let short = if text.len() > 22 {
        format!("{}…", &text[..20])
    } else {
        text.to_owned()
    };
    format!("<code title=\"{}\">{}</code>", escape(text), escape(&short))
}

fn time(object: &Value) -> String {
    clock::date_and_time(integer(object, "created"))
}

pub(super) fn sessions(state: &State) -> String {
    let rows: Vec<String> = state
        .objects
        .of_kind("checkout.session")
        .rev()
        .take(SHOWN)
        .map(|session| {
            let id = text(session, "id");
            let acts = if session["status"] == "open" {
                format!(
                    "<a href=\"/c/pay/{id}\">Page</a> {}{}{}",
                    button(&format!("sessions/{id}/pay"), "Pay", &[]),
                    button(
                        &format!("sessions/{id}/pay"),
                        "Decline",
                        &[("card", "4000000000000002")]
                    ),
                    button(&format!("sessions/{id}/expire"), "Expire", &[]),
                )
            } else {
                String::new()
            };
            row(&[
                &time(session),
                &code(id),
                &escape(text(session, "mode")),
                &amount(session, "amount_total"),
                &escape(text(session, "status")),
                &escape(text(session, "payment_status")),
                &acts,
            ])
        })
        .collect();
    let columns = [
        "Created", "Session", "Mode", "Amount", "Status", "Payment", "Acts",
    ];
    table("Checkout sessions", &columns, &rows, "No session yet.")
}

pub(super) fn payments(state: &State) -> String {
    let rows: Vec<String> = state
        .objects
        .of_kind("payment_intent")
        .rev()
        .take(SHOWN)
        .map(|intent| {
            let charge = text(intent, "latest_charge");
            let acts = if intent["status"] == "succeeded" {
                let path = |act: &str| format!("charges/{charge}/{act}");
                [
                    button(&path("refund"), "Refund", &[]),
                    button(&path("dispute"), "Dispute", &[]),
                    button(&path("dispute"), "Inquire", &[("kind", "inquiry")]),
                    button(&path("early_fraud_warning"), "Fraud warning", &[]),
                ]
                .concat()
            } else {
                String::new()
            };
            let refused = text(&intent["last_payment_error"], "message");
            row(&[
                &time(intent),
                &code(text(intent, "id")),
                &amount(intent, "amount"),
                &escape(text(intent, "status")),
                &escape(refused),
                &acts,
            ])
        })
        .collect();
    let columns = [
        "Created",
        "Payment",
        "Amount",
        "Status",
        "Last refusal",
        "Acts",
    ];
    table("Payments", &columns, &rows, "No payment yet.")
}

pub(super) fn refunds(state: &State) -> String {
    let rows: Vec<String> = state
        .objects
        .of_kind("refund")
        .rev()
        .take(SHOWN)
        .map(|refund| {
            let id = text(refund, "id");
            let acts = match text(refund, "status") {
                "pending" => [
                    button(&format!("refunds/{id}/settle"), "Settle", &[]),
                    button(&format!("refunds/{id}/fail"), "Fail", &[]),
                ]
                .concat(),
                "succeeded" => button(&format!("refunds/{id}/fail"), "Fail", &[]),
                _ => String::new(),
            };
            row(&[
                &time(refund),
                &code(id),
                &amount(refund, "amount"),
                &escape(text(refund, "status")),
                &acts,
            ])
        })
        .collect();
    table(
        "Refunds",
        &["Created", "Refund", "Amount", "Status", "Acts"],
        &rows,
        "No refund yet.",
    )
}

pub(super) fn disputes(state: &State) -> String {
    let rows: Vec<String> = state
        .objects
        .of_kind("dispute")
        .rev()
        .take(SHOWN)
        .map(|dispute| {
            let id = text(dispute, "id");
            let status = text(dispute, "status");
            let act = |act: &str, label: &str| button(&format!("disputes/{id}/{act}"), label, &[]);
            let acts = if matches!(status, "won" | "lost" | "prevented" | "warning_closed") {
                String::new()
            } else {
                let escalate = if status.starts_with("warning_") {
                    act("escalate", "Escalate")
                } else {
                    String::new()
                };
                [
                    act("win", "Win"),
                    act("lose", "Lose"),
                    act("prevent", "Prevent"),
                    escalate,
                ]
                .concat()
            };
            row(&[
                &time(dispute),
                &code(id),
                &amount(dispute, "amount"),
                &escape(text(dispute, "reason")),
                &escape(status),
                &acts,
            ])
        })
        .collect();
    let columns = ["Created", "Dispute", "Amount", "Reason", "Status", "Acts"];
    table("Disputes", &columns, &rows, "No dispute yet.")
}

pub(super) fn deliveries(state: &State) -> String {
    let rows: Vec<String> = state
        .webhooks
        .delivered
        .iter()
        .rev()
        .take(SHOWN)
        .map(|delivery| {
            row(&[
                &clock::date_and_time(delivery.at),
                &escape(&delivery.kind),
                &code(&delivery.event),
                &delivery.attempt.to_string(),
                &escape(&delivery.outcome),
                &button(
                    &format!("webhooks/resend/{}", delivery.event),
                    "Send again",
                    &[],
                ),
            ])
        })
        .collect();
    let columns = ["Sent", "Event", "Id", "Attempt", "Outcome", "Acts"];
    table(
        "Webhook deliveries",
        &columns,
        &rows,
        "Nothing was delivered yet.",
    )
}

pub(super) fn requests(state: &State) -> String {
    let rows: Vec<String> = state
        .log
        .asked
        .iter()
        .rev()
        .take(SHOWN)
        .map(|asked| {
            let fault = asked.fault.map_or_else(String::new, |fault| {
                serde_json::to_value(fault)
                    .ok()
                    .and_then(|name| name.as_str().map(str::to_owned))
                    .unwrap_or_default()
            });
            row(&[
                &clock::date_and_time(asked.at),
                &escape(&format!("{} {}", asked.method, asked.path)),
                &asked.status.to_string(),
                &escape(asked.idempotency_key.as_deref().unwrap_or_default()),
                &escape(&fault),
            ])
        })
        .collect();
    let columns = ["Asked", "Request", "Status", "Idempotency key", "Fault"];
    table("Requests", &columns, &rows, "Nothing was asked yet.")
}
