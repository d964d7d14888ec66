//! What a price list changes, in lines.

use domain::rate::Rate;
use ledger::{PriceChange, PriceDiff};
use time::format_description::well_known::Rfc3339;

/// Changes that are told one by one.
const SHOWN: usize = 40;

/// The first changes, then how many of each sort.
pub(crate) fn report(diff: &PriceDiff) -> String {
    let mut lines: Vec<String> = diff.changes.iter().take(SHOWN).map(line).collect();
    if diff.changes.len() > SHOWN {
        lines.push(format!("… and {} more", diff.changes.len() - SHOWN));
    }
    let count = |wanted: Sort| {
        diff.changes
            .iter()
            .filter(|change| sort(change) == wanted)
            .count()
    };
    lines.push(format!(
        "{} new, {} dearer, {} cheaper, {} otherwise changed, {} ended, {} unchanged",
        count(Sort::New),
        count(Sort::Dearer),
        count(Sort::Cheaper),
        count(Sort::Other),
        count(Sort::Ended),
        diff.unchanged
    ));
    lines.push(match diff.version {
        Some(version) => format!("Imported as price list {version}."),
        None => "Nothing was written.".to_owned(),
    });
    lines.join("\n")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    New,
    Dearer,
    Cheaper,
    Other,
    Ended,
}

fn sort(change: &PriceChange) -> Sort {
    match (&change.before, &change.after) {
        (None, _) => Sort::New,
        (_, None) => Sort::Ended,
        (Some(before), Some(after)) => {
            let (before, after) = (before.pricing.per_minute(), after.pricing.per_minute());
            match after.cmp(&before) {
                std::cmp::Ordering::Greater => Sort::Dearer,
                std::cmp::Ordering::Less => Sort::Cheaper,
                std::cmp::Ordering::Equal => Sort::Other,
            }
        }
    }
}

fn line(change: &PriceChange) -> String {
    let price = |rate: &Option<Rate>| match rate {
        None => "none".to_owned(),
        Some(rate) => {
            let blocked = if rate.blocked { ", blocked" } else { "" };
            let pricing = &rate.pricing;
            format!(
                "{} {}/{}{blocked}",
                pricing.per_minute(),
                pricing.initial_seconds(),
                pricing.increment_seconds()
            )
        }
    };
    let named = change.after.as_ref().or(change.before.as_ref());
    format!(
        "{:<15} {:<40} {} → {} from {}",
        change.prefix,
        named.map_or("", |rate| &rate.destination),
        price(&change.before),
        price(&change.after),
        change.from.format(&Rfc3339).unwrap_or_default()
    )
}
