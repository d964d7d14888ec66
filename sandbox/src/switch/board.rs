//! The switchboard: calls, what is planned for them, and how fast they are talked.

use super::{
    call::{Call, Exchange},
    plan::Plan,
};
use serde::{Deserialize, Serialize, Serializer};

/// Calls and messages that are remembered.
const KEPT: usize = 5000;
pub(super) const FASTEST: u32 = 10_000;

/// Everything the switch knows. A restart keeps the calls that the wallet has to hear of.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Board {
    #[serde(serialize_with = "open")]
    calls: Vec<Call>,
    #[serde(skip)]
    plans: Vec<Plan>,
    #[serde(skip)]
    pub(crate) messages: Vec<Exchange>,
    /// Simulated seconds in a real one.
    #[serde(skip, default = "real_time")]
    pace: u32,
}

impl Default for Board {
    fn default() -> Self {
        Self {
            calls: Vec::new(),
            plans: Vec::new(),
            messages: Vec::new(),
            pace: real_time(),
        }
    }
}

fn real_time() -> u32 {
    1
}

/// Only what is to be told, without what was said.
fn open<S: Serializer>(calls: &[Call], to: S) -> Result<S::Ok, S::Error> {
    let open = calls.iter().filter(|call| call.is_open());
    to.collect_seq(open.map(|call| Call {
        exchanges: Vec::new(),
        ..call.clone()
    }))
}

impl Board {
    /// Calls oldest first.
    pub(crate) fn calls(&self) -> &[Call] {
        &self.calls
    }

    pub(crate) fn plans(&self) -> &[Plan] {
        &self.plans
    }

    pub(crate) fn pace(&self) -> u32 {
        self.pace
    }

    pub(super) fn set_pace(&mut self, factor: u32) {
        self.pace = factor.clamp(1, FASTEST);
    }

    pub(super) fn plan(&mut self, plan: Plan) {
        self.plans.push(plan);
    }

    /// Takes a call in, with its own plan or the first that fits.
    pub(super) fn place(&mut self, mut call: Call, plan: Option<Plan>) {
        let fitting = |plan: &Plan| plan.fits(&call.wallet, &call.to);
        call.plan = match (plan, self.plans.iter().position(fitting)) {
            (Some(plan), _) => plan,
            (None, Some(at)) => self.plans.remove(at),
            (None, None) => Plan::default(),
        };
        if self.calls.len() >= KEPT
            && let Some(oldest) = self.calls.iter().position(|call| !call.is_open())
        {
            self.calls.remove(oldest);
        }
        self.calls.push(call);
    }

    pub(super) fn find(&self, call_id: &str) -> Option<&Call> {
        self.calls.iter().rev().find(|call| call.call_id == call_id)
    }

    pub(super) fn find_mut(&mut self, call_id: &str) -> Option<&mut Call> {
        let mut newest_first = self.calls.iter_mut().rev();
        newest_first.find(|call| call.call_id == call_id)
    }

    pub(super) fn calls_mut(&mut self) -> impl Iterator<Item = &mut Call> {
        self.calls.iter_mut()
    }

    pub(super) fn keep_message(&mut self, exchange: Exchange) {
        if self.messages.len() >= KEPT {
            self.messages.drain(..KEPT / 10);
        }
        self.messages.push(exchange);
    }

    /// After a restart.
    pub(crate) fn begin_anew(&mut self) {
        self.calls.iter_mut().for_each(Call::lose);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::call::Stage, *};
    use serde_json::json;

    fn plan(value: serde_json::Value) -> Plan {
        serde_json::from_value(value).expect("a plan")
    }

    #[test]
    fn a_plan_waits_for_the_call_it_fits() {
        let mut board = Board::default();
        board.plan(plan(json!({ "outcome": "busy", "wallet": "w2" })));
        board.plan(plan(json!({ "outcome": "silent" })));
        for (id, wallet) in [("1", "w1"), ("2", "w1"), ("3", "w2")] {
            board.place(Call::new(id, wallet, None, "+12025550100"), None);
        }
        let outcomes: Vec<_> = board.calls().iter().map(|call| call.plan.outcome).collect();
        assert_eq!(json!(outcomes), json!(["silent", "answered", "busy"]));
        assert!(board.plans().is_empty());
    }

    #[test]
    fn what_the_wallet_does_not_know_survives_a_restart() {
        let mut board = Board::default();
        for (id, stage) in [
            ("1", Stage::Ended),
            ("2", Stage::Talking),
            ("3", Stage::Unreported),
            ("4", Stage::Silent),
        ] {
            let mut call = Call::new(id, "w", None, "+12025550100");
            call.stage = stage;
            call.talked_seconds = 45;
            board.place(call, None);
        }
        let kept = serde_json::to_string(&board).expect("written");
        let mut board: Board = serde_json::from_str(&kept).expect("read");
        board.begin_anew();
        let kept: Vec<_> = board
            .calls()
            .iter()
            .map(|call| (call.call_id.as_str(), call.stage, call.talked_seconds))
            .collect();
        assert_eq!(
            kept,
            [("2", Stage::Unreported, 45), ("3", Stage::Unreported, 45)]
        );
        assert_eq!(board.pace(), 1);
    }

    #[test]
    fn old_calls_are_forgotten_and_running_ones_are_not() {
        let mut board = Board::default();
        for number in 0..=KEPT {
            let mut call = Call::new(&number.to_string(), "w", None, "+12025550100");
            if number > 0 {
                call.stage = Stage::Ended;
            }
            board.place(call, None);
        }
        assert_eq!(board.calls().len(), KEPT);
        assert!(board.find("0").is_some() && board.find("1").is_none());
    }
}
