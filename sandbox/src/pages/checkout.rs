//! The hosted checkout page: who is paid how much, a card form, and what went wrong in words.

use super::html::{self, escape, money};
use crate::{
    card::{self, CARDS, TestCard},
    clock,
    error::ApiError,
    form,
    params::Params,
    payment::{self, Presence},
    state::{State as Everything, integer, text},
    stripe::{payment_method, session},
    world::Shared,
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Value, json};

pub(crate) const MERCHANT: &str = "Talkala Wallet";

/// A field that was not filled in well: its name and what to do.
type Wrong = (&'static str, &'static str);

pub(super) async fn show(State(world): State<Shared>, Path(id): Path<String>) -> Response {
    let state = world.state();
    match session::find(&state, &id) {
        Some(session) => {
            let declined = last_refusal(&state, session);
            page(&state, session, &json!({}), &[], declined.as_deref())
        }
        None => no_such_session(),
    }
}

/// Why the last try failed, for a customer who comes back from the bank.
fn last_refusal(state: &Everything, session: &Value) -> Option<String> {
    let intent = state.objects.known(session["payment_intent"].as_str()?);
    Some(intent["last_payment_error"]["message"].as_str()?.to_owned())
}

pub(super) async fn pay(
    State(world): State<Shared>,
    Path(id): Path<String>,
    body: String,
) -> Response {
    let typed = form::parse(&body).unwrap_or_else(|| json!({}));
    let mut state = world.state();
    let Some(found) = session::find(&state, &id) else {
        return no_such_session();
    };
    if found["status"] != "open" {
        return page(&state, found, &typed, &[], None);
    }
    let wrong = check(&state, found, Params(&typed));
    if !wrong.is_empty() {
        return page(&state, found, &typed, &wrong, None);
    }
    let result = submit(&mut state, &id, Params(&typed));
    world.bell.notify_one();
    match (result, session::find(&state, &id)) {
        (Ok(next), _) => Redirect::to(&next).into_response(),
        (Err(error), Some(session)) => page(&state, session, &typed, &[], Some(error.message())),
        (Err(_), None) => no_such_session(),
    }
}

fn no_such_session() -> Response {
    let text = "This checkout page does not exist. Go back to the shop and start again.";
    html::message(StatusCode::NOT_FOUND, "No such page", text)
}

/// Charges or saves the card; where the customer goes next.
fn submit(state: &mut Everything, id: &str, typed: Params<'_>) -> Result<String, ApiError> {
    let method = chosen_method(state, id, typed);
    let details = state.objects.known(&method)["billing_details"].clone();
    note_customer(state, id, typed, &details);
    session::remember(state, id, json!({ "_save": typed.text("save").is_some() }));
    let intent = session::payment_intent_of(state, id)?;
    state.objects.update(
        &intent,
        json!({ "_return_url": session::success_url(state.objects.known(id)) }),
    );
    payment::confirm(state, &intent, &method, Presence::OnSession)?;
    Ok(next_page(state, id, &intent))
}

/// The bank's page while it has a question, else back to the shop.
pub(super) fn next_page(state: &Everything, session: &str, intent: &str) -> String {
    let action = &state.objects.known(intent)["next_action"]["redirect_to_url"]["url"];
    match action.as_str() {
        Some(url) => url.to_owned(),
        None => session::success_url(state.objects.known(session)),
    }
}

fn chosen_method(state: &mut Everything, id: &str, typed: Params<'_>) -> String {
    if let Some(saved) = typed.text("saved_card") {
        return saved.to_owned();
    }
    let card = card::find(typed.text("card_number").unwrap_or_default());
    let card = card.expect("the form was checked");
    let expiry = typed.text("expiry").and_then(parse_expiry);
    let email = customer_email(state, state.objects.known(id), typed);
    let details = json!({
        "address": address(typed),
        "email": email,
        "name": typed.value("name"),
    });
    payment_method::make(state, card, expiry.expect("the form was checked"), details)
}

fn customer_email(state: &Everything, session: &Value, typed: Params<'_>) -> Value {
    let of_customer = session["customer"]
        .as_str()
        .map(|id| &state.objects.known(id)["email"]);
    let known = of_customer.into_iter().chain([&session["customer_email"]]);
    let known = known.into_iter().find(|email| email.is_string()).cloned();
    known.unwrap_or_else(|| typed.value("email"))
}

fn address(typed: Params<'_>) -> Value {
    if typed.text("address.line1").is_none() {
        return Value::Null;
    }
    let field = |name: &str| typed.value(&format!("address.{name}"));
    json!({
        "city": field("city"),
        "country": field("country"),
        "line1": field("line1"),
        "line2": field("line2"),
        "postal_code": field("postal_code"),
        "state": field("state"),
    })
}

fn note_customer(state: &mut Everything, id: &str, typed: Params<'_>, billing: &Value) {
    let tax_ids = match typed.text("tax_id") {
        Some(number) => {
            json!([{ "type": typed.text("tax_id_type").unwrap_or("eu_vat"), "value": number }])
        }
        None => json!([]),
    };
    let details = json!({
        "address": billing["address"],
        "business_name": typed.value("business_name"),
        "email": billing["email"],
        "individual_name": null,
        "name": billing["name"],
        "phone": null,
        "tax_exempt": "none",
        "tax_ids": tax_ids,
    });
    session::note_customer(state, id, details);
}

/// What keeps the form from being sent.
fn check(state: &Everything, session: &Value, typed: Params<'_>) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if let Some(saved) = typed.text("saved_card") {
        let owner = text(session, "customer");
        if !payment_method::saved(state, owner).any(|method| method["id"] == saved) {
            wrong.push((
                "saved_card",
                "Choose one of your saved cards, or type a card.",
            ));
        }
        return wrong;
    }
    if card::find(typed.text("card_number").unwrap_or_default()).is_none() {
        let message = "Type one of the test card numbers below; real cards are not accepted here.";
        wrong.push(("card_number", message));
    }
    match typed.text("expiry").and_then(parse_expiry) {
        None => wrong.push(("expiry", "Type the month and the year, like 12/34.")),
        Some(expiry) if is_past(expiry, state.now()) => {
            wrong.push(("expiry", "This card has expired. Type a date to come."));
        }
        Some(_) => {}
    }
    let cvc = typed.text("cvc").unwrap_or_default();
    if !(3..=4).contains(&cvc.len()) || !cvc.bytes().all(|byte| byte.is_ascii_digit()) {
        wrong.push(("cvc", "Type the three or four digits of the security code."));
    }
    if typed.text("name").is_none() {
        wrong.push(("name", "Type the name on the card."));
    }
    if asks_for_address(session) && typed.text("address.line1").is_none() {
        wrong.push(("address[line1]", "Type your street and number."));
    }
    wrong
}

fn asks_for_address(session: &Value) -> bool {
    session["billing_address_collection"] == "required"
        || session["tax_id_collection"]["enabled"] == true
}

/// "12/34" or "12 / 2034" as month and year.
fn parse_expiry(typed: &str) -> Option<(i64, i64)> {
    let (month, year) = typed.split_once('/')?;
    let month: i64 = month
        .trim()
        .parse()
        .ok()
        .filter(|month| (1..=12).contains(month))?;
    let year: i64 = year.trim().parse().ok()?;
    match year {
        0..=99 => Some((month, 2000 + year)),
        2000..=2099 => Some((month, year)),
        _ => None,
    }
}

fn is_past((month, year): (i64, i64), now: i64) -> bool {
    let date = clock::day(now);
    (year, month) < (i64::from(date.year()), i64::from(u8::from(date.month())))
}

fn page(
    state: &Everything,
    session: &Value,
    typed: &Value,
    wrong: &[Wrong],
    declined: Option<&str>,
) -> Response {
    let typed = Params(typed);
    let title = format!("{MERCHANT} checkout");
    match text(session, "status") {
        "open" => {}
        "complete" => {
            let body = format!(
                "<h1>You have already paid</h1><p>Nothing more will be charged.</p>\
                 <p><a href=\"{}\">Back to {MERCHANT}</a></p>",
                escape(&session::success_url(session)),
            );
            return html::page(&title, &body);
        }
        _ => {
            let body = format!(
                "<h1>This checkout page has expired</h1><p>Nothing was charged. Go back to the \
                 shop and start again.</p>{}",
                back(session),
            );
            return html::page(&title, &body);
        }
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
    let wrong = wrong.iter().map(|(_, message)| format!("<p>{message}</p>"));
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
    format!(
        "<label for=\"{name}\">{label}</label><input id=\"{name}\" name=\"{name}\" \
         value=\"{}\"{} {attributes}>",
        escape(typed.text(&path).unwrap_or_default()),
        if bad { " aria-invalid=\"true\"" } else { "" },
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
                escape(text(card, "brand")),
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

fn consent(session: &Value, typed: Params<'_>) -> String {
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
