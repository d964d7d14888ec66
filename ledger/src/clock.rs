//! The time, as one value that tests can move.
//!
//! What decides about money must not depend on the machine: of two servers whose clocks differ by a day, one
//! would take from the other what it is at, and think a request of this second forgotten by Stripe. So all
//! follow the clock of the database they share.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use time::{Duration, OffsetDateTime};

use crate::Ledger;
use crate::error::Error;

/// A difference that the way to the database and back explains.
const NO_DIFFERENCE: Duration = Duration::SECOND;
/// An answer that took longer does not tell the time.
const TOO_LONG: Duration = Duration::seconds(5);
/// A machine this far off needs a person: it also refuses what Stripe signs.
const ALARMING: Duration = Duration::minutes(5);

/// The system's time, corrected to the database's, plus an offset shared by all clones; the offset is zero in
/// production.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_micros: Arc<AtomicI64>,
    /// How far the database's clock is ahead of the machine's.
    ahead_micros: Arc<AtomicI64>,
    /// How far the machine's clock is off, where a test says so.
    machine_micros: i64,
}

impl Clock {
    /// The clock of a machine that is off by so much, for tests.
    pub fn of_a_machine_off_by(by: Duration) -> Self {
        Self {
            machine_micros: micros(by),
            ..Self::default()
        }
    }

    /// Now in UTC, in whole microseconds, which is what Postgres keeps.
    pub fn now(&self) -> OffsetDateTime {
        let ahead = self.ahead_micros.load(Ordering::Relaxed);
        let offset = self.offset_micros.load(Ordering::Relaxed);
        let now = self.machine() + Duration::microseconds(ahead + offset);
        let whole = now.nanosecond() / 1_000 * 1_000;
        now.replace_nanosecond(whole)
            .expect("fewer nanoseconds than before")
    }

    fn machine(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + Duration::microseconds(self.machine_micros)
    }

    /// How far tests have moved this clock, in microseconds.
    pub(crate) fn offset_micros(&self) -> i64 {
        self.offset_micros.load(Ordering::Relaxed)
    }

    /// Moves this clock and its clones forward.
    pub fn advance(&self, by: Duration) {
        self.offset_micros.fetch_add(micros(by), Ordering::Relaxed);
    }
}

fn micros(by: Duration) -> i64 {
    i64::try_from(by.whole_microseconds()).expect("a clock is off by less than an age")
}

impl Ledger {
    /// Reads the database's clock and follows it from now on; tells how far the machine's is behind it.
    pub async fn follow_clock(&self) -> Result<Duration, Error> {
        let clock = self.clock();
        let asked = clock.machine();
        let there: OffsetDateTime = sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#)
            .fetch_one(self.web())
            .await?;
        let took = clock.machine() - asked;
        let ahead: Duration = there - (asked + took / 2);
        let ahead = if ahead.abs() <= NO_DIFFERENCE.max(took) {
            Duration::ZERO
        } else {
            ahead
        };
        if !took.is_negative() && took < TOO_LONG {
            clock.ahead_micros.store(micros(ahead), Ordering::Relaxed);
        }
        if ahead.abs() > ALARMING {
            let seconds = ahead.whole_seconds();
            tracing::error!(
                seconds,
                "the clock of this machine is off: the database's is followed"
            );
        }
        Ok(ahead)
    }
}
