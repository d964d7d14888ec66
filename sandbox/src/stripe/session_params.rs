//! What a Checkout Session may be asked for, and the first shape it gets.

use super::{customer, payment_intent};
use crate::{
    amount,
    error::{ApiError, ApiResult},
    id,
    params::Params,
    state::{State, integer},
    template,
};
use serde_json::{Value, json};

const HALF_HOUR: i64 = 1800;
const DAY: i64 = 86_400;

const CREATE: [&str; 48] = [
    "adaptive_pricing.enabled",
    "allowed_payment_method_types[]",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "consent_collection.payment_method_reuse_agreement.position",
    "consent_collection.promotions",
    "consent_collection.terms_of_service",
    "currency",
    "custom_text.submit.message",
    "custom_text.after_submit.message",
    "customer",
    "customer_creation",
    "customer_email",
    "customer_update.address",
    "customer_update.name",
    "customer_update.shipping",
    "expires_at",
    "invoice_creation.enabled",
    "invoice_creation.invoice_data.description",
    "invoice_creation.invoice_data.footer",
    "invoice_creation.invoice_data.metadata.*",
    "line_items[].price_data.currency",
    "line_items[].price_data.product_data.description",
    "line_items[].price_data.product_data.metadata.*",
    "line_items[].price_data.product_data.name",
    "line_items[].price_data.product_data.tax_code",
    "line_items[].price_data.tax_behavior",
    "line_items[].price_data.unit_amount",
    "line_items[].quantity",
    "locale",
    "metadata.*",
    "mode",
    "payment_intent_data.description",
    "payment_intent_data.metadata.*",
    "payment_intent_data.receipt_email",
    "payment_intent_data.setup_future_usage",
    "payment_intent_data.statement_descriptor",
    "payment_intent_data.statement_descriptor_suffix",
    payment_intent::REQUEST_3DS,
    "saved_payment_method_options.allow_redisplay_filters[]",
    "saved_payment_method_options.payment_method_save",
    "setup_intent_data.description",
    "setup_intent_data.metadata.*",
    "submit_type",
    "success_url",
    "tax_id_collection.enabled",
    "tax_id_collection.required",
];

/// The session these parameters ask for; nothing is kept yet.
pub(super) fn read(state: &State, params: Params<'_>) -> ApiResult {
    params.only(&CREATE)?;
    let mode = params.one_of("mode", &["payment", "setup"])?;
    let mode = mode.ok_or_else(|| ApiError::missing_param("mode"))?;
    let success_url = params.required("success_url")?;
    if let Some(id) = params.text("customer") {
        customer::existing(state, id, "customer")?;
    }
    check_tax_ids(params)?;
    let id = id::checkout_session();
    let mut session = template::fill(
        template::checkout_session(),
        json!({
            "id": id,
            "billing_address_collection": params.value("billing_address_collection"),
            "cancel_url": params.value("cancel_url"),
            "client_reference_id": params.value("client_reference_id"),
            "consent_collection": consent_collection(params),
            "created": state.now(),
            "customer": params.value("customer"),
            "customer_creation": customer_creation(params, mode),
            "customer_email": params.value("customer_email"),
            "expires_at": expires_at(state, params)?,
            "invoice_creation": invoice_creation(params, mode)?,
            "locale": params.value("locale"),
            "metadata": params.metadata("metadata", &json!({}))?,
            "mode": mode,
            "saved_payment_method_options": saved_payment_method_options(params),
            "submit_type": params.value("submit_type"),
            "success_url": success_url,
            "url": format!("{}/c/pay/{id}", state.public_url),
            "_customer_update": params.get("customer_update"),
            "_payment_intent_data": params.get("payment_intent_data"),
        }),
    );
    let price = if mode == "payment" {
        price(state, params)?
    } else {
        nothing_to_pay(params)?
    };
    template::merge(&mut session, price);
    set_options(&mut session, params)?;
    Ok(session)
}

/// What is sold, and for how much altogether.
fn price(state: &State, params: Params<'_>) -> ApiResult {
    let items = line_items(state, params)?;
    let total: i64 = items.iter().map(|item| integer(item, "amount_total")).sum();
    amount::check(total)?;
    let currency = items.first().map(|item| item["currency"].clone());
    if items
        .iter()
        .any(|item| Some(&item["currency"]) != currency.as_ref())
    {
        let message = "All line items must have the same currency.";
        return Err(ApiError::invalid(message).param("line_items"));
    }
    Ok(json!({
        "amount_subtotal": total,
        "amount_total": total,
        "currency": currency,
        "_line_items": items,
    }))
}

fn nothing_to_pay(params: Params<'_>) -> ApiResult {
    Ok(json!({
        "currency": params.required("currency")?,
        "payment_method_collection": "always",
        "payment_status": "no_payment_required",
        "total_details": null,
    }))
}

fn saved_payment_method_options(params: Params<'_>) -> Value {
    if !params.has("saved_payment_method_options") {
        return Value::Null;
    }
    let filters = params.list("saved_payment_method_options.allow_redisplay_filters");
    json!({
        "allow_redisplay_filters": if filters.is_empty() { vec!["always"] } else { filters },
        "payment_method_remove": "disabled",
        "payment_method_save": params.text("saved_payment_method_options.payment_method_save"),
    })
}

/// Options that are parts of fields which the template has already.
fn set_options(session: &mut Value, params: Params<'_>) -> ApiResult<()> {
    session["adaptive_pricing"]["enabled"] = json!(params.flag("adaptive_pricing.enabled")?);
    session["tax_id_collection"] = json!({
        "enabled": params.flag("tax_id_collection.enabled")?,
        "required": params.text("tax_id_collection.required").unwrap_or("never"),
    });
    for text in ["after_submit", "submit"] {
        if let Some(message) = params.get(&format!("custom_text.{text}")) {
            session["custom_text"][text] = message.clone();
        }
    }
    if let Some(wanted) = params.text(payment_intent::REQUEST_3DS) {
        session["payment_method_options"]["card"]["request_three_d_secure"] = json!(wanted);
    }
    Ok(())
}

/// Checkout writes the business's name on the customer, so it must be allowed to.
fn check_tax_ids(params: Params<'_>) -> ApiResult<()> {
    let collects = params.flag("tax_id_collection.enabled")?;
    let may_write = params.text("customer_update.name") == Some("auto");
    if collects && params.text("customer").is_some() && !may_write {
        let message = "Tax ID collection requires updating business name on the customer. To \
                       enable tax ID collection for an existing customer, please set \
                       `customer_update[name]` to `auto`.";
        return Err(ApiError::invalid(message).param("tax_id_collection"));
    }
    Ok(())
}

fn expires_at(state: &State, params: Params<'_>) -> ApiResult<i64> {
    let now = state.now();
    let at = params.integer("expires_at")?.unwrap_or(now + DAY);
    // A minute of grace on both sides: the caller computed it before the request travelled.
    if !(now + HALF_HOUR - 60..=now + DAY + 60).contains(&at) {
        let message = "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours \
                       from Checkout Session creation.";
        return Err(ApiError::invalid(message).param("expires_at"));
    }
    Ok(at)
}

fn customer_creation(params: Params<'_>, mode: &str) -> Value {
    if params.text("customer").is_some() {
        return Value::Null;
    }
    let usual = if mode == "payment" {
        "if_required"
    } else {
        "always"
    };
    json!(params.text("customer_creation").unwrap_or(usual))
}

fn consent_collection(params: Params<'_>) -> Value {
    let Some(asked) = params.get("consent_collection") else {
        return Value::Null;
    };
    json!({
        "payment_method_reuse_agreement": asked.get("payment_method_reuse_agreement"),
        "promotions": asked.get("promotions"),
        "terms_of_service": asked.get("terms_of_service"),
    })
}

fn invoice_creation(params: Params<'_>, mode: &str) -> ApiResult {
    let data = Params(
        params
            .get("invoice_creation.invoice_data")
            .unwrap_or(&Value::Null),
    );
    Ok(match mode {
        "setup" => Value::Null,
        _ => json!({
            "enabled": params.flag("invoice_creation.enabled")?,
            "invoice_data": {
                "account_tax_ids": null,
                "custom_fields": null,
                "description": data.value("description"),
                "footer": data.value("footer"),
                "issuer": null,
                "metadata": data.metadata("metadata", &json!({}))?,
                "rendering_options": null,
            },
        }),
    })
}

fn line_items(state: &State, params: Params<'_>) -> ApiResult<Vec<Value>> {
    let items = params.get("line_items").and_then(Value::as_array);
    let items = items.ok_or_else(|| ApiError::missing_param("line_items"))?;
    items
        .iter()
        .map(|item| line_item(state, Params(item)))
        .collect()
}

fn line_item(state: &State, item: Params<'_>) -> ApiResult {
    let currency = item.required("price_data.currency")?.to_lowercase();
    let amount = item.required_integer("price_data.unit_amount")?;
    let name = item.required("price_data.product_data.name")?;
    let quantity = item.integer("quantity")?.unwrap_or(1);
    let total = amount.checked_mul(quantity);
    let total = total.filter(|total| (0..=amount::LARGEST).contains(total));
    let total = total.ok_or_else(|| {
        ApiError::invalid("Invalid amount")
            .code("amount_too_large")
            .param("line_items")
    })?;
    let mut line = template::fill(
        template::line_item(),
        json!({
            "id": id::new("li"),
            "amount_subtotal": total,
            "amount_total": total,
            "currency": currency,
            "description": name,
            "quantity": quantity,
        }),
    );
    template::merge(
        &mut line["price"],
        json!({
            "id": id::new("price"),
            "created": state.now(),
            "currency": currency,
            "product": id::new("prod"),
            "unit_amount": amount,
            "unit_amount_decimal": amount.to_string(),
        }),
    );
    Ok(line)
}
