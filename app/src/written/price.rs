//! Prices in words: what a minute costs, in which steps it is billed, how long money lasts.

use domain::Money;
use domain::offer::Offer;
use domain::rate::{Pricing, RateKind};

use crate::speech::{self, Told};

/// `$0.0107`: every decimal there is, at least two.
pub(super) fn per_minute(pricing: &Pricing) -> String {
    let price = pricing.per_minute().normalize();
    language::price(
        &format!("{:.*}", price.scale().max(2) as usize, price),
        speech::language(),
    )
}

pub(super) fn kind(kind: RateKind) -> String {
    match kind {
        RateKind::Landline => say!(price::LANDLINE),
        RateKind::Mobile => say!(price::MOBILE),
        RateKind::Special => say!(price::SPECIAL),
    }
}

/// In which steps time is billed, and what a call costs beside its minutes.
pub(super) fn terms(pricing: &Pricing) -> String {
    let steps = match (pricing.initial_seconds(), pricing.increment_seconds()) {
        (1, 1) => say!(price::BY_SECOND),
        (60, 60) => say!(price::BY_MINUTE),
        (initial, increment) if initial == increment => {
            say!(price::STEPS, count = increment)
        }
        (initial, increment) => say!(
            price::FIRST_THEN,
            initial = initial,
            increment = say!(price::SECONDS, count = increment)
        ),
    };
    let fee = pricing.connection_fee();
    if fee.is_zero() {
        say!(price::NO_FEE, steps = steps)
    } else {
        say!(price::WITH_FEE, steps = steps, fee = fee.exact_told())
    }
}

/// What ten dollars buy: `460 minutes`.
pub(super) fn ten_dollars_buy(offer: &Offer) -> String {
    if offer.blocked {
        return say!(price::NOT_CALLED);
    }
    if offer.pricing.per_minute().is_zero() && offer.pricing.connection_fee().is_zero() {
        return say!(price::FREE);
    }
    say!(
        price::MINUTES,
        count = offer.minutes_for(Money::from_dollars(10))
    )
}

/// How long one can talk: `9 h 12 min`, `3 min 20 s`, `45 s`.
pub(super) fn length(seconds: u32) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, rest) => say!(price::SECONDS_SHORT, seconds = rest),
        (0, minutes, 0) => say!(price::MINUTES_SHORT, minutes = minutes),
        (0, minutes, rest) => say!(price::MINUTES_SECONDS, minutes = minutes, seconds = rest),
        (hours, 0, _) => say!(price::HOURS, hours = hours),
        (hours, minutes, _) => say!(price::HOURS_MINUTES, hours = hours, minutes = minutes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::rate::UncheckedPricing;

    fn pricing(per_minute: &str, fee: &str, initial: u32, increment: u32) -> Pricing {
        Pricing::try_from(UncheckedPricing {
            per_minute: per_minute.parse().unwrap(),
            connection_fee: fee.parse().unwrap(),
            initial_seconds: initial,
            increment_seconds: increment,
            max_seconds: 14_400,
        })
        .unwrap()
    }

    #[test]
    fn a_price_has_every_decimal_it_has() {
        for (price, shown) in [
            ("0.0107", "$0.0107"),
            ("0.1", "$0.10"),
            ("0.012345", "$0.012345"),
            ("0", "$0.00"),
            ("2", "$2.00"),
        ] {
            assert_eq!(per_minute(&pricing(price, "0", 1, 1)), shown);
        }
    }

    #[test]
    fn steps_and_fees_are_sentences() {
        for (fee, initial, increment, said) in [
            ("0", 1, 1, "Billed by the second; no connection fee"),
            (
                "0.05",
                60,
                60,
                "Billed by the minute, each begun one whole; $0.05 once for each call",
            ),
            (
                "0",
                30,
                6,
                "The first 30 seconds are billed whole, then 6 seconds at a time; no connection fee",
            ),
            ("0", 6, 6, "Billed in steps of 6 seconds; no connection fee"),
        ] {
            assert_eq!(terms(&pricing("0.1", fee, initial, increment)), said);
        }
    }

    #[test]
    fn lengths_are_told_as_people_tell_them() {
        for (seconds, said) in [
            (0, "0 s"),
            (45, "45 s"),
            (200, "3 min 20 s"),
            (300, "5 min"),
            (7_200, "2 h"),
            (33_120, "9 h 12 min"),
        ] {
            assert_eq!(length(seconds), said);
        }
    }
}
