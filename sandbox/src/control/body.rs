//! Bodies of control requests: JSON from programs, forms from the page, or nothing.

use crate::{error::ApiError, form};
use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Fields that are numbers, which a form can only write as text.
const NUMBERS: [&str; 18] = [
    "after",
    "amount",
    "beyond",
    "copies",
    "days",
    "exp_month",
    "exp_year",
    "factor",
    "hours",
    "milliseconds",
    "minutes",
    "n",
    "ring",
    "seconds",
    "seed",
    "segments",
    "status",
    "talk",
];

/// The body as an object; empty fields of a form are left out.
pub(crate) fn object(headers: &HeaderMap, body: &Bytes) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    let unreadable = || ApiError::invalid("The body is neither JSON nor a form.");
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return serde_json::from_slice(body).map_err(|_| unreadable());
    }
    let text = std::str::from_utf8(body).map_err(|_| unreadable())?;
    let Some(Value::Object(fields)) = form::parse(text) else {
        return Err(unreadable());
    };
    let number = |text: &Value| text.as_str().and_then(|text| text.parse::<i64>().ok());
    Ok(fields
        .into_iter()
        .filter(|(_, value)| *value != "")
        .map(|(name, value)| match number(&value) {
            Some(number) if NUMBERS.contains(&name.as_str()) => (name, json!(number)),
            _ => (name, value),
        })
        .collect())
}

/// The body as a type, with what is wrong in words.
pub(crate) fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, ApiError> {
    serde_json::from_value(object(headers, body)?)
        .map_err(|error| ApiError::invalid(error.to_string()))
}

/// Seconds from `seconds`, `minutes`, `hours` and `days` together.
pub(super) fn seconds(body: &Value) -> u64 {
    let units = [
        ("seconds", 1),
        ("minutes", 60),
        ("hours", 3600),
        ("days", 86_400),
    ];
    let part =
        |(name, length): (&str, u64)| body[name].as_u64().unwrap_or(0).saturating_mul(length);
    units.into_iter().map(part).fold(0, u64::saturating_add)
}
