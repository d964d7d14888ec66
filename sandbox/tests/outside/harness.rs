//! A sandbox of its own for each test, and what a merchant needs to talk to it.

use crate::witness;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use reqwest::{Method, RequestBuilder, Response, redirect::Policy};
use sandbox::{Config, Running};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, task::JoinHandle};

pub(crate) const KEY: &str = "sk_test_sandbox";
pub(crate) const SECRET: &str = "whsec_sandbox";

/// A running sandbox and its clients.
pub(crate) struct Outside {
    pub(crate) running: Running,
    pub(crate) client: reqwest::Client,
    pub(crate) inbox: Inbox,
}

/// What the merchant's webhook door received.
#[derive(Clone, Default)]
pub(crate) struct Inbox {
    received: Arc<Mutex<Vec<Received>>>,
    refusals: Arc<Mutex<u32>>,
    url: String,
    _door: Option<Arc<Door>>,
}

struct Door(JoinHandle<()>);

impl Drop for Door {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) signature: String,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn event(&self) -> Value {
        serde_json::from_str(&self.body).expect("events are JSON")
    }
}

impl Outside {
    /// A sandbox that sends its events to an inbox.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same, configured otherwise.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        let mut inbox = Inbox {
            url,
            ..Inbox::default()
        };
        let door = Router::new()
            .route("/webhook", post(receive))
            .with_state(inbox.clone());
        let door = tokio::spawn(async move { axum::serve(listener, door).await.unwrap() });
        inbox._door = Some(Arc::new(Door(door)));
        Self::with_inbox(inbox, change).await
    }

    async fn with_inbox(inbox: Inbox, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::for_tests(Some(inbox.url.clone()));
        change(&mut config);
        let running = sandbox::start(config).await.unwrap();
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self {
            running,
            client,
            inbox,
        }
    }

    /// Stops the sandbox and starts another, whose events go to the same inbox.
    pub(crate) async fn restart_with(self, change: impl FnOnce(&mut Config)) -> Self {
        self.running.stop().await;
        Self::with_inbox(self.inbox, change).await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.http)
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path)).bearer_auth(KEY)
    }

    /// The status and the witnessed body of a POST.
    pub(crate) async fn try_post(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        read(
            self.request(Method::POST, path)
                .form(form)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    /// The body of a POST that must succeed.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let (status, body) = self.try_post(path, form).await;
        assert_eq!(status, 200, "POST {path}: {body:#}");
        body
    }

    pub(crate) async fn try_get(&self, path: &str) -> (u16, Value) {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.try_get(path).await;
        assert_eq!(status, 200, "GET {path}: {body:#}");
        body
    }

    /// An act of the control plane that must succeed.
    pub(crate) async fn control(&self, path: &str, body: Value) -> Value {
        let url = self.url(&format!("/_sandbox/{path}"));
        let response = self.client.post(url).json(&body).send().await.unwrap();
        let status = response.status();
        let body: Value = response.json().await.unwrap();
        assert!(status.is_success(), "{path}: {body:#}");
        body
    }

    pub(crate) async fn log(&self) -> Value {
        let response = self
            .client
            .get(self.url("/_sandbox/log"))
            .send()
            .await
            .unwrap();
        response.json().await.unwrap()
    }

    pub(crate) async fn advance(&self, seconds: u64) {
        self.control("clock/advance", json!({ "seconds": seconds }))
            .await;
    }

    pub(crate) async fn customer(&self) -> String {
        let customer = self
            .post("/v1/customers", &[("email", "ana@example.com")])
            .await;
        customer["id"].as_str().unwrap().to_owned()
    }

    /// An open session for $25, with more parameters over the usual ones.
    pub(crate) async fn session(&self, more: &[(&str, &str)]) -> Value {
        let usual = [
            ("mode", "payment"),
            ("line_items[0][price_data][currency]", "usd"),
            ("line_items[0][price_data][unit_amount]", "2500"),
            (
                "line_items[0][price_data][product_data][name]",
                "Wallet credit",
            ),
            ("line_items[0][quantity]", "1"),
            (
                "success_url",
                "http://wallet.test/return?session_id={CHECKOUT_SESSION_ID}",
            ),
            ("cancel_url", "http://wallet.test/back"),
            ("client_reference_id", "topup-1"),
            ("metadata[topup_id]", "topup-1"),
            ("payment_intent_data[metadata][topup_id]", "topup-1"),
            ("adaptive_pricing[enabled]", "false"),
        ];
        self.post("/v1/checkout/sessions", &[&usual[..], more].concat())
            .await
    }

    /// A paid session of a new customer, with its charge expanded.
    pub(crate) async fn paid(&self, card: &str) -> Value {
        let customer = self.customer().await;
        let session = self.session(&[("customer", &customer)]).await;
        let id = session["id"].as_str().unwrap();
        self.control(&format!("sessions/{id}/pay"), json!({ "card": card }))
            .await;
        let path = format!("/v1/checkout/sessions/{id}?expand[]=payment_intent.latest_charge");
        self.get(&path).await
    }

    /// The hosted page's form, sent as a browser without JavaScript sends it.
    pub(crate) async fn submit(&self, session: &Value, card: &str) -> Response {
        let form = [
            ("card_number", card),
            ("expiry", "12/34"),
            ("cvc", "123"),
            ("name", "Ana Example"),
            ("email", "ana@example.com"),
        ];
        self.client
            .post(session["url"].as_str().unwrap())
            .form(&form)
            .send()
            .await
            .unwrap()
    }

    /// Events by kind, newest first.
    pub(crate) async fn event_kinds(&self) -> Vec<String> {
        let events = self.get("/v1/events?limit=100").await;
        let events = events["data"].as_array().unwrap();
        events
            .iter()
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Inbox {
    /// The next so many requests are answered 500.
    pub(crate) fn refuse(&self, times: u32) {
        *self.refusals.lock().unwrap() = times;
    }

    pub(crate) fn all(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) fn of_kind(&self, kind: &str) -> Vec<Received> {
        self.all()
            .into_iter()
            .filter(|received| received.event()["type"] == kind)
            .collect()
    }

    /// Waits until so many events of a kind have arrived, ten seconds at most.
    pub(crate) async fn wait_for(&self, kind: &str, count: usize) -> Vec<Received> {
        for _ in 0..500 {
            let found = self.of_kind(kind);
            if found.len() >= count {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let kinds: Vec<Value> = self
            .all()
            .iter()
            .map(|one| one.event()["type"].clone())
            .collect();
        panic!("{count} × {kind} did not arrive; there is {kinds:?}");
    }
}

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
    let body = String::from_utf8(body.to_vec()).unwrap();
    inbox
        .received
        .lock()
        .unwrap()
        .push(Received { signature, body });
    let mut refusals = inbox.refusals.lock().unwrap();
    if *refusals > 0 {
        *refusals -= 1;
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    StatusCode::OK
}

pub(crate) async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    assert!(response.headers().contains_key("request-id"));
    let body: Value = response.json().await.unwrap();
    witness::check(&body);
    (status, body)
}
