//! Days and times as the customer's clock shows them.
//!
//! Written on the server only: a browser that wrote them itself could disagree with the page it got.

use http::header::COOKIE;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use language::{Language, tell};
use time::OffsetDateTime;

use super::{header, parts};
use crate::speech;

/// The customer's zone, what time it is there, and the language to say it in.
pub(crate) struct LocalTime {
    now: Zoned,
    language: Language,
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
            language: speech::language(),
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

    /// `Europe/Berlin`
    pub(crate) fn zone(&self) -> &str {
        self.now.time_zone().iana_name().unwrap_or("UTC")
    }

    pub(crate) fn today(&self) -> Date {
        self.now.date()
    }

    /// What a clock on the wall shows: `2:41 PM`.
    pub(crate) fn clock_now(&self) -> String {
        self.time(&self.now, "%-I:%M", "%H:%M")
    }

    /// `2:41 PM`
    pub(crate) fn clock(&self, at: OffsetDateTime) -> String {
        self.time(&self.local(at), "%-I:%M", "%H:%M")
    }

    /// By the clock of twelve hours, or of twenty-four where that is usual.
    fn time(&self, at: &Zoned, twelve: &str, twenty_four: &str) -> String {
        if self.language == Language::French {
            return at.strftime(twenty_four).to_string();
        }
        let half = if at.hour() < 12 {
            tell!(self.language, clock::AM)
        } else {
            tell!(self.language, clock::PM)
        };
        let time = at.strftime(twelve).to_string();
        format!("{time} {half}")
    }

    /// `November 22, 2026`
    pub(crate) fn date(&self, at: OffsetDateTime) -> String {
        self.date_of(self.day(at))
    }

    fn date_of(&self, day: Date) -> String {
        tell!(
            self.language,
            clock::DATE,
            day = day.day().to_string(),
            month = self.month(day),
            year = day.year().to_string()
        )
    }

    /// `Nov 22`, and with its year when that is another one: for tables.
    pub(crate) fn short_day(&self, at: OffsetDateTime) -> String {
        let day = self.day(at);
        if day.year() == self.now.year() {
            return self.short_date(day);
        }
        tell!(
            self.language,
            clock::SHORT_DATE,
            day = day.day().to_string(),
            month = self.short_month(day),
            year = day.year().to_string()
        )
    }

    /// `November 22, 2026, 2:41:07 PM (Europe/Berlin)`, for hovering.
    pub(crate) fn full(&self, at: OffsetDateTime) -> String {
        let local = self.local(at);
        let time = self.time(&local, "%-I:%M:%S", "%H:%M:%S");
        let moment = tell!(
            self.language,
            clock::MOMENT,
            date = self.date(at),
            time = time
        );
        format!("{moment} ({})", self.zone())
    }

    /// `today, 2:41 PM`, `yesterday, 9:05 AM`, `November 3, 2:41 PM`.
    pub(crate) fn lately(&self, at: OffsetDateTime) -> String {
        let day = self.day(at);
        let title = self.day_title(day);
        let title = if self.is_named(day) {
            title.to_lowercase()
        } else {
            title
        };
        tell!(
            self.language,
            clock::MOMENT,
            date = title,
            time = self.clock(at)
        )
    }

    /// For machines: RFC 3339 in UTC.
    pub(crate) fn machine(&self, at: OffsetDateTime) -> String {
        moment(at).to_string()
    }

    /// The local day a moment falls on.
    pub(crate) fn day(&self, at: OffsetDateTime) -> Date {
        self.local(at).date()
    }

    /// Whether it is today or yesterday.
    fn is_named(&self, day: Date) -> bool {
        let today = self.now.date();
        day == today || day.checked_add(1.day()).ok() == Some(today)
    }

    /// `Today`, `Yesterday`, `Friday, November 20`, and with its year when that is another one.
    pub(crate) fn day_title(&self, day: Date) -> String {
        let today = self.now.date();
        if self.is_named(day) {
            return if day == today {
                tell!(self.language, clock::TODAY)
            } else {
                tell!(self.language, clock::YESTERDAY)
            };
        }
        let date = if day.year() == today.year() {
            tell!(
                self.language,
                clock::DAY,
                day = day.day().to_string(),
                month = self.month(day)
            )
        } else {
            self.date_of(day)
        };
        tell!(
            self.language,
            clock::WEEKDAY,
            weekday = self.weekday(day),
            day = date
        )
    }

    fn weekday(&self, day: Date) -> String {
        match day.weekday() {
            Weekday::Monday => tell!(self.language, clock::MONDAY),
            Weekday::Tuesday => tell!(self.language, clock::TUESDAY),
            Weekday::Wednesday => tell!(self.language, clock::WEDNESDAY),
            Weekday::Thursday => tell!(self.language, clock::THURSDAY),
            Weekday::Friday => tell!(self.language, clock::FRIDAY),
            Weekday::Saturday => tell!(self.language, clock::SATURDAY),
            Weekday::Sunday => tell!(self.language, clock::SUNDAY),
        }
    }

    fn month(&self, day: Date) -> String {
        language::month(day.month().unsigned_abs(), self.language)
    }

    fn short_month(&self, day: Date) -> String {
        language::short_month(day.month().unsigned_abs(), self.language)
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
            let title = tell!(
                self.language,
                clock::MONTH,
                month = self.month(month),
                year = month.year().to_string()
            );
            months.push((name, title));
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
        tell!(
            self.language,
            clock::SHORT_DAY,
            day = day.day().to_string(),
            month = self.short_month(day)
        )
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
    fn each_language_says_its_own_days_and_hours() {
        let told = |language| {
            let clock = LocalTime {
                language,
                ..for_tests("", at(NIGHT))
            };
            let (day, old) = ("2026-11-20".parse().unwrap(), at(NIGHT - 400 * 86_400));
            format!(
                "{} | {} | {}",
                clock.day_title(day),
                clock.lately(at(NIGHT)),
                clock.full(old)
            )
        };
        for (language, text) in [
            (
                Language::Spanish,
                "viernes, 20 de noviembre | hoy, 2:30 a. m. | 18 de octubre de 2025, 2:30:00 a. m. (UTC)",
            ),
            (
                Language::French,
                "vendredi 20 novembre | aujourd’hui, 02:30 | 18 octobre 2025, 02:30:00 (UTC)",
            ),
            (
                Language::Hindi,
                "शुक्रवार, 20 नवंबर | आज, 2:30 am | 18 अक्टूबर 2025, 2:30:00 am (UTC)",
            ),
        ] {
            assert_eq!(told(language), text);
        }
        let arabic = told(Language::Arabic).replace(['\u{2067}', '\u{2068}', '\u{2069}'], "");
        assert!(
            arabic.starts_with("الجمعة، 20 نوفمبر | اليوم، 2:30 ص | "),
            "{arabic}"
        );
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
