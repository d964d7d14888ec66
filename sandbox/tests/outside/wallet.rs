//! A small wallet that speaks the charging API as its contract has it: enough to tell a switch
//! that keeps the contract from one that does not.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// What a call may hold at a time, and when more is held.
const HOLD: u64 = 300;
const EXTEND_BELOW: u64 = 30;

/// A wallet with seconds instead of money; it stops when this is dropped.
pub(crate) struct Wallet {
    pub(crate) url: String,
    books: Arc<Mutex<Books>>,
    server: JoinHandle<()>,
}

#[derive(Default)]
pub(crate) struct Books {
    /// Seconds that a call may be talked altogether.
    pub(crate) credit: u64,
    /// Every request that was understood: its path below `/switch/v1/`, and its body.
    pub(crate) understood: Vec<(String, Value)>,
    /// Requests whose path ends like this are answered with this status and problem.
    pub(crate) refused: Option<(&'static str, u16, &'static str)>,
    /// Requests whose path ends like this are answered this much later.
    pub(crate) slow: Option<(&'static str, Duration)>,
    calls: HashMap<String, Call>,
}

#[derive(Default)]
struct Call {
    to: Value,
    granted: u64,
    authorized: Value,
    updates: HashMap<u64, Value>,
    ended: Option<(Value, Value)>,
}

impl Drop for Wallet {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Wallet {
    pub(crate) async fn start(credit: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let books = Arc::new(Mutex::new(Books {
            credit,
            ..Books::default()
        }));
        let door = Router::new()
            .route("/switch/v1/{*path}", post(answer))
            .with_state(books.clone());
        let server = tokio::spawn(async move { axum::serve(listener, door).await.unwrap() });
        Self { url, books, server }
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// The last steps of the paths of what was understood.
    pub(crate) fn steps(&self) -> Vec<String> {
        let last = |(path, _): &(String, Value)| path.rsplit('/').next().unwrap().to_owned();
        self.books().understood.iter().map(last).collect()
    }

    /// One field of every request to a path that ends like this.
    pub(crate) fn told(&self, step: &str, field: &str) -> Vec<Value> {
        let books = self.books();
        let of_step = books
            .understood
            .iter()
            .filter(|(path, _)| path.ends_with(step));
        of_step.map(|(_, body)| body[field].clone()).collect()
    }
}

fn problem(status: u16, word: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, json!({ "type": word }).to_string()).into_response()
}

async fn answer(
    State(books): State<Arc<Mutex<Books>>>,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if headers
        .get("authorization")
        .is_none_or(|key| key != "Bearer switch_sandbox")
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let slow = books
        .lock()
        .unwrap()
        .slow
        .filter(|slow| path.ends_with(slow.0));
    if let Some((_, delay)) = slow {
        tokio::time::sleep(delay).await;
    }
    let mut books = books.lock().unwrap();
    if let Some((_, status, word)) = books.refused.filter(|refused| path.ends_with(refused.0)) {
        return problem(status, word);
    }
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let steps: Vec<&str> = path.split('/').collect();
    match steps[..] {
        ["wallets", _, "calls"] => books.authorize(&path, &body),
        ["wallets", _, "calls", call, "answer"] => books.answer(&path, call, &body),
        ["wallets", _, "calls", call, "update"] => books.update(&path, call, &body),
        ["wallets", _, "calls", call, "end"] => books.end(&path, call, &body),
        ["wallets", _, "messages"] => books.message(&path, &body),
        ["reports"] => books.report(&path, &body),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn has_text(body: &Value, names: &[&str]) -> bool {
    let filled = |name: &&str| body[*name].as_str().is_some_and(|text| !text.is_empty());
    names.iter().all(filled)
}

impl Books {
    fn understand(&mut self, path: &str, body: &Value) {
        self.understood.push((path.to_owned(), body.clone()));
    }

    fn authorize(&mut self, path: &str, body: &Value) -> Response {
        if !has_text(body, &["call_id", "to"]) {
            return problem(422, "malformed");
        }
        self.understand(path, body);
        let granted = HOLD.min(self.credit);
        let call = self.calls.entry(body["call_id"].to_string()).or_default();
        if call.authorized.is_null() {
            call.to = body["to"].clone();
            call.granted = granted;
            call.authorized = json!({
                "call_id": body["call_id"],
                "state": "authorized",
                "granted_seconds": granted,
                "final": granted == self.credit,
            });
        }
        if call.to != body["to"] {
            return problem(409, "conflict");
        }
        (StatusCode::CREATED, Json(call.authorized.clone())).into_response()
    }

    fn answer(&mut self, path: &str, call: &str, body: &Value) -> Response {
        if !body.is_object() {
            return problem(422, "malformed");
        }
        self.understand(path, body);
        let credit = self.credit;
        let Some(call) = self.calls.get(&json!(call).to_string()) else {
            return problem(404, "no_such_call");
        };
        Json(json!({
            "state": "answered",
            "answered_at": "2026-11-22T12:00:00Z",
            "granted_seconds": call.granted,
            "final": call.granted == credit,
        }))
        .into_response()
    }

    fn update(&mut self, path: &str, call: &str, body: &Value) -> Response {
        let (Some(seq), Some(talked)) = (body["seq"].as_u64(), body["talked_seconds"].as_u64())
        else {
            return problem(422, "malformed");
        };
        self.understand(path, body);
        let credit = self.credit;
        let Some(call) = self.calls.get_mut(&json!(call).to_string()) else {
            return problem(404, "no_such_call");
        };
        if call.ended.is_some() {
            return problem(409, "call_ended");
        }
        if call.granted.saturating_sub(talked) <= EXTEND_BELOW {
            call.granted = (call.granted + HOLD).min(credit);
        }
        let now = json!({
            "seq": seq,
            "granted_seconds": call.granted,
            "final": call.granted == credit,
        });
        Json(call.updates.entry(seq).or_insert(now).clone()).into_response()
    }

    fn end(&mut self, path: &str, call: &str, body: &Value) -> Response {
        let Some(talked) = body["talked_seconds"].as_u64() else {
            return problem(422, "malformed");
        };
        self.understand(path, body);
        let Some(call) = self.calls.get_mut(&json!(call).to_string()) else {
            return problem(404, "no_such_call");
        };
        let charge = format!("0.{talked:04}");
        let now = json!({ "state": "ended", "charge": charge, "billed_seconds": talked });
        let (first, answer) = call.ended.get_or_insert((body.clone(), now));
        if first != body {
            return problem(409, "conflict");
        }
        Json(answer.clone()).into_response()
    }

    fn message(&mut self, path: &str, body: &Value) -> Response {
        if !has_text(body, &["message_id", "from", "to"]) || !body["segments"].is_u64() {
            return problem(422, "malformed");
        }
        self.understand(path, body);
        let answer = json!({ "state": "delivered", "charge": "0.0100" });
        (StatusCode::CREATED, Json(answer)).into_response()
    }

    fn report(&mut self, path: &str, body: &Value) -> Response {
        let records = body.as_array().cloned();
        let sound = |record: &Value| {
            has_text(record, &["wallet", "call_id", "cause"]) && record["talked_seconds"].is_u64()
        };
        let Some(records) = records.filter(|records| records.iter().all(sound)) else {
            return problem(422, "malformed");
        };
        for record in &records {
            self.understand(path, record);
        }
        let outcome = |record: Value| json!({ "call_id": record["call_id"], "outcome": "ended" });
        Json(records.into_iter().map(outcome).collect::<Vec<Value>>()).into_response()
    }
}
