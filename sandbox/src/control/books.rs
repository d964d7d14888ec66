//! The sandbox's own record: what was asked, what was charged, what was delivered. Books that
//! disagree with it are wrong.

use crate::{
    fault,
    state::{State as Everything, integer, text},
    world::Shared,
};
use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::{Value, json};

/// Requests that are remembered.
const KEPT: usize = 100_000;

/// What was asked of the API, oldest first.
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
        if self.asked.len() >= KEPT {
            self.asked.drain(..KEPT / 10);
        }
        self.asked.push(asked);
    }
}

/// `{ requested, charged, refunded, delivered }`, each oldest first.
pub(super) async fn read(State(world): State<Shared>) -> Json<Value> {
    let state = world.state();
    Json(json!({
        "requested": state.log.asked,
        "charged": charged(&state),
        "refunded": refunded(&state),
        "delivered": state.webhooks.delivered,
    }))
}

/// Money that was really taken.
fn charged(state: &Everything) -> Vec<Value> {
    let paid = state
        .objects
        .of_kind("charge")
        .filter(|charge| charge["paid"] == true);
    paid.map(|charge| {
        let intent = state.objects.known(text(charge, "payment_intent"));
        json!({
            "charge": charge["id"],
            "payment_intent": intent["id"],
            "session": intent["_session"],
            "amount": charge["amount"],
            "amount_refunded": charge["amount_refunded"],
            "currency": charge["currency"],
            "customer": charge["customer"],
            "metadata": charge["metadata"],
            "disputed": charge["disputed"],
            "at": charge["created"],
        })
    })
    .collect()
}

fn refunded(state: &Everything) -> Vec<Value> {
    let refunds = state.objects.of_kind("refund");
    refunds
        .map(|refund| {
            json!({
                "refund": refund["id"],
                "charge": refund["charge"],
                "amount": integer(refund, "amount"),
                "status": refund["status"],
                "metadata": refund["metadata"],
                "at": refund["created"],
            })
        })
        .collect()
}
