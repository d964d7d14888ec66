//! Who is let in: the key, the version, and a body that can be read.

use crate::{
    error::{ApiError, ApiResult},
    form, stripe,
    world::World,
};
use axum::{
    body::Bytes,
    http::{HeaderMap, Uri},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

/// One request as the endpoints see it.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) params: Value,
    pub(crate) key: Option<String>,
}

/// Who asks, in what version, with what parameters.
pub(crate) fn admit(
    world: &World,
    call: &mut Call,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> ApiResult<()> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let secret = secret(header("authorization")).ok_or_else(|| {
        ApiError::unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization \
             header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )
    })?;
    if secret != world.config.secret_key {
        return Err(ApiError::unauthorized("Invalid API Key provided."));
    }
    if header("stripe-version").is_some_and(|version| version != stripe::API_VERSION) {
        return Err(ApiError::invalid(format!(
            "Invalid Stripe API version: this sandbox speaks {} only.",
            stripe::API_VERSION
        )));
    }
    let text = match call.method.as_str() {
        "POST" => std::str::from_utf8(body).ok(),
        _ => Some(uri.query().unwrap_or_default()),
    };
    let params = text.and_then(form::parse);
    call.params = params.ok_or_else(|| ApiError::invalid("Invalid request body or query."))?;
    if call.method == "POST" {
        call.key = header("idempotency-key").map(str::to_owned);
    }
    Ok(())
}

/// The key of `Bearer key`, or of `Basic base64(key:)`.
fn secret(authorization: Option<&str>) -> Option<String> {
    let (scheme, rest) = authorization?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    Some(
        text.split_once(':')
            .map_or(text.as_str(), |(user, _)| user)
            .to_owned(),
    )
}
