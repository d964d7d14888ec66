//! Delivery of events: signed, retried, never in the way of a request, and badly on request.

use crate::{
    clock::wall_clock,
    expand,
    state::{State, integer, text},
    world::Shared,
};
use hmac::{Hmac, KeyInit, Mac};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::{Duration, Instant};

const TIMEOUT: Duration = Duration::from_secs(10);
/// 1, 2, 4 … seconds, then this; after so many attempts nobody is listening.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const MAX_ATTEMPTS: u32 = 16;
/// The worker looks at the clock this often, for what is due without anyone asking.
const BEAT: Duration = Duration::from_millis(250);
const REORDER_WITHIN: u64 = 600;
/// Deliveries that the log keeps.
const REMEMBERED: usize = 100_000;

/// What is on its way, how it travels, and what arrived.
#[derive(Debug, Default)]
pub(crate) struct Webhooks {
    outgoing: Vec<Outgoing>,
    pub(crate) paused: bool,
    pub(crate) mode: Mode,
    shuffle: Option<StdRng>,
    pub(crate) delivered: Vec<Delivery>,
}

#[derive(Clone, Debug)]
struct Outgoing {
    event: String,
    endpoint: String,
    attempt: u32,
    not_before: Instant,
}

/// One attempt and its outcome, for the log.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Delivery {
    pub(crate) event: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) endpoint: String,
    pub(crate) attempt: u32,
    pub(crate) at: i64,
    /// `200`, another status, `dropped`, or what broke.
    pub(crate) outcome: String,
    pub(crate) success: bool,
}

/// How events travel until told otherwise.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub(crate) enum Mode {
    #[default]
    Normal,
    /// Each event `copies` times at once.
    Duplicate {
        #[serde(default = "two")]
        copies: u32,
    },
    /// In an order drawn from `seed`, within half a second.
    Reorder {
        #[serde(default)]
        seed: u64,
    },
    /// Never sent, and not retried.
    Drop,
    Delay {
        #[serde(default = "five")]
        seconds: u64,
    },
    BadSignature,
    /// Signed ten minutes ago.
    OldTimestamp,
    ApiVersion {
        version: String,
    },
    /// `data.object` loses this field.
    MutilateField {
        field: String,
    },
}

fn two() -> u32 {
    2
}

fn five() -> u64 {
    5
}

/// The enabled endpoints that want events of this kind.
pub(crate) fn endpoints_for(state: &State, kind: &str) -> Vec<String> {
    let wants = |endpoint: &Value| {
        let kinds = endpoint["enabled_events"].as_array();
        kinds.is_some_and(|kinds| kinds.iter().any(|wanted| wanted == "*" || wanted == kind))
    };
    let endpoints = state.objects.of_kind("webhook_endpoint");
    endpoints
        .filter(|endpoint| endpoint["status"] == "enabled" && wants(endpoint))
        .map(|endpoint| text(endpoint, "id").to_owned())
        .collect()
}

impl Webhooks {
    pub(crate) fn set_mode(&mut self, mode: Mode) {
        self.shuffle = match mode {
            Mode::Reorder { seed } => Some(StdRng::seed_from_u64(seed)),
            _ => None,
        };
        self.mode = mode;
    }

    /// Sends an event on its way, as the mode says.
    pub(crate) fn enqueue(&mut self, event: &str, kind: &str, endpoint: &str) {
        let copies = match self.mode {
            Mode::Drop => {
                let outcome = ("dropped".to_owned(), false);
                return self.note(event, kind, endpoint, 1, outcome);
            }
            Mode::Duplicate { copies } => copies,
            _ => 1,
        };
        let wait = match (&self.mode, &mut self.shuffle) {
            (Mode::Delay { seconds }, _) => Duration::from_secs(*seconds),
            (_, Some(shuffle)) => Duration::from_millis(shuffle.random_range(0..REORDER_WITHIN)),
            _ => Duration::ZERO,
        };
        for _ in 0..copies {
            self.send(event, endpoint, wait);
        }
    }

    /// Sends whatever the mode says.
    pub(crate) fn send(&mut self, event: &str, endpoint: &str, wait: Duration) {
        self.outgoing.push(Outgoing {
            event: event.to_owned(),
            endpoint: endpoint.to_owned(),
            attempt: 1,
            not_before: Instant::now() + wait,
        });
    }

    pub(crate) fn waiting(&self) -> usize {
        self.outgoing.len()
    }

    fn take_due(&mut self) -> Vec<Outgoing> {
        if self.paused {
            return Vec::new();
        }
        let now = Instant::now();
        let due = |outgoing: &mut Outgoing| outgoing.not_before <= now;
        let mut due: Vec<Outgoing> = self.outgoing.extract_if(.., due).collect();
        due.sort_by_key(|outgoing| outgoing.not_before);
        due
    }

    fn note(
        &mut self,
        event: &str,
        kind: &str,
        endpoint: &str,
        attempt: u32,
        (outcome, success): (String, bool),
    ) {
        if self.delivered.len() >= REMEMBERED {
            self.delivered.drain(..REMEMBERED / 10);
        }
        self.delivered.push(Delivery {
            event: event.to_owned(),
            kind: kind.to_owned(),
            endpoint: endpoint.to_owned(),
            attempt,
            at: wall_clock(),
            outcome,
            success,
        });
    }
}

/// The delivery worker; it also does what becomes due while nobody asks. Runs until dropped.
pub(crate) async fn run(world: Shared, client: reqwest::Client) {
    loop {
        let due = world.state().webhooks.take_due();
        for outgoing in due {
            let letter = Letter::write(&world.state(), &outgoing);
            if let Some(letter) = letter {
                let (world, client) = (world.clone(), client.clone());
                tokio::spawn(async move {
                    let outcome = letter.post(&client).await;
                    settle(&mut world.state(), outgoing, outcome);
                });
            }
        }
        // Either ring means: look again.
        let _rung = tokio::time::timeout(BEAT, world.bell.notified()).await;
    }
}

/// One signed request.
#[derive(Debug)]
struct Letter {
    url: String,
    signature: String,
    body: String,
}

impl Letter {
    /// `None` when the event or the endpoint is gone.
    fn write(state: &State, outgoing: &Outgoing) -> Option<Self> {
        let endpoint = state.objects.find("webhook_endpoint", &outgoing.endpoint)?;
        let mut event = expand::snapshot(state, state.objects.find("event", &outgoing.event)?);
        let mut at = wall_clock();
        let mut secret = text(endpoint, "_secret");
        match &state.webhooks.mode {
            Mode::BadSignature => secret = "whsec_of_somebody_else",
            Mode::OldTimestamp => at -= 600,
            Mode::ApiVersion { version } => event["api_version"] = json!(version),
            Mode::MutilateField { field } => {
                if let Some(object) = event["data"]["object"].as_object_mut() {
                    object.remove(field);
                }
            }
            _ => {}
        }
        let body = event.to_string();
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
        let mac = mac
            .expect("any length of key will do")
            .chain_update(format!("{at}.{body}"));
        let signature = hex::encode(mac.finalize().into_bytes());
        Some(Self {
            url: text(endpoint, "url").to_owned(),
            signature: format!("t={at},v1={signature}"),
            body,
        })
    }

    async fn post(self, client: &reqwest::Client) -> (String, bool) {
        let request = client
            .post(&self.url)
            .timeout(TIMEOUT)
            .header("content-type", "application/json; charset=utf-8")
            .header("stripe-signature", self.signature)
            .header("user-agent", "Stripe/1.0 (sandbox)")
            .body(self.body);
        match request.send().await {
            Ok(response) => {
                let status = response.status();
                (status.as_u16().to_string(), status.is_success())
            }
            Err(error) if error.is_timeout() => ("timed out".to_owned(), false),
            Err(error) if error.is_connect() => ("nobody listens".to_owned(), false),
            Err(_) => ("the connection broke".to_owned(), false),
        }
    }
}

fn settle(state: &mut State, outgoing: Outgoing, outcome: (String, bool)) {
    let kind = state.event_kind(&outgoing.event).to_owned();
    if kind.is_empty() {
        return;
    }
    let arrived = outcome.1;
    let Outgoing {
        event,
        endpoint,
        attempt,
        ..
    } = outgoing;
    state
        .webhooks
        .note(&event, &kind, &endpoint, attempt, outcome);
    if arrived {
        let pending = integer(state.objects.known(&event), "pending_webhooks") - 1;
        state
            .objects
            .update(&event, json!({ "pending_webhooks": pending.max(0) }));
    } else if attempt < MAX_ATTEMPTS {
        let wait = Duration::from_secs(1 << (attempt - 1).min(6)).min(LONGEST_WAIT);
        let not_before = Instant::now() + wait;
        let again = Outgoing {
            event,
            endpoint,
            attempt: attempt + 1,
            not_before,
        };
        state.webhooks.outgoing.push(again);
    }
}
