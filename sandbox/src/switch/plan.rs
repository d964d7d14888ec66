//! What a call will do, decided before it is placed.

use serde::{Deserialize, Serialize};

/// Simulated seconds of ringing when nobody says otherwise.
const RING: u64 = 3;
const RING_IN_VAIN: u64 = 20;
/// Past the granted time, for a switch that ignores it.
const BEYOND: u64 = 45;

/// A plan; every number is in simulated seconds.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Plan {
    #[serde(default)]
    pub(super) outcome: Outcome,
    /// When the outcome happens; its meaning is the outcome's.
    pub(super) after: Option<u64>,
    /// How long it rings before it is answered.
    pub(super) ring: Option<u64>,
    /// How long it is talked; without it until somebody hangs up or the credit is used up.
    pub(super) talk: Option<u64>,
    /// How far past the granted time it is talked by a switch that ignores it.
    pub(super) beyond: Option<u64>,
    /// Only for a call of this wallet.
    pub(super) wallet: Option<String>,
    /// Only for a call to this number.
    pub(super) to: Option<String>,
}

/// How a call goes, or how the switch behaves in it.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Answered `after` so long.
    #[default]
    Answered,
    /// Given up `after` so long.
    NotAnswered,
    Busy,
    /// The other side hangs up `after` so long of talk.
    HangsUp,
    /// Goes on when the granted time is over.
    IgnoresStop,
    /// Sends nothing any more `after` so long of talk, not even the end.
    Silent,
    /// The end is not sent, only reported `after` so long.
    ReportsLate,
    /// Each request is sent two or three times.
    Repeats,
    /// Updates overtake each other and the end.
    Reorders,
    /// Malformed bodies are sent in between.
    Garbles,
}

impl Outcome {
    /// As they are written, in the order of the variants.
    pub(crate) const NAMES: [&str; 10] = [
        "answered",
        "not_answered",
        "busy",
        "hangs_up",
        "ignores_stop",
        "silent",
        "reports_late",
        "repeats",
        "reorders",
        "garbles",
    ];
}

impl Plan {
    pub(crate) fn name(&self) -> &'static str {
        Outcome::NAMES[self.outcome as usize]
    }

    pub(super) fn fits(&self, wallet: &str, to: &str) -> bool {
        self.wallet.as_deref().is_none_or(|only| only == wallet)
            && self.to.as_deref().is_none_or(|only| only == to)
    }

    pub(super) fn ring_seconds(&self) -> u64 {
        let after = match self.outcome {
            Outcome::Busy => Some(0),
            Outcome::NotAnswered => self.after.or(Some(RING_IN_VAIN)),
            Outcome::Answered => self.after,
            _ => None,
        };
        self.ring.or(after).unwrap_or(RING)
    }

    /// When the other side hangs up, from the answer.
    pub(super) fn talk_seconds(&self) -> Option<u64> {
        match self.outcome {
            Outcome::HangsUp => self.after.or(self.talk),
            _ => self.talk,
        }
    }

    /// When the switch goes silent, from the answer.
    pub(super) fn silent_seconds(&self) -> Option<u64> {
        (self.outcome == Outcome::Silent).then(|| self.after.unwrap_or(0))
    }

    /// When the switch hangs up by itself, from the answer.
    pub(super) fn stop_seconds(&self, granted: u64) -> u64 {
        match self.outcome {
            Outcome::IgnoresStop => granted.saturating_add(self.beyond.unwrap_or(BEYOND)),
            _ => granted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plan(value: serde_json::Value) -> Plan {
        serde_json::from_value(value).expect("a plan")
    }

    #[test]
    fn every_name_is_an_outcome() {
        for name in Outcome::NAMES {
            let plan = plan(json!({ "outcome": name }));
            assert_eq!(json!(plan.outcome), name);
            assert_eq!(plan.name(), name);
        }
        assert!(serde_json::from_value::<Plan>(json!({ "outcome": "sings" })).is_err());
    }

    #[test]
    fn after_means_what_the_outcome_says() {
        let answered = plan(json!({ "outcome": "answered", "after": 7, "talk": 60 }));
        assert_eq!(
            (answered.ring_seconds(), answered.talk_seconds()),
            (7, Some(60))
        );
        let hangs_up = plan(json!({ "outcome": "hangs_up", "after": 7 }));
        assert_eq!(
            (hangs_up.ring_seconds(), hangs_up.talk_seconds()),
            (RING, Some(7))
        );
        let silent = plan(json!({ "outcome": "silent", "after": 7 }));
        assert_eq!(
            (silent.silent_seconds(), silent.talk_seconds()),
            (Some(7), None)
        );
        assert_eq!(plan(json!({ "outcome": "busy" })).ring_seconds(), 0);
        let ignores = plan(json!({ "outcome": "ignores_stop", "beyond": 5 }));
        assert_eq!(
            (ignores.stop_seconds(60), silent.stop_seconds(60)),
            (65, 60)
        );
    }
}
