//! Requests on a fixed schedule: of five, one authorizes, three update, one ends.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use crate::figures::{Done, Figures};
use crate::wire::{Line, Outcome};
use crate::world::{World, number};

/// Calls that run when a measurement begins.
const RUNNING: usize = 30_000;
/// Of these, how many start at once.
const STARTED_AT_ONCE: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
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

pub(crate) struct Load {
    line: Line,
    wallets: Vec<Uuid>,
    running: Arc<Mutex<VecDeque<Call>>>,
    calls: usize,
}

impl Load {
    pub(crate) fn new(world: &World) -> Self {
        Self {
            line: Line::new(world.server.address, &world.key),
            wallets: world.wallets.clone(),
            running: Arc::default(),
            calls: 0,
        }
    }

    /// Starts calls until as many run as shall: more end than start while new ones are turned away.
    pub(crate) async fn fill(&mut self) {
        let missing = RUNNING.saturating_sub(self.running.lock().unwrap().len());
        let calls: Vec<_> = (0..missing).map(|_| self.next_call()).collect();
        let started = stream::iter(calls).map(|(line, call, to)| async move {
            assert!(call.start(&line, &to).await.is_success());
            assert!(call.answer(&line).await.is_success());
            call
        });
        let started: Vec<Call> = started.buffered(STARTED_AT_ONCE).collect().await;
        self.running.lock().unwrap().extend(started);
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
        let sent = self.send(rate, time).await;
        Figures(sent.join_all().await)
    }

    /// The same, but returns when all are sent.
    pub(crate) async fn send(&mut self, rate: f64, time: Duration) -> JoinSet<Done> {
        let count = (rate * time.as_secs_f64()) as usize;
        let begun = Instant::now();
        let mut under_way = JoinSet::new();
        for n in 0..count {
            let after = Duration::from_secs_f64(n as f64 / rate);
            sleep_until(begun + after).await;
            let act = MIX[n % MIX.len()];
            let done = move |outcome| Done {
                act,
                due: after,
                outcome,
                milliseconds: (begun + after).elapsed().as_secs_f64() * 1e3,
            };
            let running = self.running.clone();
            if act == Act::Authorize {
                let (line, call, to) = self.next_call();
                under_way.spawn(async move {
                    let done = done(call.start(&line, &to).await);
                    if done.outcome.is_success() {
                        call.answer(&line).await;
                        running.lock().unwrap().push_back(call);
                    }
                    done
                });
                continue;
            }
            let Some(mut call) = running.lock().unwrap().pop_front() else {
                // The schedule cannot be kept, which is no success.
                under_way.spawn(async move { done(Outcome::NotSent) });
                continue;
            };
            let line = self.line.clone();
            under_way.spawn(async move {
                if act == Act::End {
                    return done(call.end(&line).await);
                }
                let done = done(call.update(&line).await);
                running.lock().unwrap().push_back(call);
                done
            });
        }
        under_way
    }
}

impl Call {
    async fn start(&self, line: &Line, to: &str) -> Outcome {
        let path = format!("/wallets/{}/calls", self.wallet);
        let body = json!({ "call_id": self.call_id, "to": to });
        line.post(&path, &body).await
    }

    async fn answer(&self, line: &Line) -> Outcome {
        line.post(&self.path("answer"), &json!({})).await
    }

    async fn update(&mut self, line: &Line) -> Outcome {
        self.seq += 1;
        self.talked += 15;
        let body = json!({ "seq": self.seq, "talked_seconds": self.talked });
        line.post(&self.path("update"), &body).await
    }

    async fn end(&self, line: &Line) -> Outcome {
        let body = json!({ "talked_seconds": self.talked, "cause": "normal" });
        line.post(&self.path("end"), &body).await
    }

    fn path(&self, step: &str) -> String {
        format!("/wallets/{}/calls/{}/{step}", self.wallet, self.call_id)
    }
}
