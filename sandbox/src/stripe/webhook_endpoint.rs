//! Webhook endpoints: who is told what.

use super::API_VERSION;
use crate::{
    error::{ApiError, ApiResult},
    id, list,
    params::Params,
    state::State,
    template,
};
use serde_json::{Value, json};

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
    params.only(&[
        "api_version",
        "description",
        "enabled_events[]",
        "metadata.*",
        "url",
    ])?;
    let url = params.required("url")?;
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(ApiError::invalid("Invalid URL: it must start with http.").param("url"));
    }
    let events = params.list("enabled_events");
    if events.is_empty() {
        return Err(ApiError::missing_param("enabled_events"));
    }
    if params
        .text("api_version")
        .is_some_and(|version| version != API_VERSION)
    {
        return Err(ApiError::invalid("Invalid API version.").param("api_version"));
    }
    let secret = format!("whsec_{}", id::letters(32));
    let changes = json!({
        "description": params.value("description"),
        "enabled_events": events,
        "metadata": params.metadata("metadata", &json!({}))?,
    });
    let id = insert(state, url, &secret, changes);
    let mut answer = state.objects.known(&id).clone();
    answer["secret"] = json!(secret);
    Ok(answer)
}

/// An endpoint with a secret that is told only once.
pub(crate) fn insert(state: &mut State, url: &str, secret: &str, changes: Value) -> String {
    let mut endpoint = template::fill(template::webhook_endpoint(), changes);
    let own = json!({
        "id": id::new("we"),
        "created": state.now(),
        "url": url,
        "_secret": secret,
    });
    template::merge(&mut endpoint, own);
    state.objects.insert(endpoint)
}

fn retrieve(state: &State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    Ok(state.objects.get("webhook_endpoint", id, "id")?.clone())
}

fn update(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[
        "description",
        "disabled",
        "enabled_events[]",
        "metadata.*",
        "url",
    ])?;
    let endpoint = state.objects.get("webhook_endpoint", id, "id")?;
    let mut changes = json!({ "metadata": params.metadata("metadata", &endpoint["metadata"])? });
    for name in ["description", "url"] {
        if params.has(name) {
            changes[name] = params.value(name);
        }
    }
    if params.has("disabled") {
        let status = if params.flag("disabled")? {
            "disabled"
        } else {
            "enabled"
        };
        changes["status"] = json!(status);
    }
    if params.has("enabled_events") {
        changes["enabled_events"] = json!(params.list("enabled_events"));
    }
    state.objects.update(id, changes);
    Ok(state.objects.known(id).clone())
}

fn page(state: &State, params: Params<'_>) -> ApiResult {
    params.only(&list::PAGING)?;
    let endpoints = state.objects.of_kind("webhook_endpoint").rev();
    list::page(endpoints, params, "/v1/webhook_endpoints")
}

fn delete(state: &mut State, id: &str, params: Params<'_>) -> ApiResult {
    params.only(&[])?;
    state.objects.get("webhook_endpoint", id, "id")?;
    state.objects.remove(id);
    Ok(json!({ "id": id, "object": "webhook_endpoint", "deleted": true }))
}
