//! A month as the customer's calendar has it.

use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use language::{Language, short_month, tell};
use time::OffsetDateTime;

pub(super) struct Month {
    /// `2026-11`
    pub(super) name: String,
    first: Date,
    pub(super) from: OffsetDateTime,
    /// Exclusive.
    pub(super) until: OffsetDateTime,
    pub(super) clock: Clock,
}

/// The clock that times are written by.
pub(super) struct Clock(pub(super) TimeZone);

/// The zone the customer chose, else the one the browser named, else UTC.
pub(super) fn zone(chosen: Option<&str>, headers: &HeaderMap) -> TimeZone {
    let cookies = headers.get_all(header::COOKIE).iter();
    let named = cookies
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|pair| pair.trim().strip_prefix("time_zone="));
    [chosen, named]
        .into_iter()
        .flatten()
        .find_map(|name| TimeZone::get(name).ok())
        .unwrap_or(TimeZone::UTC)
}

impl Month {
    /// Reads `2026-11`; none for anything else.
    pub(super) fn read(name: &str, zone: &TimeZone) -> Option<Self> {
        // Exactly this shape: every month has one name.
        let plain = name.len() == 7 && name.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let first: Date = plain.then(|| format!("{name}-01").parse().ok())??;
        let next = first.checked_add(1.month()).ok()?;
        Some(Self {
            name: name.to_owned(),
            first,
            from: start(first, zone)?,
            until: start(next, zone)?,
            clock: Clock(zone.clone()),
        })
    }

    /// `November 2026`
    pub(super) fn title(&self, language: Language) -> String {
        tell!(
            language,
            clock::MONTH,
            month = month(self.first, language),
            year = self.first.year().to_string()
        )
    }

    /// `November 30, 2026`: the last day in it.
    pub(super) fn last_day(&self, language: Language) -> String {
        date(self.first.last_of_month(), language)
    }

    pub(super) fn first_day(&self, language: Language) -> String {
        date(self.first, language)
    }
}

impl Clock {
    /// `America/Mexico_City`
    pub(super) fn zone_name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// `2026-11-22T14:41:07-06:00`
    pub(super) fn exact(&self, at: OffsetDateTime) -> String {
        self.local(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// `Nov 22, 2:41 PM`
    pub(super) fn short(&self, at: OffsetDateTime, language: Language) -> String {
        let at = self.local(at);
        let day = tell!(
            language,
            clock::SHORT_DAY,
            day = at.day().to_string(),
            month = short_month(number(at.date()), language)
        );
        let half = if at.hour() < 12 {
            tell!(language, clock::AM)
        } else {
            tell!(language, clock::PM)
        };
        let time = match language {
            Language::French => at.strftime("%H:%M").to_string(),
            _ => tell!(
                language,
                clock::HALF_DAY,
                time = at.strftime("%-I:%M").to_string(),
                half = half
            ),
        };
        tell!(language, clock::MOMENT, date = day, time = time)
    }

    fn local(&self, at: OffsetDateTime) -> jiff::Zoned {
        // Both types hold every moment of the years 1 to 9999, and the books hold no other.
        Timestamp::from_nanosecond(at.unix_timestamp_nanos())
            .unwrap_or_default()
            .to_zoned(self.0.clone())
    }
}

/// From 1 for January.
fn number(day: Date) -> u8 {
    day.month().unsigned_abs()
}

fn month(day: Date, language: Language) -> String {
    language::month(number(day), language)
}

fn date(day: Date, language: Language) -> String {
    tell!(
        language,
        clock::DATE,
        day = day.day().to_string(),
        month = month(day, language),
        year = day.year().to_string()
    )
}

fn start(day: Date, zone: &TimeZone) -> Option<OffsetDateTime> {
    let start = day.to_zoned(zone.clone()).ok()?.timestamp();
    OffsetDateTime::from_unix_timestamp(start.as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_and_ends_on_the_customers_calendar() {
        let chicago = TimeZone::get("America/Chicago").unwrap();
        let month = Month::read("2026-11", &chicago).unwrap();
        // The clocks go back on the first of November: the month has an hour more.
        assert_eq!((month.until - month.from).whole_hours(), 30 * 24 + 1);
        assert_eq!(month.clock.exact(month.from), "2026-11-01T00:00:00-05:00");
        assert_eq!(month.title(Language::English), "November 2026");
        assert_eq!(month.last_day(Language::English), "November 30, 2026");
        assert_eq!(month.first_day(Language::Spanish), "1 de noviembre de 2026");
        let at = month.from + time::Duration::minutes(14 * 60 + 41);
        let short = |language| month.clock.short(at, language);
        assert_eq!(short(Language::English), "Nov 1, 1:41 PM");
        assert_eq!(short(Language::French), "1 nov., 13:41");
        assert_eq!(month.clock.zone_name(), "America/Chicago");
        let next = Month::read("2026-12", &chicago).unwrap();
        assert_eq!(month.until, next.from);
    }

    #[test]
    fn what_is_not_a_month_is_none() {
        for text in [
            "",
            "2026",
            "2026-13",
            "2026-00",
            "2026-1",
            "26-11",
            "2026-11-01",
            "+026-11",
            "٢٠٢٦-11",
            "9999-99",
            "../../x",
        ] {
            assert!(Month::read(text, &TimeZone::UTC).is_none(), "{text:?}");
        }
    }

    #[test]
    fn the_chosen_zone_comes_before_the_browsers() {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", "a=b; time_zone=Europe/Berlin".parse().unwrap());
        let name = |chosen| zone(chosen, &headers).iana_name().map(str::to_owned);
        assert_eq!(name(Some("Asia/Kolkata")).as_deref(), Some("Asia/Kolkata"));
        assert_eq!(name(None).as_deref(), Some("Europe/Berlin"));
        assert_eq!(name(Some("Mars")).as_deref(), Some("Europe/Berlin"));
        assert_eq!(zone(None, &HeaderMap::new()), TimeZone::UTC);
    }
}
