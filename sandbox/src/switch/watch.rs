//! A watch that runs at the pace of the simulation.

use crate::world::World;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// A change of pace is noticed this soon.
const GLANCE: Duration = Duration::from_millis(100);

/// Simulated time from a moment on.
#[derive(Debug)]
pub(super) struct Watch {
    /// What it shows, at a real moment, and how fast it has run since.
    shown: Duration,
    at: Instant,
    pace: u32,
}

/// Why a wait is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Woken {
    Time,
    HungUp,
}

impl Watch {
    pub(super) fn start(pace: u32) -> Self {
        Self {
            shown: Duration::ZERO,
            at: Instant::now(),
            pace,
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.read(Instant::now())
    }

    /// What it shows at a real moment since the last change of pace.
    pub(super) fn read(&self, at: Instant) -> Duration {
        self.shown + at.saturating_duration_since(self.at) * self.pace
    }

    /// Waits until it shows a second, or somebody hangs up first. Late is now: time that passed
    /// while the wallet was slow to answer has passed.
    pub(super) async fn wait_until(&mut self, world: &World, second: u64, bell: &Notify) -> Woken {
        loop {
            self.set_pace(world.state().switch.pace());
            let left = Duration::from_secs(second).saturating_sub(self.elapsed()) / self.pace;
            tokio::select! {
                biased;
                () = bell.notified() => return Woken::HungUp,
                () = tokio::time::sleep(left.min(GLANCE)) => {}
            }
            if left <= GLANCE {
                return Woken::Time;
            }
        }
    }

    fn set_pace(&mut self, pace: u32) {
        if pace != self.pace {
            *self = Self {
                shown: self.elapsed(),
                at: Instant::now(),
                pace,
            };
        }
    }
}
