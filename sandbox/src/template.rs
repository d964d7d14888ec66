//! The shapes of objects, as JSON files with every field that the API sends.

use serde_json::Value;

macro_rules! templates {
    ($($name:ident),* $(,)?) => {$(
        pub(crate) fn $name() -> Value {
            parse(include_str!(concat!("../templates/", stringify!($name), ".json")))
        }
    )*};
}

templates!(
    balance_transaction,
    billing_portal_session,
    charge,
    checkout_session,
    customer,
    dispute,
    early_fraud_warning,
    event,
    invoice,
    invoice_line,
    invoice_payment,
    line_item,
    payment_intent,
    payment_method,
    refund,
    setup_intent,
    webhook_endpoint,
);

/// A template is read each time it is used; nothing here is hot.
fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("templates are JSON")
}

/// The template with the fields of `changes` put over its own.
pub(crate) fn fill(mut template: Value, changes: Value) -> Value {
    merge(&mut template, changes);
    template
}

/// Puts the top-level fields of `changes` over those of `object`.
pub(crate) fn merge(object: &mut Value, changes: Value) {
    let (Value::Object(object), Value::Object(changes)) = (object, changes) else {
        return;
    };
    object.extend(changes);
}
