//! The door of the API: keys, versions, faults and repeats; then the endpoint answers.

use crate::{
    admission::{Call, admit},
    connection::Scissors,
    control::Asked,
    error::{ApiError, ApiResult},
    expand,
    fault::{Fault, Kind},
    id,
    idempotency::{Answer, Begun},
    params::Params,
    record,
    state::{Asking, State as Everything},
    stripe,
    world::{Shared, World},
};
use axum::{
    body::{Body, Bytes},
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::time::Duration;

/// An answer and how it came to be.
#[derive(Debug)]
struct Given {
    answer: Answer,
    replayed: bool,
}

/// Answers every request below `/v1`.
pub(crate) async fn handle(
    State(world): State<Shared>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut call = Call {
        id: id::new("req"),
        method: method.as_str().to_owned(),
        path: uri.path().trim_end_matches('/').to_owned(),
        params: json!({}),
        key: None,
    };
    if let Err(error) = admit(&world, &mut call, &uri, &headers, &body) {
        return finish(&world, &call, given(error), None);
    }
    // A caller who hangs up does not stop what was begun, here as there.
    let work = tokio::spawn(async move { serve(&world, call, &scissors).await });
    work.await
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn serve(world: &World, call: Call, scissors: &Scissors) -> Response {
    let fault = world.state().faults.take(&call.method, &call.path);
    let refused = fault
        .as_ref()
        .and_then(|fault| refuse(world, &call, fault, scissors));
    if let Some(response) = refused {
        return response;
    }
    let given = execute(world, &call, fault.as_ref()).await;
    spoil(world, &call, given, fault, scissors).await
}

/// Faults that strike before anything is executed and are not kept.
fn refuse(world: &World, call: &Call, fault: &Fault, scissors: &Scissors) -> Option<Response> {
    let error = match fault.kind {
        Kind::RateLimit => ApiError::rate_limit(),
        Kind::Conflict => ApiError::lock_timeout(409),
        Kind::Reset => {
            scissors.cut();
            note(world, call, 0, false, Some(fault));
            return Some(StatusCode::NO_CONTENT.into_response());
        }
        Kind::BadGateway => {
            note(world, call, 502, false, Some(fault));
            let page = "<html><head><title>502 Bad Gateway</title></head><body>502</body></html>";
            let html = [(header::CONTENT_TYPE, "text/html")];
            return Some((StatusCode::BAD_GATEWAY, html, page).into_response());
        }
        _ => return None,
    };
    Some(finish(world, call, given(error), Some(fault)))
}

/// Executes the request once for its key.
async fn execute(world: &World, call: &Call, fault: Option<&Fault>) -> Given {
    let kind = fault.map(|fault| fault.kind);
    if let Some(key) = &call.key {
        let route = format!("{} {}", call.method, call.path);
        let begun = {
            let mut state = world.state();
            let now = state.now();
            state.keys.begin(key, &route, &call.params, now)
        };
        match begun {
            Begun::Execute => {}
            Begun::Replay(answer) => {
                return Given {
                    answer,
                    replayed: true,
                };
            }
            Begun::Refuse(error) => return given(error),
        }
    }
    if let Some(fault) = fault.filter(|fault| fault.kind == Kind::Slow) {
        tokio::time::sleep(Duration::from_millis(fault.milliseconds)).await;
    }
    world.act(|state| {
        let result = match kind {
            Some(Kind::ErrorBefore) => Err(ApiError::server()),
            _ => answer(state, call),
        };
        let result = match kind {
            Some(Kind::ErrorAfterCommit) => Err(ApiError::server()),
            _ => result,
        };
        let kept = result.as_ref().map_or_else(ApiError::is_kept, |_| true);
        let answer = result.map_or_else(failure, |body| Answer { status: 200, body });
        if let Some(key) = &call.key {
            if kept {
                state.keys.keep(key, answer.clone());
            } else {
                state.keys.release(key);
            }
        }
        Given {
            answer,
            replayed: false,
        }
    })
}

fn answer(state: &mut Everything, call: &Call) -> ApiResult {
    let params = Params(&call.params);
    state.asking = Some(Asking {
        request_id: call.id.clone(),
        idempotency_key: call.key.clone(),
    });
    let answer = stripe::answer(state, &call.method, &call.path, params);
    state.asking = None;
    expand::present(state, answer?, params)
}

/// Faults that strike after the request was executed.
async fn spoil(
    world: &World,
    call: &Call,
    given: Given,
    fault: Option<Fault>,
    scissors: &Scissors,
) -> Response {
    let Some(fault) = fault else {
        return finish(world, call, given, None);
    };
    match fault.kind {
        Kind::TimeoutAfterCommit => {
            note(world, call, 0, given.replayed, Some(&fault));
            tokio::time::sleep(Duration::from_millis(fault.milliseconds)).await;
            scissors.cut();
            StatusCode::NO_CONTENT.into_response()
        }
        Kind::Late => {
            tokio::time::sleep(Duration::from_millis(fault.milliseconds)).await;
            finish(world, call, given, Some(&fault))
        }
        Kind::ResetAfterCommit => {
            note(world, call, 0, given.replayed, Some(&fault));
            scissors.cut();
            StatusCode::NO_CONTENT.into_response()
        }
        Kind::TruncatedBody => {
            note(
                world,
                call,
                given.answer.status,
                given.replayed,
                Some(&fault),
            );
            truncated(&given.answer.body)
        }
        _ => finish(world, call, given, Some(&fault)),
    }
}

/// Half of a body whose whole length was promised.
fn truncated(body: &Value) -> Response {
    let text = body.to_string();
    let half = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
    let parts = [
        Ok(half),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ];
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_LENGTH, text.len().to_string()),
    ];
    (
        headers,
        Body::from_stream(futures_util::stream::iter(parts)),
    )
        .into_response()
}

fn given(error: ApiError) -> Given {
    Given {
        answer: failure(error),
        replayed: false,
    }
}

fn failure(error: ApiError) -> Answer {
    Answer {
        status: error.status,
        body: error.body(),
    }
}

fn finish(world: &World, call: &Call, given: Given, fault: Option<&Fault>) -> Response {
    let Given { answer, replayed } = given;
    note(world, call, answer.status, replayed, fault);
    if fault.is_none() && !replayed {
        record::keep(
            &world.config,
            &call.method,
            &call.path,
            &call.params,
            &answer,
        );
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::Json(answer.body)).into_response();
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = value.parse() {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("request-id", &call.id);
    set("stripe-version", stripe::API_VERSION);
    if let Some(key) = &call.key {
        set("idempotency-key", key);
    }
    if replayed {
        set("idempotent-replayed", "true");
    }
    response
}

fn note(world: &World, call: &Call, status: u16, replayed: bool, fault: Option<&Fault>) {
    let mut state = world.state();
    let at = state.now();
    state.log.asked(Asked {
        at,
        id: call.id.clone(),
        method: call.method.clone(),
        path: call.path.clone(),
        params: call.params.clone(),
        idempotency_key: call.key.clone(),
        status,
        replayed,
        fault: fault.map(|fault| fault.kind),
    });
}
