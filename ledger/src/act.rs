//! How an act is run: in a task of its own, again after a conflict, under the same operation id.

use std::future::Future;
use std::time::Duration;

use rand::RngExt;

use crate::Ledger;
use crate::error::{Error, Fault};

/// Tries of one act before the caller is told to come back.
const TRIES: u32 = 5;

impl Ledger {
    /// Runs an act to its end, whatever becomes of the caller.
    ///
    /// A dropped request must not cancel it: cancelling `begin` leaves a pooled connection inside
    /// an open transaction, whose next borrower would lose its writes. Conflicts with other
    /// transactions (40001, 40P01) are tried again, at most five times in all.
    pub(crate) async fn act<T, W, F>(&self, work: W) -> Result<T, Error>
    where
        T: Send + 'static,
        W: Fn(Ledger) -> F + Send + 'static,
        F: Future<Output = Result<T, Fault>> + Send,
    {
        let ledger = self.clone();
        let task = self.inner.acts.spawn(async move {
            let mut tries = 1;
            loop {
                match work(ledger.clone()).await {
                    Err(fault) if fault.is_conflict() && tries < TRIES => {
                        let pause = rand::rng().random_range(1..=10 * u64::from(tries));
                        tokio::time::sleep(Duration::from_millis(pause)).await;
                        tries += 1;
                    }
                    outcome => return outcome,
                }
            }
        });
        match task.await {
            Ok(outcome) => outcome.map_err(Error::from),
            Err(_) => Err(Fault::Inconsistent("the act panicked").into()),
        }
    }
}
