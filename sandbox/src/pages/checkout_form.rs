//! The hosted checkout page as HTML, in each of its states.

use super::{
    MERCHANT,
    html::{self, escape, money},
    submission::{Wrong, asks_for_address, customer_email},
};
use crate::{
    card::{CARDS, TestCard, brand_name},
    params::Params,
    state::{State as Everything, integer, text},
    stripe::{payment_method, session},
};
use axum::response::Response;
use serde_json::Value;

/// The page of a session, with what was typed before and what was wrong with it.
pub(super) fn page(
    state: &Everything,
    session: &Value,
    typed: &Value,
    wrong: &[Wrong],
    declined: Option<&str>,
) -> Response {
    let typed = Params(typed);
    let title = format!("{MERCHANT} checkout");
    if session["status"] != "open" {
        return html::page(&title, &closed(session));
    }
    let total = money(integer(session, "amount_total"), text(session, "currency"));
    let setup = session["mode"] == "setup";
    let (heading, button) = if setup {
        (
            format!("{MERCHANT} <span class=\"amount\">Save a card</span>"),
            "Save card".to_owned(),
        )
    } else {
        (
            format!("{MERCHANT} <span class=\"amount\">{total}</span>"),
            format!("Pay {total}"),
        )
    };
    let body = format!(
        "<h1>{heading}</h1>{items}{alert}\
         <form method=\"post\" novalidate>{saved}{card}{address}{consent}\
         <button class=\"main\">{button}</button></form>{back}{list}",
        items = items(session),
        alert = alert(wrong, declined),
        saved = saved_cards(state, session, typed),
        card = card_fields(state, session, typed, wrong),
        address = if asks_for_address(session) {
            address_fields(session, typed, wrong)
        } else {
            String::new()
        },
        consent = consent(session, typed),
        back = back(session),
        list = card_list(),
    );
    html::page(&title, &body)
}

/// A session that is over: paid, or too late.
fn closed(session: &Value) -> String {
    if session["status"] != "complete" {
        return format!(
            "<h1>This checkout page has expired</h1><p>Nothing was charged. Go back to the shop \
             and start again.</p>{}",
            back(session),
        );
    }
    let heading = if session["mode"] == "setup" {
        "Your card is saved"
    } else {
        "You have already paid"
    };
    format!(
        "<h1>{heading}</h1><p>Nothing more will be charged.</p>\
         <p><a href=\"{}\">Back to {MERCHANT}</a></p>",
        escape(&session::success_url(session)),
    )
}

fn items(session: &Value) -> String {
    let items = session["_line_items"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let rows = items.iter().map(|item| {
        let amount = money(integer(item, "amount_total"), text(item, "currency"));
        format!(
            "<dt>{}</dt><dd>{amount}</dd>",
            escape(text(item, "description"))
        )
    });
    format!("<dl>{}</dl>", rows.collect::<String>())
}

fn alert(wrong: &[Wrong], declined: Option<&str>) -> String {
    let declined =
        declined.map(|message| format!("<p>{} Nothing was charged.</p>", escape(message)));
    let wrong = wrong
        .iter()
        .map(|(name, message)| format!("<p id=\"{name}-wrong\">{message}</p>"));
    let text: String = declined.into_iter().chain(wrong).collect();
    if text.is_empty() {
        text
    } else {
        format!("<div role=\"alert\">{text}</div>")
    }
}

fn back(session: &Value) -> String {
    let url = text(session, "cancel_url");
    if url.is_empty() {
        return String::new();
    }
    format!("<p><a href=\"{}\">Back</a></p>", escape(url))
}

/// One labelled field, with what was typed and what is wrong with it.
fn field(
    (name, label): (&str, &str),
    typed: Params<'_>,
    wrong: &[Wrong],
    attributes: &str,
) -> String {
    let path = name.replace('[', ".").replace(']', "");
    let bad = wrong.iter().any(|(field, _)| *field == name);
    let wrong = if bad {
        format!(" aria-invalid=\"true\" aria-describedby=\"{name}-wrong\"")
    } else {
        String::new()
    };
    format!(
        "<label for=\"{name}\">{label}</label><input id=\"{name}\" name=\"{name}\" \
         value=\"{}\"{wrong} {attributes}>",
        escape(typed.text(&path).unwrap_or_default()),
    )
}

fn saved_cards(state: &Everything, session: &Value, typed: Params<'_>) -> String {
    let cards: String = payment_method::saved(state, text(session, "customer"))
        .map(|method| {
            let (id, card) = (text(method, "id"), &method["card"]);
            format!(
                "<label class=\"choice\"><input type=\"radio\" name=\"saved_card\" value=\"{id}\"{}> \
                 {} ending in {}, expires {:02}/{}</label>",
                if typed.text("saved_card") == Some(id) { " checked" } else { "" },
                escape(brand_name(text(card, "brand"))),
                escape(text(card, "last4")),
                integer(card, "exp_month"),
                integer(card, "exp_year"),
            )
        })
        .collect();
    if cards.is_empty() {
        return cards;
    }
    format!(
        "<fieldset><legend>Pay with</legend>{cards}<label class=\"choice\"><input type=\"radio\" \
         name=\"saved_card\" value=\"\"{}> Another card</label></fieldset>",
        if typed.text("saved_card").is_none() {
            " checked"
        } else {
            ""
        },
    )
}

fn card_fields(state: &Everything, session: &Value, typed: Params<'_>, wrong: &[Wrong]) -> String {
    let number =
        "inputmode=\"numeric\" autocomplete=\"cc-number\" placeholder=\"4242 4242 4242 4242\"";
    let expiry = "autocomplete=\"cc-exp\" placeholder=\"12/34\"";
    let cvc = "inputmode=\"numeric\" autocomplete=\"cc-csc\" placeholder=\"123\"";
    let email = if customer_email(state, session, Params(&Value::Null)).is_null() {
        field(
            ("email", "E-mail"),
            typed,
            wrong,
            "type=\"email\" autocomplete=\"email\"",
        )
    } else {
        String::new()
    };
    format!(
        "{email}{}<div class=\"pair\"><div>{}</div><div>{}</div></div>{}",
        field(("card_number", "Card number"), typed, wrong, number),
        field(("expiry", "Expiry"), typed, wrong, expiry),
        field(("cvc", "CVC"), typed, wrong, cvc),
        field(
            ("name", "Name on card"),
            typed,
            wrong,
            "autocomplete=\"cc-name\""
        ),
    )
}

fn address_fields(session: &Value, typed: Params<'_>, wrong: &[Wrong]) -> String {
    let field = |name, label, attributes| field((name, label), typed, wrong, attributes);
    let business = if session["tax_id_collection"]["enabled"] == true {
        [
            field(
                "business_name",
                "Business name (optional)",
                "autocomplete=\"organization\"",
            ),
            field("tax_id", "Tax ID (optional)", ""),
        ]
        .concat()
    } else {
        String::new()
    };
    format!(
        "<fieldset><legend>Billing address</legend>{}{}<div class=\"pair\"><div>{}</div>\
         <div>{}</div><div>{}</div><div>{}</div></div>{business}</fieldset>",
        field(
            "address[line1]",
            "Address",
            "autocomplete=\"address-line1\""
        ),
        field(
            "address[line2]",
            "Address line 2 (optional)",
            "autocomplete=\"address-line2\""
        ),
        field("address[city]", "City", "autocomplete=\"address-level2\""),
        field(
            "address[postal_code]",
            "Postal code",
            "autocomplete=\"postal-code\""
        ),
        field(
            "address[state]",
            "State (optional)",
            "autocomplete=\"address-level1\""
        ),
        field(
            "address[country]",
            "Country code",
            "autocomplete=\"country\" placeholder=\"US\" maxlength=\"2\""
        ),
    )
}

/// What the customer agrees to about the card: always where the shop keeps it, else by a box.
fn consent(session: &Value, typed: Params<'_>) -> String {
    let data = Params(&session["_payment_intent_data"]);
    if session["mode"] == "setup" || data.text("setup_future_usage").is_some() {
        return format!(
            "<p class=\"soft\">{MERCHANT} keeps this card and may charge it later, as you agreed \
             with {MERCHANT}.</p>"
        );
    }
    if session["saved_payment_method_options"]["payment_method_save"] != "enabled" {
        return String::new();
    }
    format!(
        "<label class=\"choice\"><input type=\"checkbox\" name=\"save\" value=\"yes\"{}> Save this \
         card for later payments to {MERCHANT}</label>",
        if typed.text("save").is_some() {
            " checked"
        } else {
            ""
        },
    )
}

fn card_list() -> String {
    let row = |card: &TestCard| {
        format!(
            "<li><button type=\"button\" class=\"small\" data-card=\"{}\">{}</button> <span>{}</span></li>",
            card.number,
            card.spaced(),
            escape(card.label),
        )
    };
    let rows: String = CARDS.iter().map(row).collect();
    format!(
        "<h2>Test cards</h2><p class=\"soft\">Any date to come and any CVC will do.</p>\
         <ul class=\"cards\">{rows}</ul><script>{}</script>",
        include_str!("../../templates/fill_card.js"),
    )
}
