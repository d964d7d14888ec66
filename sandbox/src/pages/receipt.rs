//! Receipts, for thirty days after the link was made.

use super::{
    MERCHANT,
    html::{self, escape, money},
};
use crate::{
    card::brand_name,
    clock,
    expand::receipt_number,
    link::Opened,
    state::{State as Everything, integer, text},
    world::Shared,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

pub(super) async fn show(State(world): State<Shared>, Path(token): Path<String>) -> Response {
    let state = world.state();
    match state.links.open("receipt", &token, state.now()) {
        Opened::Valid(charge) => page(&state, &charge),
        Opened::Expired(_) => expired(),
        Opened::Unknown => unknown(),
    }
}

fn unknown() -> Response {
    html::message(
        StatusCode::NOT_FOUND,
        "No such receipt",
        "This link does not open a receipt.",
    )
}

fn expired() -> Response {
    let text = "Links to receipts are good for 30 days. Ask the shop for a new one.";
    html::message(StatusCode::GONE, "This link has expired", text)
}

fn page(state: &Everything, charge: &str) -> Response {
    let Some(charge) = state.objects.find("charge", charge) else {
        return unknown();
    };
    let currency = text(charge, "currency");
    let amount = money(integer(charge, "amount"), currency);
    let card = &charge["payment_method_details"]["card"];
    let refunded = integer(charge, "amount_refunded");
    let refund = if refunded > 0 {
        format!("<dt>Refunded</dt><dd>{}</dd>", money(-refunded, currency))
    } else {
        String::new()
    };
    let body = format!(
        "<h1>Receipt from {MERCHANT} <span class=\"amount\">{amount}</span></h1>\
         <dl><dt>Paid on</dt><dd>{}</dd><dt>Paid with</dt><dd>{} ending in {}</dd>\
         <dt>Receipt number</dt><dd>{}</dd><dt>Payment</dt><dd>{}</dd>{refund}</dl>",
        clock::date(integer(charge, "created")),
        escape(brand_name(text(card, "brand"))),
        escape(text(card, "last4")),
        receipt_number(text(charge, "id")),
        escape(text(charge, "id")),
    );
    html::page(&format!("Receipt from {MERCHANT}"), &body)
}
