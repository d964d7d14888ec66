//! Portal sessions: a link to the page where a customer looks after cards and invoices.

use super::customer;
use crate::{error::ApiResult, id, params::Params, state::State, template};
use serde_json::json;

/// How long the link opens the page.
const LINK_SECONDS: i64 = 3600;

pub(super) fn answer(
    state: &mut State,
    method: &str,
    steps: &[&str],
    params: Params<'_>,
) -> Option<ApiResult> {
    match (method, steps) {
        ("POST", ["sessions"]) => Some(create(state, params)),
        _ => None,
    }
}

fn create(state: &mut State, params: Params<'_>) -> ApiResult {
    params.only(&["configuration", "customer", "locale", "return_url"])?;
    let owner = params.required("customer")?;
    customer::existing(state, owner, "customer")?;
    let id = id::new("bps");
    let token = state.links.mint("portal", &id, state.now() + LINK_SECONDS);
    let mut session = template::fill(
        template::billing_portal_session(),
        json!({
            "id": id,
            "created": state.now(),
            "customer": owner,
            "locale": params.value("locale"),
            "return_url": params.value("return_url"),
            "url": format!("{}/p/session/{token}", state.public_url),
        }),
    );
    if let Some(configuration) = params.text("configuration") {
        session["configuration"] = json!(configuration);
    }
    state.objects.insert(session.clone());
    Ok(session)
}
