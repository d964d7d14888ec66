//! What a Checkout Session may be asked for, and the first shape it gets.

use super::{customer, payment_intent};
use crate::{
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
    "payment_method_options.card.request_three_d_secure",
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
    let items = if mode == "payment" {
        line_items(state, params)?
    } else {
        Vec::new()
    };
    let total: i64 = items.iter().map(|item| integer(item, "amount_total")).sum();
    let currency = match items.first() {
        Some(item) => item["currency"].clone(),
        None => json!(params.required("currency")?),
    };
    if mode == "payment" {
        payment_intent::check_amount(total)?;
    }
    let save = params.text("saved_payment_method_options.payment_method_save");
    let mut session = template::fill(
        template::checkout_session(),
        json!({
            "id": id,
            "billing_address_collection": params.value("billing_address_collection"),
            "cancel_url": params.value("cancel_url"),
            "client_reference_id": params.value("client_reference_id"),
            "consent_collection": consent_collection(params),
            "created": state.now(),
            "currency": currency,
            "customer": params.value("customer"),
            "customer_creation": customer_creation(params, mode),
            "customer_email": params.value("customer_email"),
            "expires_at": expires_at(state, params)?,
            "invoice_creation": invoice_creation(params, mode)?,
            "locale": params.value("locale"),
            "metadata": params.metadata("metadata", &json!({}))?,
            "mode": mode,
            "submit_type": params.value("submit_type"),
            "success_url": success_url,
            "url": format!("{}/c/pay/{id}", state.public_url),
            "_customer_update": params.get("customer_update"),
            "_line_items": items,
            "_payment_intent_data": params.get("payment_intent_data"),
        }),
    );
    if mode == "payment" {
        let amounts = json!({ "amount_subtotal": total, "amount_total": total });
        template::merge(&mut session, amounts);
    } else {
        let none = json!({
            "payment_method_collection": "always",
            "payment_status": "no_payment_required",
            "total_details": null,
        });
        template::merge(&mut session, none);
    }
    if save.is_some() || params.has("saved_payment_method_options") {
        let filters = params.list("saved_payment_method_options.allow_redisplay_filters");
        session["saved_payment_method_options"] = json!({
            "allow_redisplay_filters": if filters.is_empty() { vec!["always"] } else { filters },
            "payment_method_remove": "disabled",
            "payment_method_save": save,
        });
    }
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
    if let Some(wanted) = params.text("payment_method_options.card.request_three_d_secure") {
        session["payment_method_options"]["card"]["request_three_d_secure"] = json!(wanted);
    }
    Ok(session)
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
    let total = amount.checked_mul(quantity).filter(|total| *total >= 0);
    let total = total.ok_or_else(|| ApiError::invalid("Invalid amount").param("line_items"))?;
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
