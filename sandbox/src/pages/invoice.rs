//! Hosted invoices and their PDF, for as long as the link is good.

use super::{
    MERCHANT,
    html::{self, escape, money},
};
use crate::{
    clock,
    link::Opened,
    pdf::{self, Line},
    state::{State as Everything, integer, text},
    world::Shared,
};
use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

pub(super) async fn show(State(world): State<Shared>, Path(token): Path<String>) -> Response {
    let state = world.state();
    match find(&state, &token) {
        Ok(invoice) => page(invoice, &token),
        Err(refusal) => *refusal,
    }
}

pub(super) async fn download(State(world): State<Shared>, Path(token): Path<String>) -> Response {
    let state = world.state();
    let invoice = match find(&state, &token) {
        Ok(invoice) => invoice,
        Err(refusal) => return *refusal,
    };
    let name = format!(
        "attachment; filename=\"Invoice-{}.pdf\"",
        text(invoice, "number")
    );
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    (headers, pdf::document(&lines(invoice))).into_response()
}

fn find<'a>(state: &'a Everything, token: &str) -> Result<&'a Value, Box<Response>> {
    let unknown = || {
        let text = "This link does not open an invoice.";
        Box::new(html::message(
            StatusCode::NOT_FOUND,
            "No such invoice",
            text,
        ))
    };
    match state.links.open("invoice", token, state.now()) {
        Opened::Valid(id) => state.objects.find("invoice", &id).ok_or_else(unknown),
        Opened::Unknown => Err(unknown()),
        Opened::Expired(_) => {
            let text = "Links to invoices are good for 10 days. Ask the shop for a new one.";
            Err(Box::new(html::message(
                StatusCode::GONE,
                "This link has expired",
                text,
            )))
        }
    }
}

fn page(invoice: &Value, token: &str) -> Response {
    let rows: String = facts(invoice)
        .iter()
        .map(|(name, value)| format!("<dt>{}</dt><dd>{}</dd>", escape(name), escape(value)))
        .collect();
    let body = format!(
        "<h1>Invoice from {MERCHANT} <span class=\"amount\">{}</span></h1><dl>{rows}</dl>\
         <p><a href=\"/i/{token}/pdf\">Download PDF</a></p>",
        money(integer(invoice, "total"), text(invoice, "currency")),
    );
    html::page(&format!("Invoice {}", text(invoice, "number")), &body)
}

fn lines(invoice: &Value) -> Vec<Line> {
    let title = Line {
        text: format!("Invoice from {MERCHANT}"),
        size: 22,
    };
    let notice = Line {
        text: "Sandbox: no real money moves.".to_owned(),
        size: 11,
    };
    let facts = facts(invoice).into_iter();
    let facts = facts.map(|(name, value)| Line {
        text: format!("{name}: {value}"),
        size: 12,
    });
    [title, notice].into_iter().chain(facts).collect()
}

/// What the page and the document both say.
fn facts(invoice: &Value) -> Vec<(String, String)> {
    let currency = text(invoice, "currency");
    let mut facts = vec![
        ("Number".to_owned(), text(invoice, "number").to_owned()),
        ("Date".to_owned(), clock::date(integer(invoice, "created"))),
        ("Status".to_owned(), text(invoice, "status").to_owned()),
        (
            "Billed to".to_owned(),
            text(invoice, "customer_name").to_owned(),
        ),
        ("Address".to_owned(), address(&invoice["customer_address"])),
    ];
    let ids = invoice["customer_tax_ids"].as_array().into_iter().flatten();
    facts.extend(ids.map(|id| ("Tax ID".to_owned(), text(id, "value").to_owned())));
    let lines = invoice["lines"]["data"].as_array().into_iter().flatten();
    facts.extend(lines.map(|line| {
        (
            text(line, "description").to_owned(),
            money(integer(line, "amount"), currency),
        )
    }));
    facts.push((
        "Total".to_owned(),
        money(integer(invoice, "total"), currency),
    ));
    facts.push((
        "Paid".to_owned(),
        money(integer(invoice, "amount_paid"), currency),
    ));
    facts.retain(|(_, value)| !value.is_empty());
    facts
}

fn address(address: &Value) -> String {
    let parts = ["line1", "line2", "postal_code", "city", "state", "country"];
    let parts = parts.map(|name| text(address, name));
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}
