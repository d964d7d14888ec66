//! From the answer to the end: updates, more time, and when to hang up.

use super::{
    call::Call,
    line::{Line, Reply, Step},
    plan::{Outcome, Plan},
    watch::{Watch, Woken},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Simulated seconds between updates.
const UPDATE_EVERY: u64 = 15;
/// More is asked for when this much of the grant remains,
const REMAINING: u64 = 30;
/// and once more shortly before the call is cut: somebody may have added credit.
const LAST_MOMENT: u64 = 2;

/// Talk time from the answer on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grant {
    seconds: u64,
    is_final: bool,
}

impl Grant {
    /// `None` when the wallet granted nothing.
    pub(super) fn read(reply: &Reply) -> Option<Self> {
        if !reply.is_success() {
            return None;
        }
        Some(Self {
            seconds: reply.body["granted_seconds"].as_u64()?,
            is_final: reply.body["final"] == true,
        })
    }

    pub(super) fn note(self, call: &mut Call) {
        call.granted_seconds = Some(self.seconds);
        call.is_final = self.is_final;
    }
}

/// How the talk is over.
#[derive(Debug)]
pub(super) enum Over {
    Ended {
        talked: u64,
        cause: &'static str,
        /// An update that the end overtakes.
        held_back: Option<Value>,
    },
    /// The wallet says that the call is over, or never was.
    WalletEnded {
        talked: u64,
    },
    Silent,
}

/// A call that is being talked.
#[derive(Debug)]
pub(super) struct Talk<'a> {
    line: &'a mut Line,
    plan: &'a Plan,
    bell: &'a Notify,
    watch: Watch,
    granted: Grant,
    talked: u64,
    seq: u64,
    last_asked: Option<u64>,
    held_back: Option<Value>,
}

impl<'a> Talk<'a> {
    pub(super) fn new(
        line: &'a mut Line,
        plan: &'a Plan,
        bell: &'a Notify,
        watch: Watch,
        granted: Grant,
    ) -> Self {
        Self {
            line,
            plan,
            bell,
            watch,
            granted,
            talked: 0,
            seq: 0,
            last_asked: None,
            held_back: None,
        }
    }

    /// Talks until somebody hangs up, the credit is used up, or the plan says otherwise.
    pub(super) async fn run(mut self) -> Over {
        let world = self.line.world.clone();
        loop {
            let next = self.next_event();
            let woken = self.watch.wait_until(&world, next, self.bell).await;
            if woken == Woken::HungUp {
                let talked = self.read_watch().as_secs().clamp(self.talked, next);
                return self.ended(talked, "caller_hung_up");
            }
            self.talked = next;
            if self.plan.silent_seconds() == Some(next) {
                return Over::Silent;
            }
            if self.plan.talk_seconds() == Some(next) {
                return self.ended(next, "callee_hung_up");
            }
            if self.next_update() <= next && !self.update().await {
                return Over::WalletEnded { talked: next };
            }
            if next >= self.plan.stop_seconds(self.granted.seconds) {
                return self.ended(next, "credit_used_up");
            }
        }
    }

    /// What the watch showed when the caller hung up; the wallet may have been slow since.
    fn read_watch(&self) -> Duration {
        let state = self.line.world.state();
        let call = state.switch.find(&self.line.call_id);
        let hung_up_at = call.and_then(|call| call.hung_up_at);
        self.watch.read(hung_up_at.unwrap_or_else(Instant::now))
    }

    fn ended(self, talked: u64, cause: &'static str) -> Over {
        Over::Ended {
            talked,
            cause,
            held_back: self.held_back,
        }
    }

    /// The second of what happens next; never before what happened last.
    fn next_event(&self) -> u64 {
        let planned = [self.plan.silent_seconds(), self.plan.talk_seconds()];
        let stop = self.plan.stop_seconds(self.granted.seconds);
        let events = planned.into_iter().flatten();
        let next = events.chain([self.next_update(), stop]).min();
        next.unwrap_or(stop).max(self.talked)
    }

    fn next_update(&self) -> u64 {
        let regular = self.last_asked.unwrap_or(0) + UPDATE_EVERY;
        let Grant { seconds, is_final } = self.granted;
        let more = (!is_final).then(|| seconds.saturating_sub(REMAINING));
        let last = seconds.checked_sub(LAST_MOMENT);
        let new = |second: &u64| self.last_asked.is_none_or(|asked| *second > asked);
        let marks = [more, last].into_iter().flatten().filter(new);
        marks.min().map_or(regular, |mark| mark.min(regular))
    }

    /// Tells how long it was talked, and asks for more; whether the call may go on.
    async fn update(&mut self) -> bool {
        let regular = self.talked == self.last_asked.unwrap_or(0) + UPDATE_EVERY;
        self.seq += 1;
        self.last_asked = Some(self.talked);
        let talked = self.talked;
        self.line.note(|call| call.talked_seconds = talked);
        let body = json!({ "seq": self.seq, "talked_seconds": talked });
        let reorders = self.plan.outcome == Outcome::Reorders;
        if reorders && regular && self.held_back.is_none() {
            self.held_back = Some(body);
            return true;
        }
        let goes_on = self.ask(body).await;
        match self.held_back.take() {
            Some(overtaken) => self.ask(overtaken).await && goes_on,
            None => goes_on,
        }
    }

    async fn ask(&mut self, body: Value) -> bool {
        let reply = self.line.ask(Step::Update, body).await;
        if let Some(granted) = Grant::read(&reply) {
            // An old update is answered as it was; a grant never shrinks.
            if granted.seconds >= self.granted.seconds {
                self.granted = granted;
                self.line.note(|call| granted.note(call));
            }
            return true;
        }
        // No answer, no time: the grant still holds. A refusal of the body is no end either.
        !matches!(reply.status, 404 | 409)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Config, world::World};

    fn next_updates(seconds: u64, is_final: bool, until: u64) -> Vec<u64> {
        let world = World::new(Config::for_tests(None), reqwest::Client::new());
        let call = Call::new("c", "w", None, "+12025550100");
        let mut line = Line::new(world.expect("a world"), &call);
        let plan = Plan::default();
        let granted = Grant { seconds, is_final };
        let mut talk = Talk::new(&mut line, &plan, &call.hangup, Watch::start(1), granted);
        let mut seconds = Vec::new();
        while talk.next_update() < until {
            let next = talk.next_update().max(talk.talked);
            seconds.push(next);
            talk.talked = next;
            talk.last_asked = Some(next);
        }
        seconds
    }

    #[test]
    fn updates_come_every_fifteen_seconds_and_when_time_runs_out() {
        let _first_or_not = rustls::crypto::ring::default_provider().install_default();
        assert_eq!(next_updates(100, false, 100), [15, 30, 45, 60, 70, 85, 98]);
        assert_eq!(next_updates(100, true, 100), [15, 30, 45, 60, 75, 90, 98]);
        assert_eq!(next_updates(20, false, 20), [0, 15, 18]);
        assert_eq!(next_updates(1, true, 1), [0; 0]);
    }
}
