//! Price lists as carriers send them: CSV with a line of names on top.

use std::collections::HashMap;
use std::fmt;

use domain::Money;
use domain::rate::{Pricing, Rate, RateKind, UncheckedPricing};
use rust_decimal::Decimal;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, UtcOffset};

const LONGEST_NAME: usize = 120;
const LONGEST_PREFIX: usize = 15;
/// The longest call where a list says nothing, in seconds.
const LONGEST_CALL: u32 = 14_400;

/// What is wrong with one line, in words for the person who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Counted from one; the names are on line one.
    pub line: u64,
    pub problem: String,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

/// A line that is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) line: u64,
    pub(crate) rate: Rate,
    /// From when it is valid; none takes the moment of the list.
    pub(crate) effective: Option<OffsetDateTime>,
}

/// The columns we read and the names carriers give them.
const COLUMNS: [(&str, &[&str]); 11] = [
    ("prefix", &["code", "dial code", "dialcode", "area code"]),
    (
        "destination",
        &["destination name", "country", "name", "description"],
    ),
    ("kind", &["type"]),
    (
        "per_minute",
        &[
            "rate",
            "price",
            "per minute",
            "rate per minute",
            "price per minute",
        ],
    ),
    (
        "connection_fee",
        &["connection fee", "setup fee", "connect fee"],
    ),
    (
        "initial",
        &[
            "initial_seconds",
            "initial increment",
            "first increment",
            "minimum",
        ],
    ),
    (
        "increment",
        &[
            "increment_seconds",
            "next increment",
            "subsequent increment",
            "interval",
        ],
    ),
    ("max_seconds", &["longest call", "max call"]),
    ("blocked", &["block"]),
    (
        "effective",
        &["effective date", "effective from", "valid from"],
    ),
    ("currency", &["rate currency", "price currency"]),
];
const REQUIRED: [&str; 3] = ["prefix", "destination", "per_minute"];

/// Reads a whole list: every line, or every line that is wrong.
pub(crate) fn read(text: &str) -> Result<Vec<Listed>, Vec<BadLine>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let bad = |line: u64, problem: String| BadLine { line, problem };
    let (columns, width) = match reader.headers() {
        Ok(names) => (
            columns(names).map_err(|problem| vec![bad(1, problem)])?,
            names.len(),
        ),
        Err(error) => return Err(vec![bad(1, error.to_string())]),
    };
    let (mut listed, mut wrong) = (Vec::new(), Vec::new());
    let mut seen: HashMap<(String, Option<OffsetDateTime>), u64> = HashMap::new();
    let mut lines = Lines::of(text);
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = lines.at(error.position());
                wrong.push(bad(line, "this is not text in UTF-8".to_owned()));
                continue;
            }
        };
        let line = lines.at(record.position());
        match (Fields {
            columns: &columns,
            width,
            record: &record,
        })
        .read(line)
        {
            Ok(row) => {
                let key = (row.rate.prefix.clone(), row.effective);
                if let Some(first) = seen.insert(key, line) {
                    let prefix = &row.rate.prefix;
                    wrong.push(bad(
                        line,
                        format!("prefix {prefix} is on line {first} already"),
                    ));
                }
                listed.push(row);
            }
            Err(problem) => wrong.push(bad(line, problem)),
        }
    }
    if listed.is_empty() && wrong.is_empty() {
        wrong.push(bad(1, "there is no price below the names".to_owned()));
    }
    if wrong.is_empty() {
        Ok(listed)
    } else {
        Err(wrong)
    }
}

/// Lines as an editor numbers them. The reader's own numbers are wrong where lines end with a carriage
/// return and a line feed, as sheets write them.
struct Lines<'a> {
    text: &'a [u8],
    /// How far they are counted.
    counted: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            counted: 0,
            line: 1,
        }
    }

    /// The line on which a record begins; asked for in their order. Empty lines before it are none of it.
    fn at(&mut self, place: Option<&csv::Position>) -> u64 {
        let begins = place.map_or(0, csv::Position::byte);
        let begins = usize::try_from(begins).unwrap_or(usize::MAX);
        while let Some(byte) = self.text.get(self.counted) {
            if self.counted >= begins && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            self.line += u64::from(*byte == b'\n');
            self.counted += 1;
        }
        self.line
    }
}

/// Where each column is, by our name for it.
fn columns(names: &csv::StringRecord) -> Result<HashMap<&'static str, usize>, String> {
    let mut found = HashMap::new();
    for (index, name) in names.iter().enumerate() {
        let name = name.to_lowercase();
        let known = COLUMNS.iter().find(|(ours, others)| {
            *ours == name || others.contains(&name.replace('_', " ").as_str())
        });
        if let Some((ours, _)) = known
            && found.insert(*ours, index).is_some()
        {
            return Err(format!("two columns say {ours}"));
        }
    }
    match REQUIRED.iter().find(|name| !found.contains_key(**name)) {
        Some(missing) => Err(format!("there is no column {missing}")),
        None => Ok(found),
    }
}

struct Fields<'a> {
    columns: &'a HashMap<&'static str, usize>,
    /// How many names there are.
    width: usize,
    record: &'a csv::StringRecord,
}

impl Fields<'_> {
    /// The field; empty and absent are the same.
    fn text(&self, column: &str) -> Option<&str> {
        let index = *self.columns.get(column)?;
        self.record.get(index).filter(|text| !text.is_empty())
    }

    fn read(&self, line: u64) -> Result<Listed, String> {
        // `0,80` without quotes would be read as a price of nothing and one field more.
        if self
            .record
            .iter()
            .skip(self.width)
            .any(|more| !more.is_empty())
        {
            return Err("there are more fields than names: is a comma in one of them?".to_owned());
        }
        let prefix = self.text("prefix").ok_or("the prefix is missing")?;
        let digits = prefix.strip_prefix('+').unwrap_or(prefix);
        let is_prefix = digits.len() <= LONGEST_PREFIX
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0')
            && !digits.is_empty();
        if !is_prefix {
            return Err(format!(
                "{prefix:?} is not a prefix: 1 to 15 digits, the first not 0"
            ));
        }
        let destination = self
            .text("destination")
            .ok_or("the destination is missing")?;
        if destination.chars().count() > LONGEST_NAME || destination.chars().any(char::is_control) {
            return Err(format!(
                "the destination must be plain text of at most {LONGEST_NAME} letters"
            ));
        }
        let rate = Rate {
            prefix: digits.to_owned(),
            destination: destination.to_owned(),
            kind: self.kind(destination)?,
            pricing: self.pricing()?,
            blocked: self.flag("blocked")?,
        };
        let effective = self.text("effective").map(moment).transpose()?;
        Ok(Listed {
            line,
            rate,
            effective,
        })
    }

    /// Carriers say it in the name, if at all.
    fn kind(&self, destination: &str) -> Result<RateKind, String> {
        if let Some(word) = self.text("kind") {
            return RateKind::ALL
                .iter()
                .copied()
                .find(|kind| kind.word() == word.to_lowercase())
                .ok_or_else(|| format!("{word:?} is not a kind: landline, mobile or special"));
        }
        let name = destination.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
        Ok(
            if says(&["premium", "special", "satellite", "shared cost"]) {
                RateKind::Special
            } else if says(&["mobile", "cellular"]) {
                RateKind::Mobile
            } else {
                RateKind::Landline
            },
        )
    }

    /// Prices are in US dollars, whether a list says so or not.
    fn pricing(&self) -> Result<Pricing, String> {
        if let Some(currency) = self.text("currency")
            && !currency.eq_ignore_ascii_case("USD")
        {
            return Err(format!("the price is in {currency:?}, not in USD"));
        }
        let price = self.text("per_minute").ok_or("the price is missing")?;
        let fee = self.text("connection_fee").unwrap_or("0");
        let terms = UncheckedPricing {
            per_minute: decimal(price)?,
            connection_fee: Money::exact(decimal(fee)?)
                .map_err(|_| format!("{fee:?} has more than four decimals"))?,
            initial_seconds: self.seconds("initial", 1)?,
            increment_seconds: self.seconds("increment", 1)?,
            max_seconds: self.seconds("max_seconds", LONGEST_CALL)?,
        };
        Pricing::try_from(terms).map_err(|error| {
            let text = error.to_string();
            text.strip_prefix("read price: ")
                .unwrap_or(&text)
                .to_owned()
        })
    }

    fn seconds(&self, column: &str, otherwise: u32) -> Result<u32, String> {
        let Some(text) = self.text(column) else {
            return Ok(otherwise);
        };
        text.parse()
            .map_err(|_| format!("{column} {text:?} is not a number of seconds"))
    }

    fn flag(&self, column: &str) -> Result<bool, String> {
        match self.text(column).map(str::to_lowercase).as_deref() {
            None | Some("no" | "false" | "0") => Ok(false),
            Some("yes" | "true" | "1") => Ok(true),
            Some(other) => Err(format!("{column} {other:?} is neither yes nor no")),
        }
    }
}

/// Plain digits with a point: `1e3`, `5,00` and signs are mistakes in a list.
fn decimal(text: &str) -> Result<Decimal, String> {
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_plain
        .then(|| Decimal::from_str_exact(text).ok())
        .flatten()
        .ok_or_else(|| format!("{text:?} is not a price like 0.0125"))
}

/// `2026-12-01`, which is midnight in UTC, or a whole moment.
pub(crate) fn moment(text: &str) -> Result<OffsetDateTime, String> {
    let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
    let moment = day
        .map(|day| day.midnight().assume_utc())
        .or_else(|_| OffsetDateTime::parse(text, &Rfc3339));
    // The last night of the calendar has no place in UTC.
    let moment = moment
        .ok()
        .and_then(|at| at.checked_to_offset(UtcOffset::UTC));
    moment.ok_or_else(|| format!("{text:?} is not a date like 2026-12-01"))
}

#[cfg(test)]
#[path = "price_list_tests.rs"]
mod tests;
