//! The sandbox has its own time, so that a month can pass in a test.

use serde::{Deserialize, Serialize};
use std::time::Duration;
use time::OffsetDateTime;

/// Real time plus what was skipped with `/_sandbox/clock/advance`. It never goes back.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Clock {
    skipped: Duration,
}

impl Clock {
    /// Seconds since 1970, as the API writes every time.
    pub(crate) fn now(&self) -> i64 {
        let skipped = i64::try_from(self.skipped.as_secs()).unwrap_or(i64::MAX);
        wall_clock().saturating_add(skipped)
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.skipped = self.skipped.saturating_add(by);
    }

    pub(crate) fn skipped_seconds(&self) -> u64 {
        self.skipped.as_secs()
    }
}

/// Real seconds since 1970. Webhook signatures use it: who receives them compares with a real clock.
pub(crate) fn wall_clock() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// "November 22, 2026", for pages.
pub(crate) fn date(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).map_or_else(
        |_| "an unknown day".to_owned(),
        |at| format!("{} {}, {}", at.month(), at.day(), at.year()),
    )
}

/// "2026-11-22 13:05:59 UTC", for the control page and the inbox.
pub(crate) fn date_and_time(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).map_or_else(
        |_| "an unknown time".to_owned(),
        |at| {
            let (hour, minute, second) = at.time().as_hms();
            format!("{} {hour:02}:{minute:02}:{second:02} UTC", at.date())
        },
    )
}

/// The day of a time, in UTC.
pub(crate) fn day(seconds: i64) -> time::Date {
    OffsetDateTime::from_unix_timestamp(seconds).map_or(time::Date::MIN, OffsetDateTime::date)
}
