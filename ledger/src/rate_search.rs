//! The public price list: destinations by country, by name or by number.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::offer::{Offer, Upcoming};
use time::OffsetDateTime;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::Ledger;
use crate::error::Error;
use crate::number;
use crate::rates::{Book, Timed};

/// The most destinations one answer names.
const MOST: usize = 100;

/// All destinations as they are sold until the next price begins.
pub(crate) struct Offers {
    valid_until: Option<OffsetDateTime>,
    /// Names without case and accents beside the destinations, in their order.
    by_name: Vec<(String, Arc<Offer>)>,
    by_prefix: BTreeMap<String, Arc<Offer>>,
}

impl Offers {
    pub(crate) fn of(book: &Book, now: OffsetDateTime) -> Self {
        let mut groups: BTreeMap<String, Offer> = BTreeMap::new();
        let mut valid_until: Option<OffsetDateTime> = None;
        for (prefix, periods) in book.timelines() {
            let current = periods.iter().find(|period| period.is_valid(now));
            let next = periods
                .iter()
                .filter(|period| period.from > now)
                .min_by_key(|period| period.from);
            let begins = next.map(|period| period.from);
            let ends = current.and_then(|period| period.to);
            valid_until = [valid_until, begins, ends].into_iter().flatten().min();
            let Some(current) = current else { continue };
            let rate = &current.rate;
            let upcoming = upcoming(book, prefix, current, next);
            // What makes two prefixes one line of the list; the name first, for the order.
            let key = format!(
                "{}\0{}\0{:?}{}{upcoming:?}",
                folded(&rate.destination),
                rate.kind.word(),
                rate.pricing,
                rate.blocked
            );
            let offer = groups.entry(key).or_insert_with(|| Offer {
                destination: rate.destination.clone(),
                kind: rate.kind,
                pricing: rate.pricing,
                blocked: rate.blocked,
                prefixes: Vec::new(),
                upcoming,
            });
            offer.prefixes.push(prefix.clone());
        }
        let (mut by_name, mut by_prefix) = (Vec::new(), BTreeMap::new());
        for (key, mut offer) in groups {
            offer.prefixes.sort();
            let name = key.split('\0').next().unwrap_or_default().to_owned();
            let offer = Arc::new(offer);
            for prefix in &offer.prefixes {
                by_prefix.insert(prefix.clone(), offer.clone());
            }
            by_name.push((name, offer));
        }
        Self {
            valid_until,
            by_name,
            by_prefix,
        }
    }

    pub(crate) fn is_valid(&self, now: OffsetDateTime) -> bool {
        self.valid_until.is_none_or(|until| now < until)
    }

    /// Names that begin with the text, then names that have a word beginning with it.
    fn named(&self, text: &str) -> Vec<Arc<Offer>> {
        let text = folded(text);
        let text = other_name(&text).map_or(text, str::to_owned);
        let starts = self
            .by_name
            .iter()
            .filter(|(name, _)| name.starts_with(&text));
        let inner = format!(" {text}");
        let contains = self
            .by_name
            .iter()
            .filter(|(name, _)| !name.starts_with(&text) && name.contains(&inner));
        let found = starts.chain(contains).map(|(_, offer)| offer.clone());
        found.take(MOST).collect()
    }

    /// The destination that a call to this number takes.
    fn of_number(&self, digits: &str) -> Option<Arc<Offer>> {
        (1..=digits.len())
            .rev()
            .find_map(|length| self.by_prefix.get(digits.get(..length)?))
            .cloned()
    }

    /// Destinations whose prefix begins with these digits: somebody is still typing.
    fn below(&self, digits: &str) -> Vec<Arc<Offer>> {
        let mut found: Vec<Arc<Offer>> = Vec::new();
        let longer = self.by_prefix.range(digits.to_owned()..);
        for (_, offer) in longer.take_while(|(prefix, _)| prefix.starts_with(digits)) {
            if !found.iter().any(|known| Arc::ptr_eq(known, offer)) {
                found.push(offer.clone());
            }
            if found.len() == MOST {
                break;
            }
        }
        found
    }
}

/// The next change of a prefix: another price, or the end of this one. Then a number costs what the
/// shorter prefix costs, or is called no longer.
fn upcoming(book: &Book, prefix: &str, current: &Timed, next: Option<&Timed>) -> Option<Upcoming> {
    let end = current
        .to
        .filter(|end| next.is_none_or(|next| *end < next.from));
    let Some(end) = end else {
        return next.map(|next| Upcoming {
            from: next.from,
            pricing: next.rate.pricing,
            blocked: next.rate.blocked,
        });
    };
    let shorter = prefix.get(..prefix.len() - 1).unwrap_or_default();
    let rate = book.find(shorter, end);
    Some(Upcoming {
        from: end,
        pricing: rate
            .as_ref()
            .map_or(current.rate.pricing, |rate| rate.pricing),
        blocked: rate.is_none_or(|rate| rate.blocked),
    })
}

/// What people call a country that the list calls otherwise.
fn other_name(folded: &str) -> Option<&'static str> {
    Some(match folded {
        "usa" | "us" | "america" => "united states",
        "uk" | "gb" | "great britain" | "britain" | "england" | "scotland" | "wales" => {
            "united kingdom"
        }
        "uae" | "dubai" | "emirates" => "united arab emirates",
        "holland" => "netherlands",
        "ivory coast" => "cote d",
        "korea" => "south korea",
        "deutschland" => "germany",
        "espana" => "spain",
        "brasil" => "brazil",
        _ => return None,
    })
}

/// Without case and accents: `México` and `mexico` are one.
fn folded(text: &str) -> String {
    text.nfd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

impl Ledger {
    /// Destinations for what somebody typed: a country or a name in any case or accent, a whole
    /// number in any format, or its first digits. Nothing typed is the whole list, at most 100.
    pub async fn rates_search(&self, text: &str) -> Result<Vec<Arc<Offer>>, Error> {
        let book = self.newest_book().await?;
        let offers = book.offers(self.clock().now());
        let text = text.trim();
        if text.chars().any(char::is_alphabetic) || text.is_empty() {
            return Ok(offers.named(text));
        }
        if let Some(digits) = number::pasted_digits(text)
            && let Some(offer) = offers.of_number(&digits)
        {
            // More than its prefix may be blocked.
            let blocked = offer.blocked || book.guards.block(&digits);
            return Ok(vec![Arc::new(Offer {
                blocked,
                ..(*offer).clone()
            })]);
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() {
            return Ok(Vec::new());
        }
        let below = offers.below(digits);
        if below.is_empty() {
            return Ok(offers.of_number(digits).into_iter().collect());
        }
        Ok(below)
    }
}
