//! Days and times as the customer's clock shows them.
//!
//! Written on the server only: a browser that wrote them itself could disagree with the page it got.

use http::header::COOKIE;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use time::OffsetDateTime;

use super::{header, parts};

/// The customer's zone, and what time it is there.
pub(crate) struct LocalTime {
    now: Zoned,
}

impl LocalTime {
    /// In the zone the customer chose, else the one the browser named, both in cookies; else in UTC.
    pub(crate) fn of_request() -> Self {
        let cookies = parts()
            .map(|parts| header(&parts, &COOKIE).to_owned())
            .unwrap_or_default();
        let named = ["chosen_zone=", "time_zone="].iter().find_map(|name| {
            let mut pairs = cookies.split(';');
            pairs.find_map(|pair| pair.trim().strip_prefix(name))
        });
        Self::new(named.unwrap_or_default(), OffsetDateTime::now_utc())
    }

    fn new(zone: &str, now: OffsetDateTime) -> Self {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        Self {
            now: moment(now).to_zoned(zone),
        }
    }

    fn local(&self, at: OffsetDateTime) -> Zoned {
        moment(at).to_zoned(self.now.time_zone().clone())
    }

    /// `UTC`, when that is what the page must say; nothing in a zone the customer chose.
    pub(crate) fn zone_note(&self) -> Option<String> {
        let utc = self.now.time_zone() == &TimeZone::UTC;
        utc.then(|| "UTC".to_owned())
    }

    /// What a clock on the wall shows: `2:41 PM`.
    pub(crate) fn clock_now(&self) -> String {
        self.now.strftime("%-I:%M %p").to_string()
    }

    /// `2:41 PM`
    pub(crate) fn clock(&self, at: OffsetDateTime) -> String {
        self.local(at).strftime("%-I:%M %p").to_string()
    }

    /// `November 22, 2026`
    pub(crate) fn date(&self, at: OffsetDateTime) -> String {
        self.local(at).strftime("%B %-d, %Y").to_string()
    }

    /// `Nov 22`, and with its year when that is another one: for tables.
    pub(crate) fn short_day(&self, at: OffsetDateTime) -> String {
        let day = self.day(at);
        let format = if day.year() == self.now.year() {
            "%b %-d"
        } else {
            "%b %-d, %Y"
        };
        day.strftime(format).to_string()
    }

    /// `November 22, 2026, 2:41:07 PM (Europe/Berlin)`, for hovering.
    pub(crate) fn full(&self, at: OffsetDateTime) -> String {
        let local = self.local(at);
        let zone = local.time_zone().iana_name().unwrap_or("UTC");
        format!("{} ({zone})", local.strftime("%B %-d, %Y, %-I:%M:%S %p"))
    }

    /// `today, 2:41 PM`, `yesterday, 9:05 AM`, `November 3, 2:41 PM`.
    pub(crate) fn lately(&self, at: OffsetDateTime) -> String {
        let day = self.day_title(self.day(at));
        let day = match day.as_str() {
            "Today" | "Yesterday" => day.to_lowercase(),
            _ => day,
        };
        format!("{day}, {}", self.clock(at))
    }

    /// For machines: RFC 3339 in UTC.
    pub(crate) fn machine(&self, at: OffsetDateTime) -> String {
        moment(at).to_string()
    }

    /// The local day a moment falls on.
    pub(crate) fn day(&self, at: OffsetDateTime) -> Date {
        self.local(at).date()
    }

    /// `Today`, `Yesterday`, `Friday, November 20`, and with its year when that is another one.
    pub(crate) fn day_title(&self, day: Date) -> String {
        let today = self.now.date();
        if day == today {
            return "Today".into();
        }
        if day.checked_add(1.day()).ok() == Some(today) {
            return "Yesterday".into();
        }
        let format = if day.year() == today.year() {
            "%A, %B %-d"
        } else {
            "%A, %B %-d, %Y"
        };
        day.strftime(format).to_string()
    }

    /// Today and as many days before it, the oldest first, each with its first moment.
    pub(crate) fn days_up_to_today(&self, before: i64) -> Vec<(Date, OffsetDateTime)> {
        let today = self.now.date();
        let day = |back: i64| {
            let day = today.checked_sub(back.days()).ok()?;
            Some((day, self.start(day)?))
        };
        (0..=before).rev().filter_map(day).collect()
    }

    /// Months from the one of a moment up to this one, the newest first: their name in addresses
    /// (`2026-11`) and on the page (`November 2026`).
    pub(crate) fn months_since(&self, first: OffsetDateTime) -> Vec<(String, String)> {
        let first = self.day(first).first_of_month();
        let mut month = self.now.date().first_of_month();
        let mut months = Vec::new();
        while month >= first {
            let name = month.strftime("%Y-%m").to_string();
            months.push((name, month.strftime("%B %Y").to_string()));
            let Ok(before) = month.checked_sub(1.month()) else {
                break;
            };
            month = before;
        }
        months
    }

    /// A moment as a `datetime-local` field writes it: `2026-11-22T14:41`; none for another text.
    pub(crate) fn moment(&self, text: &str) -> Option<OffsetDateTime> {
        let local: jiff::civil::DateTime = text.parse().ok()?;
        let at = local.to_zoned(self.now.time_zone().clone()).ok()?;
        OffsetDateTime::from_unix_timestamp(at.timestamp().as_second()).ok()
    }

    /// `Nov 22`, for the ends of a line.
    pub(crate) fn short_date(&self, day: Date) -> String {
        day.strftime("%b %-d").to_string()
    }

    /// The first moment of a day written as `2026-11-22`; none for another text.
    pub(crate) fn day_start(&self, date: &str) -> Option<OffsetDateTime> {
        self.start(date.parse().ok()?)
    }

    /// The first moment after that day.
    pub(crate) fn day_end(&self, date: &str) -> Option<OffsetDateTime> {
        let date: Date = date.parse().ok()?;
        self.start(date.tomorrow().ok()?)
    }

    fn start(&self, date: Date) -> Option<OffsetDateTime> {
        let start = date
            .to_zoned(self.now.time_zone().clone())
            .ok()?
            .timestamp();
        OffsetDateTime::from_unix_timestamp(start.as_second()).ok()
    }
}

/// Both types hold every moment of the years 1 to 9999, and the books hold no other.
fn moment(at: OffsetDateTime) -> Timestamp {
    Timestamp::from_nanosecond(at.unix_timestamp_nanos()).unwrap_or_default()
}

#[cfg(test)]
pub(super) fn for_tests(zone: &str, now: OffsetDateTime) -> LocalTime {
    LocalTime::new(zone, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    /// 2026-11-22 02:30 UTC: still the evening of the 21st in Mexico City.
    const NIGHT: i64 = 1_795_314_600;

    #[test]
    fn a_day_is_the_customers_day() {
        let mexico = for_tests("America/Mexico_City", at(NIGHT));
        assert_eq!(mexico.day(at(NIGHT)).to_string(), "2026-11-21");
        assert_eq!(mexico.clock(at(NIGHT)), "8:30 PM");
        assert_eq!(mexico.zone_note(), None);
        let utc = for_tests("", at(NIGHT));
        assert_eq!(utc.day(at(NIGHT)).to_string(), "2026-11-22");
        assert_eq!(utc.zone_note().as_deref(), Some("UTC"));
    }

    #[test]
    fn days_are_named_from_today() {
        let utc = for_tests("", at(NIGHT));
        for (day, title) in [
            ("2026-11-22", "Today"),
            ("2026-11-21", "Yesterday"),
            ("2026-11-20", "Friday, November 20"),
            ("2025-12-31", "Wednesday, December 31, 2025"),
        ] {
            assert_eq!(utc.day_title(day.parse().unwrap()), title);
        }
    }

    #[test]
    fn a_zone_nobody_knows_is_utc() {
        for zone in [
            "Mars/Olympus",
            "../../etc/passwd",
            "\u{0}",
            "Europe/Berlin; Path=/",
        ] {
            assert_eq!(
                for_tests(zone, at(NIGHT)).zone_note().as_deref(),
                Some("UTC"),
                "{zone:?}"
            );
        }
    }

    #[test]
    fn days_and_months_lead_up_to_now() {
        let mexico = for_tests("America/Mexico_City", at(NIGHT));
        let days = mexico.days_up_to_today(30);
        assert_eq!(
            (days.len(), days[0].0.to_string().as_str()),
            (31, "2026-10-22")
        );
        assert_eq!(days[30].0.to_string(), "2026-11-21");
        assert_eq!(mexico.day(days[30].1), days[30].0);
        // In Mexico it was still September.
        let months = mexico.months_since(at(1_790_812_800));
        let names: Vec<&str> = months.iter().map(|month| month.0.as_str()).collect();
        assert_eq!(names, ["2026-11", "2026-10", "2026-09"]);
        assert_eq!(months[0].1, "November 2026");
    }

    #[test]
    fn a_moment_is_read_on_the_customers_clock() {
        let mexico = for_tests("America/Mexico_City", at(NIGHT));
        assert_eq!(mexico.moment("2026-11-21T20:30"), Some(at(NIGHT)));
        for text in ["", "yesterday", "2026-13-01T00:00", "2026-11-21 25:00"] {
            assert_eq!(mexico.moment(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_day_has_the_hours_of_its_zone() {
        let berlin = for_tests("Europe/Berlin", at(NIGHT));
        let start = berlin.day_start("2026-03-29").unwrap();
        let end = berlin.day_end("2026-03-29").unwrap();
        assert_eq!((end - start).whole_hours(), 23);
        assert_eq!(berlin.day_start("2026-02-30"), None);
        assert_eq!(berlin.day_start("yesterday"), None);
    }
}
