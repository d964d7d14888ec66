//! Events on their way: which, to whom, when, and how badly on request.

use crate::{
    clock::wall_clock,
    state::{State, text},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// 1, 2, 4 … seconds, then this; after so many attempts nobody is listening.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const MAX_ATTEMPTS: u32 = 16;
/// Numbers of deliveries on their way; of the process, so that one that was on its way when
/// everything was forgotten is not taken for another.
static FLIGHTS: AtomicU64 = AtomicU64::new(0);
const REORDER_WITHIN: u64 = 600;
/// Deliveries that the log keeps.
const REMEMBERED: usize = 100_000;

/// What is on its way, how it travels, and what arrived.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Webhooks {
    outgoing: Vec<Outgoing>,
    /// Being sent at this moment; a process that ends here has sent nothing for sure.
    pub(crate) flying: BTreeMap<u64, Outgoing>,
    #[serde(skip)]
    pub(crate) paused: bool,
    #[serde(skip)]
    pub(crate) mode: Mode,
    #[serde(skip)]
    shuffle: Option<StdRng>,
    #[serde(skip)]
    pub(crate) delivered: Vec<Delivery>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Outgoing {
    pub(crate) event: String,
    pub(crate) endpoint: String,
    pub(crate) attempt: u32,
    #[serde(skip, default = "Instant::now")]
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

    /// After a restart: what did not arrive is sent again, and as patiently as at first, since
    /// the merchant's server often starts after the sandbox.
    pub(crate) fn begin_anew(&mut self) {
        let flying = std::mem::take(&mut self.flying);
        self.outgoing.extend(flying.into_values());
        for outgoing in &mut self.outgoing {
            outgoing.attempt = 1;
        }
    }

    pub(crate) fn has_due(&self) -> bool {
        let now = Instant::now();
        !self.paused
            && self
                .outgoing
                .iter()
                .any(|outgoing| outgoing.not_before <= now)
    }

    /// What is to be sent now, numbered; each is settled by its number.
    pub(crate) fn take_due(&mut self) -> Vec<(u64, Outgoing)> {
        let now = Instant::now();
        let due = |outgoing: &mut Outgoing| outgoing.not_before <= now;
        let mut due: Vec<Outgoing> = self.outgoing.extract_if(.., due).collect();
        due.sort_by_key(|outgoing| outgoing.not_before);
        let number = |outgoing: Outgoing| {
            let number = FLIGHTS.fetch_add(1, Ordering::Relaxed);
            self.flying.insert(number, outgoing.clone());
            (number, outgoing)
        };
        due.into_iter().map(number).collect()
    }

    /// An attempt failed: the next comes later, until nobody can be listening any more.
    pub(crate) fn try_again(&mut self, failed: Outgoing) {
        if failed.attempt >= MAX_ATTEMPTS {
            return;
        }
        let wait = Duration::from_secs(1 << (failed.attempt - 1).min(6)).min(LONGEST_WAIT);
        self.outgoing.push(Outgoing {
            attempt: failed.attempt + 1,
            not_before: Instant::now() + wait,
            ..failed
        });
    }

    pub(crate) fn note(
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
