//! The time, as one value that tests can move.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use time::{Duration, OffsetDateTime};

/// The system's time plus an offset shared by all clones; the offset is zero in production.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_micros: Arc<AtomicI64>,
}

impl Clock {
    /// Now in UTC, in whole microseconds, which is what Postgres keeps.
    pub fn now(&self) -> OffsetDateTime {
        let offset = Duration::microseconds(self.offset_micros.load(Ordering::Relaxed));
        let now = OffsetDateTime::now_utc() + offset;
        let whole = now.nanosecond() / 1_000 * 1_000;
        now.replace_nanosecond(whole)
            .expect("fewer nanoseconds than before")
    }

    /// How far this clock is ahead of the system's, in microseconds.
    pub(crate) fn offset_micros(&self) -> i64 {
        self.offset_micros.load(Ordering::Relaxed)
    }

    /// Moves this clock and its clones forward.
    pub fn advance(&self, by: Duration) {
        let micros =
            i64::try_from(by.whole_microseconds()).expect("a test advances by less than an age");
        self.offset_micros.fetch_add(micros, Ordering::Relaxed);
    }
}
