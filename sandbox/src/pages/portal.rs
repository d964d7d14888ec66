//! The billing portal: a customer's cards and invoices.

use super::{
    MERCHANT,
    html::{self, escape, money},
};
use crate::{
    card::brand_name,
    clock, expand, form,
    link::Opened,
    params::Params,
    state::{State as Everything, integer, text},
    stripe::{customer, invoice, payment_method},
    world::Shared,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Map, Value, json};

pub(super) async fn show(State(world): State<Shared>, Path(token): Path<String>) -> Response {
    let state = world.state();
    match find(&state, &token) {
        Some(session) => page(&state, session),
        None => expired(),
    }
}

/// `remove` or `default` names the card.
pub(super) async fn change(
    State(world): State<Shared>,
    Path(token): Path<String>,
    body: String,
) -> Response {
    let typed = form::parse(&body).unwrap_or_else(|| json!({}));
    let typed = Params(&typed);
    let found = world.act(|state| {
        let owner = text(find(state, &token)?, "customer").to_owned();
        let own = |state: &Everything, id: &str| {
            payment_method::saved(state, &owner).any(|method| method["id"] == id)
        };
        if let Some(id) = typed.text("remove").filter(|id| own(state, id)) {
            payment_method::remove(state, id);
        }
        if let Some(id) = typed.text("default").filter(|id| own(state, id)) {
            let mut settings = state.objects.known(&owner)["invoice_settings"].clone();
            settings["default_payment_method"] = json!(id);
            let changes = Map::from_iter([("invoice_settings".to_owned(), settings)]);
            customer::learn(state, &owner, changes);
        }
        Some(())
    });
    match found {
        Some(()) => Redirect::to(&format!("/p/session/{token}")).into_response(),
        None => expired(),
    }
}

fn find<'a>(state: &'a Everything, token: &str) -> Option<&'a Value> {
    match state.links.open("portal", token, state.now()) {
        Opened::Valid(id) => state.objects.find("billing_portal.session", &id),
        Opened::Expired(_) | Opened::Unknown => None,
    }
}

fn expired() -> Response {
    let text = "This link has expired. Go back to the shop and open it again.";
    html::message(StatusCode::GONE, "This link has expired", text)
}

fn page(state: &Everything, session: &Value) -> Response {
    let owner = text(session, "customer");
    let default = &state.objects.known(owner)["invoice_settings"]["default_payment_method"];
    let cards: String = payment_method::saved(state, owner)
        .map(|method| card(method, default))
        .collect();
    let cards = if cards.is_empty() {
        "<p>No card is saved.</p>".to_owned()
    } else {
        cards
    };
    let invoices: String = invoice::of_customer(state, owner)
        .map(|invoice| row(state, invoice))
        .collect();
    let invoices = if invoices.is_empty() {
        "<p>No invoice yet.</p>".to_owned()
    } else {
        format!("<dl>{invoices}</dl>")
    };
    let back = match text(session, "return_url") {
        "" => String::new(),
        url => format!("<p><a href=\"{}\">Back to {MERCHANT}</a></p>", escape(url)),
    };
    let body = format!(
        "<h1>Cards and invoices at {MERCHANT}</h1><h2>Cards</h2>{cards}<h2>Invoices</h2>{invoices}{back}"
    );
    html::page("Cards and invoices", &body)
}

fn card(method: &Value, default: &Value) -> String {
    let (id, card) = (text(method, "id"), &method["card"]);
    let act = if method["id"] == *default {
        "Default".to_owned()
    } else {
        format!("<button class=\"small\" name=\"default\" value=\"{id}\">Make default</button>")
    };
    format!(
        "<form class=\"row\" method=\"post\"><span>{} ending in {}, expires {:02}/{}</span> {act} \
         <button class=\"small\" name=\"remove\" value=\"{id}\">Remove</button></form>",
        escape(brand_name(text(card, "brand"))),
        escape(text(card, "last4")),
        integer(card, "exp_month"),
        integer(card, "exp_year"),
    )
}

fn row(state: &Everything, invoice: &Value) -> String {
    let invoice = expand::snapshot(state, invoice);
    format!(
        "<dt>{}</dt><dd><a href=\"{}\">{}</a> {}</dd>",
        clock::date(integer(&invoice, "created")),
        escape(text(&invoice, "hosted_invoice_url")),
        escape(text(&invoice, "number")),
        money(integer(&invoice, "total"), text(&invoice, "currency")),
    )
}
