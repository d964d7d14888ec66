//! What a list changes, told and counted.

use domain::rate::Rate;
use time::OffsetDateTime;

/// What a list changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceDiff {
    /// The version it made; none if it was only looked at, or changes nothing.
    pub version: Option<i64>,
    pub changes: Vec<PriceChange>,
    pub unchanged: usize,
}

/// One prefix, before and after a moment; no price before is a new destination, none after an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceChange {
    pub prefix: String,
    pub from: OffsetDateTime,
    pub before: Option<Rate>,
    pub after: Option<Rate>,
}

/// What sort of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeSort {
    New,
    Dearer,
    Cheaper,
    /// The same price by other steps, another fee, another name, blocked or not.
    Other,
    Ended,
}

impl PriceChange {
    pub fn sort(&self) -> ChangeSort {
        match (&self.before, &self.after) {
            (None, _) => ChangeSort::New,
            (_, None) => ChangeSort::Ended,
            (Some(before), Some(after)) => {
                let (before, after) = (before.pricing.per_minute(), after.pricing.per_minute());
                match after.cmp(&before) {
                    std::cmp::Ordering::Greater => ChangeSort::Dearer,
                    std::cmp::Ordering::Less => ChangeSort::Cheaper,
                    std::cmp::Ordering::Equal => ChangeSort::Other,
                }
            }
        }
    }

    /// The destination's name, after the change if there is an after.
    pub fn destination(&self) -> &str {
        let named = self.after.as_ref().or(self.before.as_ref());
        named.map_or("", |rate| &rate.destination)
    }

    /// A side of it as lists write prices: `0.0125 60/6, blocked`.
    pub fn told(side: Option<&Rate>) -> String {
        let Some(rate) = side else {
            return "none".to_owned();
        };
        let pricing = &rate.pricing;
        let fee = match pricing.connection_fee() {
            fee if fee.is_zero() => String::new(),
            fee => format!(" + {}", fee.exact_text()),
        };
        format!(
            "{} {}/{}{fee}{}",
            pricing.per_minute(),
            pricing.initial_seconds(),
            pricing.increment_seconds(),
            if rate.blocked { ", blocked" } else { "" }
        )
    }
}

impl PriceDiff {
    /// How many changes there are of each sort, in one line.
    pub fn summary(&self) -> String {
        let count = |wanted: ChangeSort| {
            let of_sort = self.changes.iter().filter(|change| change.sort() == wanted);
            of_sort.count()
        };
        format!(
            "{} new, {} dearer, {} cheaper, {} otherwise changed, {} ended, {} unchanged",
            count(ChangeSort::New),
            count(ChangeSort::Dearer),
            count(ChangeSort::Cheaper),
            count(ChangeSort::Other),
            count(ChangeSort::Ended),
            self.unchanged
        )
    }
}
