//! Requests on a fixed schedule: of five, one authorizes, three update, one ends.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use crate::world::{World, number};

/// Calls that run when a measurement begins: more than end while new ones are turned away.
const RUNNING: usize = 30_000;
/// Of these, how many start at once.
const STARTED_AT_ONCE: usize = 16;
/// The schedule wanted a call when all waited for an answer. No status of HTTP.
const UNSENT: u16 = 1;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Authorize,
    Update,
    End,
}

const MIX: [Act; 5] = [
    Act::Authorize,
    Act::Update,
    Act::Update,
    Act::Update,
    Act::End,
];

struct Call {
    wallet: Uuid,
    call_id: String,
    seq: i64,
    talked: i64,
}

#[derive(Clone)]
struct Line {
    http: Client,
    base: Arc<str>,
    key: Arc<str>,
}

pub(crate) struct Load {
    line: Line,
    wallets: Vec<Uuid>,
    running: Arc<Mutex<VecDeque<Call>>>,
    calls: usize,
}

struct Done {
    act: Act,
    status: u16,
    milliseconds: f64,
}

#[derive(Default)]
pub(crate) struct Figures(Vec<Done>);

impl Load {
    pub(crate) async fn new(world: &World) -> Self {
        let mut load = Self {
            line: Line {
                http: Client::builder()
                    .timeout(Duration::from_secs(20))
                    .build()
                    .unwrap(),
                base: world.base.as_str().into(),
                key: world.key.as_str().into(),
            },
            wallets: world.wallets.clone(),
            running: Arc::default(),
            calls: 0,
        };
        let calls: Vec<_> = (0..RUNNING).map(|_| load.next_call()).collect();
        let started = stream::iter(calls).map(|(line, call, to)| async move {
            assert_eq!(start(&line, &call, &to).await, 201);
            assert_eq!(line.post(&call, "/answer", json!({})).await, 200);
            call
        });
        let started: VecDeque<Call> = started.buffered(STARTED_AT_ONCE).collect().await;
        *load.running.lock().unwrap() = started;
        load
    }

    fn next_call(&mut self) -> (Line, Call, String) {
        let n = self.calls;
        self.calls += 1;
        let call = Call {
            wallet: self.wallets[n % self.wallets.len()],
            call_id: format!("bench-{n}"),
            seq: 0,
            // Heartbeats of calls that have been talked for a while: some need more time.
            talked: i64::try_from(n * 37 % 280).unwrap(),
        };
        (self.line.clone(), call, number(n))
    }

    /// So many requests a second for so long; returns when all are answered.
    pub(crate) async fn run(&mut self, rate: f64, time: Duration) -> Figures {
        let count = (rate * time.as_secs_f64()) as usize;
        let begun = Instant::now();
        let mut under_way = JoinSet::new();
        for n in 0..count {
            let due = begun + Duration::from_secs_f64(n as f64 / rate);
            sleep_until(due).await;
            let act = MIX[n % MIX.len()];
            let running = self.running.clone();
            if act == Act::Authorize {
                let (line, call, to) = self.next_call();
                under_way.spawn(async move {
                    let status = start(&line, &call, &to).await;
                    let done = timed(act, status, due);
                    if status == 201 {
                        line.post(&call, "/answer", json!({})).await;
                        running.lock().unwrap().push_back(call);
                    }
                    done
                });
                continue;
            }
            let Some(mut call) = running.lock().unwrap().pop_front() else {
                // The schedule cannot be kept, which is no success.
                under_way.spawn(async move { timed(act, UNSENT, due) });
                continue;
            };
            let line = self.line.clone();
            under_way.spawn(async move {
                if act == Act::End {
                    let body = json!({ "talked_seconds": call.talked, "cause": "normal" });
                    let status = line.post(&call, "/end", body).await;
                    return timed(act, status, due);
                }
                call.seq += 1;
                call.talked += 15;
                let body = json!({ "seq": call.seq, "talked_seconds": call.talked });
                let status = line.post(&call, "/update", body).await;
                let done = timed(act, status, due);
                running.lock().unwrap().push_back(call);
                done
            });
        }
        Figures(under_way.join_all().await)
    }
}

fn timed(act: Act, status: u16, due: Instant) -> Done {
    Done {
        act,
        status,
        milliseconds: due.elapsed().as_secs_f64() * 1e3,
    }
}

async fn start(line: &Line, call: &Call, to: &str) -> u16 {
    let path = format!("/wallets/{}/calls", call.wallet);
    let body = json!({ "call_id": call.call_id, "to": to });
    line.send(&path, body).await
}

impl Line {
    async fn post(&self, call: &Call, step: &str, body: Value) -> u16 {
        let path = format!("/wallets/{}/calls/{}{step}", call.wallet, call.call_id);
        self.send(&path, body).await
    }

    /// The status; 0 if there was no answer.
    async fn send(&self, path: &str, body: Value) -> u16 {
        let url = format!("{}/switch/v1{path}", self.base);
        let request = self.http.post(url).bearer_auth(&self.key).json(&body);
        match request.send().await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                let _ = answer.bytes().await;
                status
            }
            Err(_) => 0,
        }
    }
}

impl Figures {
    /// Milliseconds of the p-th percentile of what was answered with success.
    pub(crate) fn percentile(&self, p: f64) -> f64 {
        let good = self
            .0
            .iter()
            .filter(|done| (200..300).contains(&done.status));
        let mut times: Vec<f64> = good.map(|done| done.milliseconds).collect();
        times.sort_by(f64::total_cmp);
        let last = times.len().saturating_sub(1);
        let index = (last as f64 * p / 100.0).round() as usize;
        times.get(index).copied().unwrap_or(f64::INFINITY)
    }

    /// New calls that were turned away in time.
    pub(crate) fn refused(&self) -> usize {
        let refused = |done: &&Done| done.act == Act::Authorize && done.status == 503;
        self.0.iter().filter(refused).count()
    }

    /// Everything else that was not answered with success.
    pub(crate) fn errors(&self) -> usize {
        let good = self
            .0
            .iter()
            .filter(|done| (200..300).contains(&done.status))
            .count();
        self.0.len() - good - self.refused()
    }

    /// The share of updates that succeeded.
    pub(crate) fn updates_ok(&self) -> f64 {
        let updates = || self.0.iter().filter(|done| done.act == Act::Update);
        let good = updates().filter(|done| done.status == 200).count();
        good as f64 / updates().count().max(1) as f64
    }

    pub(crate) fn print(&self, name: &str) {
        let mut refused = BTreeMap::new();
        for done in self
            .0
            .iter()
            .filter(|done| !(200..300).contains(&done.status))
        {
            *refused.entry(done.status).or_insert(0) += 1;
        }
        println!(
            "{name}: {} requests, p50 {:.2} ms, p99 {:.2} ms, {} refused, {} errors, by status {refused:?} \
             (0: no answer, 1: not sent)",
            self.0.len(),
            self.percentile(50.0),
            self.percentile(99.0),
            self.refused(),
            self.errors()
        );
    }
}
