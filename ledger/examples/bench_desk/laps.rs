//! How long each thing took, again and again.

use std::collections::BTreeMap;
use std::time::Instant;

use ledger::Error;

/// Milliseconds by name.
#[derive(Default)]
pub(crate) struct Laps(BTreeMap<&'static str, Vec<f64>>);

impl Laps {
    /// Waits for an answer and notes how long it took; tells how many rows it has.
    pub(crate) async fn time<T>(
        &mut self,
        name: &'static str,
        asked: impl Future<Output = Result<Vec<T>, Error>>,
    ) -> usize {
        let started = Instant::now();
        let rows = asked.await.unwrap();
        let took = started.elapsed().as_secs_f64() * 1_000.0;
        self.0.entry(name).or_default().push(took);
        rows.len()
    }

    /// The slowest of the 95th percentiles; each is printed.
    pub(crate) fn slowest_p95(self) -> f64 {
        let each = self.0.into_iter().map(|(name, mut times)| {
            times.sort_by(f64::total_cmp);
            let (p50, p95) = (times[times.len() / 2], times[times.len() * 95 / 100]);
            println!("{name}: p50 {p50:.2} ms, p95 {p95:.2} ms");
            p95
        });
        each.fold(0.0, f64::max)
    }
}
