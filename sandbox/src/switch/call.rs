//! One call as the switch knows it, with everything that was said about it.

use super::plan::Plan;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{sync::Arc, time::Instant};
use tokio::sync::Notify;

/// Where a call stands at the switch.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Asked for; the wallet was not asked yet.
    Placed,
    /// The wallet is being asked, or it rings.
    Ringing,
    Talking,
    /// The wallet knows its end.
    Ended,
    /// The wallet said no; it never rang.
    Refused,
    /// The switch stopped talking about it, as it was told to.
    Silent,
    /// Over, and the wallet does not know yet: there is a record to report.
    Unreported,
    Reported,
}

/// A call, and what is known of it; seconds are simulated.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Call {
    pub(crate) call_id: String,
    pub(crate) wallet: String,
    pub(crate) from: Option<String>,
    pub(crate) to: String,
    pub(crate) plan: Plan,
    pub(crate) stage: Stage,
    /// As the wallet told it.
    pub(crate) answered_at: Option<String>,
    pub(crate) granted_seconds: Option<u64>,
    /// The wallet cannot pay for more; the customer was told so.
    #[serde(rename = "final")]
    pub(crate) is_final: bool,
    /// What the switch last measured.
    pub(crate) talked_seconds: u64,
    pub(crate) cause: Option<String>,
    /// `charge` of the answer to the end.
    pub(crate) charge: Option<String>,
    /// The word of the wallet's refusal.
    pub(crate) refusal: Option<String>,
    /// What became of the late report.
    pub(crate) outcome: Option<String>,
    pub(crate) exchanges: Vec<Exchange>,
    #[serde(skip)]
    pub(super) hangup: Arc<Notify>,
    /// When the caller hung up; the switch may be waiting for the wallet then.
    #[serde(skip)]
    pub(super) hung_up_at: Option<Instant>,
    #[serde(skip)]
    pub(super) report: Due,
}

/// When the record of a call is to be reported, and how often that failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub(super) at: Instant,
    pub(super) failures: u32,
}

impl Default for Due {
    fn default() -> Self {
        Self {
            at: Instant::now(),
            failures: 0,
        }
    }
}

/// One request to the wallet and its answer.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Exchange {
    /// Milliseconds since 1970 when it was sent.
    pub(crate) at: i64,
    pub(crate) took_milliseconds: u64,
    pub(crate) path: String,
    /// JSON, or the text of a malformed body.
    pub(crate) sent: Value,
    /// 0 when there was no answer; `answer` then says why.
    pub(crate) status: u16,
    /// JSON, or the text of another body.
    pub(crate) answer: Value,
    /// Malformed on purpose.
    pub(crate) garbled: bool,
    /// Of a repeat: whether status and body were those of the first, byte for byte.
    pub(crate) same_as_first: Option<bool>,
}

impl Stage {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Ringing => "ringing",
            Self::Talking => "talking",
            Self::Ended => "ended",
            Self::Refused => "refused",
            Self::Silent => "silent",
            Self::Unreported => "unreported",
            Self::Reported => "reported",
        }
    }
}

impl Call {
    pub(super) fn new(call_id: &str, wallet: &str, from: Option<&str>, to: &str) -> Self {
        Self {
            call_id: call_id.to_owned(),
            wallet: wallet.to_owned(),
            from: from.map(str::to_owned),
            to: to.to_owned(),
            plan: Plan::default(),
            stage: Stage::Placed,
            answered_at: None,
            granted_seconds: None,
            is_final: false,
            talked_seconds: 0,
            cause: None,
            charge: None,
            refusal: None,
            outcome: None,
            exchanges: Vec::new(),
            hangup: Arc::default(),
            hung_up_at: None,
            report: Due::default(),
        }
    }

    /// Whether the wallet still has to hear of it.
    pub(crate) fn is_open(&self) -> bool {
        use Stage::{Placed, Ringing, Talking, Unreported};
        matches!(self.stage, Placed | Ringing | Talking | Unreported)
    }

    pub(crate) fn can_hang_up(&self) -> bool {
        self.is_open() && self.stage != Stage::Unreported
    }

    /// The caller hangs up; once is enough.
    pub(super) fn hang_up(&mut self) {
        if self.can_hang_up() && self.hung_up_at.is_none() {
            self.hung_up_at = Some(Instant::now());
            self.hangup.notify_one();
        }
    }

    /// The switch that ran the call is gone. What it last measured is reported.
    pub(super) fn lose(&mut self) {
        if self.can_hang_up() {
            self.stage = Stage::Unreported;
            self.cause = Some("switch_restarted".to_owned());
        }
    }
}
