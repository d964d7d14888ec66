//! What the customer's form does: it is checked, then the card is charged or saved.

use crate::{
    card, clock,
    error::{ApiError, ApiResult},
    params::Params,
    payment::{self, Presence},
    setup,
    state::{State as Everything, text},
    stripe::{payment_method, session},
};
use serde_json::{Value, json};

/// A field that was not filled in well: its name and what to do.
pub(super) type Wrong = (&'static str, &'static str);

/// Charges or saves the card of a checked form; where the customer goes next.
pub(super) fn submit(state: &mut Everything, id: &str, typed: Params<'_>) -> ApiResult<String> {
    let (intent, method) = prepare(state, id, typed)?;
    if state.objects.known(id)["mode"] == "setup" {
        setup::confirm(state, &intent, &method, Presence::OnSession)?;
    } else {
        payment::confirm(state, &intent, &method, Presence::OnSession)?;
    }
    Ok(next_page(state, id, &intent))
}

/// The intent of the session and the payment method of the form, ready for each other.
fn prepare(state: &mut Everything, id: &str, typed: Params<'_>) -> ApiResult<(String, String)> {
    let method = chosen_method(state, id, typed);
    let details = state.objects.known(&method)["billing_details"].clone();
    note_customer(state, id, typed, &details);
    let session = state.objects.known(id);
    let intent = match session["setup_intent"].as_str() {
        Some(intent) => intent.to_owned(),
        None => session::payment_intent_of(state, id, typed.text("save").is_some())?,
    };
    Ok((intent, method))
}

/// Pays an open session in the customer's place. `given` may have `card` (a number), `save`,
/// `address`, `tax_id`, `business_name` as on the page; `authenticate` (false fails 3-D Secure);
/// `delayed`: `"succeeds"` or `"fails"` after `seconds`, by a slow method.
pub(crate) fn pay_for_customer(state: &mut Everything, id: &str, given: &Value) -> ApiResult<()> {
    let session = state.objects.get("checkout.session", id, "session")?;
    if session["status"] != "open" {
        let message = format!("This session is {}.", text(session, "status"));
        return Err(ApiError::invalid(message).param("session"));
    }
    let typed = typed_for(given);
    if let Some((field, message)) = check(state, session, Params(&typed)).first() {
        return Err(ApiError::invalid(*message).param(field));
    }
    if let Some(end) = given["delayed"].as_str() {
        let (intent, method) = prepare(state, id, Params(&typed))?;
        state
            .objects
            .update(&intent, json!({ "payment_method": method }));
        let seconds = given["seconds"].as_i64().unwrap_or(60);
        payment::process(state, &intent, seconds, end != "fails");
        return Ok(());
    }
    submit(state, id, Params(&typed))?;
    let answer = given["authenticate"].as_bool();
    match (
        answer,
        text(state.objects.known(id), "payment_intent").to_owned(),
    ) {
        (None, _) => Ok(()),
        (Some(passed), intent) if !intent.is_empty() => {
            payment::authenticate(state, &intent, passed)
        }
        (Some(passed), _) => {
            let intent = text(state.objects.known(id), "setup_intent").to_owned();
            setup::authenticate(state, &intent, passed)
        }
    }
}

/// The form as the customer would fill it in.
fn typed_for(given: &Value) -> Value {
    let mut typed = json!({
        "card_number": given["card"].as_str().unwrap_or("4242424242424242"),
        "expiry": "12/34",
        "cvc": "123",
        "name": "Ana Example",
        "email": "ana@example.com",
        "address": { "line1": "1 Main Street", "city": "Springfield", "postal_code": "12345", "country": "US" },
    });
    for name in [
        "address",
        "business_name",
        "email",
        "name",
        "saved_card",
        "tax_id",
    ] {
        if !given[name].is_null() {
            typed[name] = given[name].clone();
        }
    }
    if given["save"] == true {
        typed["save"] = json!("yes");
    }
    typed
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

pub(super) fn customer_email(state: &Everything, session: &Value, typed: Params<'_>) -> Value {
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
pub(super) fn check(state: &Everything, session: &Value, typed: Params<'_>) -> Vec<Wrong> {
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

pub(super) fn asks_for_address(session: &Value) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_read_as_people_write_it() {
        assert_eq!(parse_expiry("12/34"), Some((12, 2034)));
        assert_eq!(parse_expiry("1 / 2030"), Some((1, 2030)));
        for text in ["", "1234", "13/30", "0/30", "12/", "12/1999", "a/b"] {
            assert_eq!(parse_expiry(text), None, "{text}");
        }
    }

    #[test]
    fn a_card_is_good_until_the_end_of_its_month() {
        let november_22_2026 = 1_795_305_600;
        assert!(!is_past((11, 2026), november_22_2026));
        assert!(is_past((10, 2026), november_22_2026));
        assert!(is_past((12, 2025), november_22_2026));
    }
}
