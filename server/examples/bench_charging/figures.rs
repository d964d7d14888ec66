//! What became of requests, and how long each took from the moment it was due.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::load::Act;
use crate::wire::Outcome;

#[derive(Clone)]
pub(crate) struct Done {
    pub(crate) act: Act,
    /// When it was due, from the start of the schedule.
    pub(crate) due: Duration,
    pub(crate) outcome: Outcome,
    pub(crate) milliseconds: f64,
}

#[derive(Default)]
pub(crate) struct Figures(pub(crate) Vec<Done>);

impl Figures {
    /// Milliseconds of the p-th percentile of what was answered with success.
    pub(crate) fn percentile(&self, p: f64) -> f64 {
        let good = self.0.iter().filter(|done| done.outcome.is_success());
        let mut times: Vec<f64> = good.map(|done| done.milliseconds).collect();
        times.sort_by(f64::total_cmp);
        let last = times.len().saturating_sub(1);
        let index = (last as f64 * p / 100.0).round() as usize;
        times.get(index).copied().unwrap_or(f64::INFINITY)
    }

    /// New calls that were turned away in time.
    pub(crate) fn refused(&self) -> usize {
        let refused =
            |done: &&Done| done.act == Act::Authorize && done.outcome == Outcome::Status(503);
        self.0.iter().filter(refused).count()
    }

    /// Everything else that was not answered with success.
    pub(crate) fn errors(&self) -> usize {
        let good = self.0.iter().filter(|done| done.outcome.is_success());
        self.0.len() - good.count() - self.refused()
    }

    /// The share of updates that succeeded.
    pub(crate) fn updates_ok(&self) -> f64 {
        self.share_ok(Act::Update)
    }

    fn share_ok(&self, act: Act) -> f64 {
        let all = || self.0.iter().filter(|done| done.act == act);
        let good = all().filter(|done| done.outcome.is_success()).count();
        good as f64 / all().count().max(1) as f64
    }

    /// The figures of each second.
    pub(crate) fn by_second(&self) -> Vec<Figures> {
        let mut seconds: BTreeMap<u64, Figures> = BTreeMap::new();
        for done in &self.0 {
            let second = seconds.entry(done.due.as_secs()).or_default();
            second.0.push(done.clone());
        }
        seconds.into_values().collect()
    }

    pub(crate) fn print(&self, name: &str, rate: f64) {
        let mut failed = BTreeMap::new();
        for done in self.0.iter().filter(|done| !done.outcome.is_success()) {
            *failed.entry(done.outcome).or_insert(0) += 1;
        }
        let failed: Vec<_> = failed
            .iter()
            .map(|(outcome, count)| format!("{outcome}: {count}"))
            .collect();
        println!(
            "{name} at {rate:.0}/s: {} requests, p50 {:.2} ms, p99 {:.2} ms; of authorize {:.1} %, update {:.1} %, \
             end {:.1} % done; not done: {}",
            self.0.len(),
            self.percentile(50.0),
            self.percentile(99.0),
            self.share_ok(Act::Authorize) * 100.0,
            self.share_ok(Act::Update) * 100.0,
            self.share_ok(Act::End) * 100.0,
            if failed.is_empty() {
                "none".to_owned()
            } else {
                failed.join(", ")
            }
        );
    }
}
