//! The line to the wallet: each request written down with its answer, and repeated or preceded by
//! nonsense when that is what the switch does.

use super::{
    call::{Call, Exchange},
    garble,
    plan::Outcome,
};
use crate::world::Shared;
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use time::OffsetDateTime;
use tokio::sync::Notify;

/// A wallet may take eight seconds to refill before it answers.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Authorize,
    Answer,
    Update,
    End,
    Report,
}

/// A status and a body; status 0 when there was no answer.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Reply {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether asking again could be answered otherwise: nobody listened, or had no time.
    pub(super) fn is_open(&self) -> bool {
        self.status == 0 || self.status == 429 || self.status >= 500
    }

    /// The word of a refusal.
    pub(super) fn word(&self) -> String {
        match self.body["type"].as_str() {
            Some(word) => word.to_owned(),
            None if self.status == 0 => "no_answer".to_owned(),
            None => format!("status_{}", self.status),
        }
    }
}

/// The line of one call.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) world: Shared,
    pub(super) call_id: String,
    wallet: String,
    outcome: Outcome,
    bell: Arc<Notify>,
    /// Requests so far, without repeats and nonsense.
    asked: usize,
}

impl Line {
    pub(super) fn new(world: Shared, call: &Call) -> Self {
        Self {
            world,
            call_id: call.call_id.clone(),
            wallet: call.wallet.clone(),
            outcome: call.plan.outcome,
            bell: call.hangup.clone(),
            asked: 0,
        }
    }

    /// Changes what the switch knows of the call, unless it was told to forget it.
    pub(super) fn note(&self, change: impl FnOnce(&mut Call)) {
        let mut state = self.world.state();
        let found = state.switch.find_mut(&self.call_id);
        if let Some(call) = found.filter(|call| self.is_about(call)) {
            change(call);
        }
    }

    /// Not a later call of the same name, after everything was forgotten.
    fn is_about(&self, call: &Call) -> bool {
        Arc::ptr_eq(&call.hangup, &self.bell)
    }

    fn is_forgotten(&self) -> bool {
        let state = self.world.state();
        let found = state.switch.find(&self.call_id);
        !found.is_some_and(|call| self.is_about(call))
    }

    /// Asks as this switch asks; the answer is that to the first proper request. A call that was
    /// forgotten asks nothing any more.
    pub(super) async fn ask(&mut self, step: Step, body: Value) -> Reply {
        if self.is_forgotten() {
            return Reply {
                status: 0,
                body: Value::Null,
            };
        }
        self.asked += 1;
        let path = self.path(step);
        if self.outcome == Outcome::Garbles {
            let nonsense = garble::body(step, self.asked).to_owned();
            self.keep([send(&self.world, &path, nonsense, true).await]);
            // In between, a report of nothing.
            let empty = garble::body(Step::Report, self.asked).to_owned();
            self.keep([send(&self.world, &["reports"], empty, true).await]);
        }
        let body = body.to_string();
        let send_it = || send(&self.world, &path, body.clone(), false);
        let mut repeats = Vec::new();
        let first = if self.outcome == Outcome::Repeats {
            // One beside the first, and every other time one after both.
            let (first, beside) = futures_util::future::join(send_it(), send_it()).await;
            repeats.push(beside);
            if self.asked.is_multiple_of(2) {
                repeats.push(send_it().await);
            }
            first
        } else {
            send_it().await
        };
        for repeat in &mut repeats {
            repeat.exchange.same_as_first = Some(repeat.text == first.text);
        }
        let reply = first.reply.clone();
        self.keep([first].into_iter().chain(repeats));
        reply
    }

    fn keep(&self, sent: impl IntoIterator<Item = Sent>) {
        self.note(|call| {
            let exchanges = sent.into_iter().map(|sent| sent.exchange);
            call.exchanges.extend(exchanges);
        });
    }

    fn path(&self, step: Step) -> Vec<&str> {
        let (wallet, call) = (self.wallet.as_str(), self.call_id.as_str());
        match step {
            Step::Authorize => vec!["wallets", wallet, "calls"],
            Step::Answer => vec!["wallets", wallet, "calls", call, "answer"],
            Step::Update => vec!["wallets", wallet, "calls", call, "update"],
            Step::End => vec!["wallets", wallet, "calls", call, "end"],
            Step::Report => vec!["reports"],
        }
    }
}

/// A request that was sent.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) exchange: Exchange,
    pub(super) reply: Reply,
    /// Status and body as they came.
    text: (u16, String),
}

/// Sends a POST below `/switch/v1/`; the steps of the path are escaped.
pub(super) async fn send(world: &Shared, path: &[&str], body: String, garbled: bool) -> Sent {
    let (at, began) = (OffsetDateTime::now_utc(), Instant::now());
    let (shown, text) = match url(&world.config.wallet_url, path) {
        Ok(url) => (url.path().to_owned(), post(world, url, body.clone()).await),
        Err(error) => (path.join("/"), (0, error)),
    };
    let answer = serde_json::from_str(&text.1).unwrap_or_else(|_| json!(text.1));
    let exchange = Exchange {
        at: i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default(),
        took_milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        path: shown,
        sent: serde_json::from_str(&body).unwrap_or_else(|_| json!(body)),
        status: text.0,
        answer: answer.clone(),
        garbled,
        same_as_first: None,
    };
    let reply = Reply {
        status: text.0,
        body: answer,
    };
    Sent {
        exchange,
        reply,
        text,
    }
}

fn url(base: &str, path: &[&str]) -> Result<reqwest::Url, String> {
    let unusable = || format!("{base} is no URL to ask a wallet at");
    let mut url = reqwest::Url::parse(base).map_err(|_| unusable())?;
    url.path_segments_mut()
        .map_err(|()| unusable())?
        .pop_if_empty()
        .extend(["switch", "v1"])
        .extend(path);
    Ok(url)
}

/// The status and the text of the answer, or 0 and why there is none.
async fn post(world: &Shared, url: reqwest::Url, body: String) -> (u16, String) {
    let request = world
        .client
        .post(url)
        .timeout(TIMEOUT)
        .bearer_auth(&world.config.switch_key)
        .header("content-type", "application/json")
        .body(body);
    let answer = async {
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok::<_, reqwest::Error>((status, response.text().await?))
    };
    match answer.await {
        Ok(answer) => answer,
        Err(error) if error.is_timeout() => (0, "timed out".to_owned()),
        Err(error) if error.is_connect() => (0, "nobody listens".to_owned()),
        Err(_) => (0, "the connection broke".to_owned()),
    }
}
