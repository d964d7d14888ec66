//! Customers.

use crate::{
    error::{ApiError, ApiResult},
    id, list,
    params::Params,
    state::{State, integer, text},
    template,
};
use serde_json::{Map, Value, json};

const FIELDS: [&str; 8] = [
    "address.*",
    "description",
    "email",
    "invoice_settings.default_payment_method",
    "metadata.*",
    "name",
    "phone",
    "tax_exempt",
];

pub(super) fn answer(
    state: &mut State,
    method: &str,
    steps: &[&str],
    params: Params<'_>,
) -> Option<ApiResult> {
    Some(match (method, steps) {
        ("POST", []) => create(state, params),
        ("GET", []) => page(state, params),
        ("GET", [id]) => retrieve(state, id, params),
        ("POST", [id]) => update(state, id, params),
        ("DELETE", [id]) => delete(state, id, params),
        _ => return None,
    })
}

fn create(state: &mut State, params: Params<'_>) -> ApiResult {
    params.only(&FIELDS)?;
    let id = id::new("cus");
    let mut customer = template::fill(
        template::customer(),
        json!({ "id": id, "created": state.now(), "invoice_prefix": id::letters(8).to_uppercase() }),
    );
    apply(state, &mut customer, params)?;
    let id = state.objects.insert(customer);
    state.emit("customer.created", &id);
    Ok(state.objects.known(&id).clone())
}

/// A customer that Checkout makes for a buyer it did not know.
pub(crate) fn create_for(state: &mut State, email: &Value, name: &Value) -> String {
    let changes = json!({
        "id": id::new("cus"),
        "created": state.now(),
        "email": email,
        "invoice_prefix": id::letters(8).to_uppercase(),
        "name": name,
    });
    let id = state
        .objects
        .insert(template::fill(template::customer(), changes));
    state.emit("customer.created", &id);
    id
}

/// Puts what Checkout learned over what was known, and tells of it when it changed.
pub(crate) fn learn(state: &mut State, id: &str, changes: Map<String, Value>) {
    let customer = state.objects.known(id);
    let changes: Map<String, Value> = changes
        .into_iter()
        .filter(|(name, value)| customer[name] != *value)
        .collect();
    if changes.is_empty() {
        return;
    }
    let previous = changes
        .keys()
        .map(|name| (name.clone(), customer[name].clone()))
        .collect();
    state.objects.update(id, Value::Object(changes));
    state.emit_changed("customer.updated", id, Value::Object(previous));
}

/// The number of the customer's next invoice, used up.
pub(crate) fn next_invoice_number(state: &mut State, id: &str) -> String {
    let customer = state.objects.known(id);
    let sequence = integer(customer, "next_invoice_sequence");
    let number = format!("{}-{sequence:04}", text(customer, "invoice_prefix"));
    state
        .objects
        .update(id, json!({ "next_invoice_sequence": sequence + 1 }));
    number
}

fn retrieve(state: &State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    Ok(state.objects.get("customer", id, "id")?.clone())
}

fn update(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&FIELDS)?;
    let before = existing(state, id, "id")?.clone();
    let mut after = before.clone();
    apply(state, &mut after, params)?;
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return Err(ApiError::server());
    };
    let changes = after
        .into_iter()
        .filter(|(name, value)| before[name] != *value)
        .collect();
    learn(state, id, changes);
    Ok(state.objects.known(id).clone())
}

fn delete(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    existing(state, id, "id")?;
    state.emit("customer.deleted", id);
    state.objects.remove(id);
    let gone = json!({ "id": id, "object": "customer", "deleted": true });
    state.objects.insert(gone.clone());
    Ok(gone)
}

fn page(state: &State, params: Params<'_>) -> ApiResult {
    params.only(&[&["email", "created.*"], &list::PAGING[..]].concat())?;
    let mut found = Vec::new();
    for customer in state.objects.of_kind("customer").rev() {
        if customer["deleted"] != true
            && list::field_is(customer, params, "email")
            && list::created_within(customer, params)?
        {
            found.push(customer);
        }
    }
    list::page(found.into_iter(), params, "/v1/customers")
}

/// A customer who was not deleted.
pub(crate) fn existing<'a>(state: &'a State, id: &str, param: &str) -> ApiResult<&'a Value> {
    let customer = state.objects.get("customer", id, param)?;
    if customer["deleted"] == true {
        return Err(ApiError::no_such("customer", id, param));
    }
    Ok(customer)
}

fn apply(state: &State, customer: &mut Value, params: Params<'_>) -> ApiResult<()> {
    for name in ["description", "email", "name", "phone"] {
        if params.has(name) {
            customer[name] = params.value(name);
        }
    }
    if let Some(exempt) = params.one_of("tax_exempt", &["none", "exempt", "reverse"])? {
        customer["tax_exempt"] = json!(exempt);
    }
    if params.has("address") {
        customer["address"] = address(params, "address");
    }
    let default = "invoice_settings.default_payment_method";
    if params.has(default) {
        if let Some(method) = params.text(default) {
            let method = state.objects.get("payment_method", method, default)?;
            if method["customer"] != customer["id"] {
                let message = "The customer does not have a payment method with that ID.";
                return Err(ApiError::invalid(message)
                    .code("resource_missing")
                    .param(default));
            }
        }
        customer["invoice_settings"]["default_payment_method"] = params.value(default);
    }
    customer["metadata"] = params.metadata("metadata", &customer["metadata"])?;
    Ok(())
}

/// A postal address with all its fields; null when the parameter is empty.
pub(crate) fn address(params: Params<'_>, path: &str) -> Value {
    if !params.get(path).is_some_and(Value::is_object) {
        return Value::Null;
    }
    let field = |name: &str| params.value(&format!("{path}.{name}"));
    json!({
        "city": field("city"),
        "country": field("country"),
        "line1": field("line1"),
        "line2": field("line2"),
        "postal_code": field("postal_code"),
        "state": field("state"),
    })
}
