//! The control plane: what developers and tests ask of the world.

use crate::{fault, world::Shared};
use axum::{Json, Router, routing::get};
use serde::Serialize;
use serde_json::{Value, json};

/// What was asked of the API.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) asked: Vec<Asked>,
}

/// One request; `status` 0 when no answer was sent.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Asked {
    pub(crate) at: i64,
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) params: Value,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) status: u16,
    pub(crate) replayed: bool,
    pub(crate) fault: Option<fault::Kind>,
}

impl Log {
    pub(crate) fn asked(&mut self, asked: Asked) {
        self.asked.push(asked);
    }
}

pub(crate) fn router() -> Router<Shared> {
    Router::new().route(
        "/_sandbox/health",
        get(|| async { Json(json!({ "status": "ok" })) }),
    )
}
