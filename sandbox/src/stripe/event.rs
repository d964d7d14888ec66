//! Events of the last 30 days.

use crate::{
    error::ApiResult,
    list,
    params::Params,
    state::{State, integer, text},
};

/// Events older than 30 days are no longer listed.
const LISTED_SECONDS: i64 = 30 * 86_400;

pub(super) fn answer(
    state: &State,
    method: &str,
    steps: &[&str],
    params: Params<'_>,
) -> Option<ApiResult> {
    Some(match (method, steps) {
        ("GET", []) => page(state, params),
        ("GET", [id]) => retrieve(state, id, params),
        _ => return None,
    })
}

fn retrieve(state: &State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    Ok(state.objects.get("event", id, "id")?.clone())
}

fn page(state: &State, params: Params<'_>) -> ApiResult {
    let own = [
        "type",
        "types[]",
        "delivery_success",
        "created",
        "created.*",
    ];
    params.only(&[&own[..], &list::PAGING[..]].concat())?;
    let types = params.list("types");
    let delivered = match params.text("delivery_success") {
        Some(_) => Some(params.flag("delivery_success")?),
        None => None,
    };
    let oldest = state.now() - LISTED_SECONDS;
    let mut found = Vec::new();
    for event in state.objects.of_kind("event").rev() {
        let arrived = integer(event, "pending_webhooks") == 0;
        if integer(event, "created") >= oldest
            && list::field_is(event, params, "type")
            && (types.is_empty() || types.contains(&text(event, "type")))
            && delivered.is_none_or(|wanted| wanted == arrived)
            && list::created_within(event, params)?
        {
            found.push(event);
        }
    }
    list::page(found.into_iter(), params, "/v1/events")
}
