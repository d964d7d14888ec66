//! What a destination costs: the price of a second, a call and a minute, and what money buys.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::Money;
use crate::money::SCALE;
use crate::transfer::words;

/// Digits after the point of a price per minute (`numeric(12,6)`).
pub const PRICE_SCALE: u32 = 6;
/// A price per minute above this is a mistake in a price list.
pub const HIGHEST_PRICE: Decimal = Decimal::from_parts(1_000, 0, 0, false, 0);
/// The longest billing step and the longest call that make sense, in seconds.
pub const LONGEST_STEP: u32 = 3_600;
pub const LONGEST_CALL: u32 = 86_400;

/// Talk time that the balance must cover before a phone rings, in seconds.
const MINIMUM_SECONDS: u32 = 60;

words!(
    /// What kind of number a destination has.
    RateKind {
        Landline = "landline",
        Mobile = "mobile",
        /// Premium and shared-cost numbers: given credit cannot pay for them.
        Special = "special",
    }
);

/// The arithmetic of a price: US dollars per minute, billed in steps, with an optional fee.
///
/// Steps are written `60/6` in carrier price lists: the first `initial_seconds`, then each begun
/// `increment_seconds`. Checked when made, so that every method below always has an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedPricing", into = "UncheckedPricing")]
pub struct Pricing {
    per_minute: Decimal,
    connection_fee: Money,
    initial_seconds: u32,
    increment_seconds: u32,
    max_seconds: u32,
}

/// The numbers of a price as they come from a list or a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UncheckedPricing {
    #[serde(with = "rust_decimal::serde::str")]
    pub per_minute: Decimal,
    pub connection_fee: Money,
    pub initial_seconds: u32,
    pub increment_seconds: u32,
    /// The longest call on this route.
    pub max_seconds: u32,
}

/// Why numbers are not a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPrice {
    #[error("read price: must be from 0 to 1000 dollars a minute")]
    PriceOutOfRange,
    #[error("read price: more than {PRICE_SCALE} decimals")]
    TooPrecise,
    #[error("read price: the fee must be from 0 to 1000 dollars")]
    FeeOutOfRange,
    #[error("read price: steps must be from 1 to {LONGEST_STEP} seconds")]
    StepOutOfRange,
    #[error("read price: the longest call must be from 1 to {LONGEST_CALL} seconds")]
    LongestCallOutOfRange,
}

impl TryFrom<UncheckedPricing> for Pricing {
    type Error = NotAPrice;

    fn try_from(terms: UncheckedPricing) -> Result<Self, NotAPrice> {
        let step_fits = |seconds: u32| (1..=LONGEST_STEP).contains(&seconds);
        let per_minute = terms.per_minute.normalize();
        if per_minute < Decimal::ZERO || per_minute > HIGHEST_PRICE {
            return Err(NotAPrice::PriceOutOfRange);
        }
        if per_minute.scale() > PRICE_SCALE {
            return Err(NotAPrice::TooPrecise);
        }
        if terms.connection_fee.is_negative() || terms.connection_fee.decimal() > HIGHEST_PRICE {
            return Err(NotAPrice::FeeOutOfRange);
        }
        if !step_fits(terms.initial_seconds) || !step_fits(terms.increment_seconds) {
            return Err(NotAPrice::StepOutOfRange);
        }
        if !(1..=LONGEST_CALL).contains(&terms.max_seconds) {
            return Err(NotAPrice::LongestCallOutOfRange);
        }
        Ok(Self {
            per_minute,
            connection_fee: terms.connection_fee,
            initial_seconds: terms.initial_seconds,
            increment_seconds: terms.increment_seconds,
            max_seconds: terms.max_seconds,
        })
    }
}

impl From<Pricing> for UncheckedPricing {
    fn from(pricing: Pricing) -> Self {
        Self {
            per_minute: pricing.per_minute,
            connection_fee: pricing.connection_fee,
            initial_seconds: pricing.initial_seconds,
            increment_seconds: pricing.increment_seconds,
            max_seconds: pricing.max_seconds,
        }
    }
}

impl Pricing {
    pub fn per_minute(&self) -> Decimal {
        self.per_minute
    }

    pub fn connection_fee(&self) -> Money {
        self.connection_fee
    }

    pub fn initial_seconds(&self) -> u32 {
        self.initial_seconds
    }

    pub fn increment_seconds(&self) -> u32 {
        self.increment_seconds
    }

    pub fn max_seconds(&self) -> u32 {
        self.max_seconds
    }

    /// Seconds that are charged for this many talked ones; none for a call nobody answered.
    pub fn billed_seconds(&self, talked: u32) -> u64 {
        self.steps().billed_seconds(talked)
    }

    /// Price of a call of this length, in US dollars, rounded once (half-up) to 4 decimals.
    ///
    /// A call of zero seconds costs nothing, not the connection fee.
    pub fn charge(&self, talked: u32) -> Money {
        self.steps().charge(talked)
    }

    /// The price in whole numbers, as charges are counted.
    pub fn steps(&self) -> Steps {
        Steps {
            per_minute: units(self.per_minute, PRICE_SCALE),
            fee: units(self.connection_fee.decimal(), SCALE),
            initial_seconds: self.initial_seconds,
            increment_seconds: self.increment_seconds,
        }
    }

    /// The longest call that costs at most this, in seconds; at most `max_seconds`.
    pub fn talk_time(&self, money: Money) -> u32 {
        let (mut fits, mut too_long) = (0, self.max_seconds + 1);
        while too_long - fits > 1 {
            let middle = fits + (too_long - fits) / 2;
            if self.charge(middle) <= money {
                fits = middle;
            } else {
                too_long = middle;
            }
        }
        fits
    }

    /// Seconds of talk that this much buys at the bare price, for *about so long*: no steps, the
    /// connection fee once, and however long calls may be. None where talking is free.
    pub fn about_seconds(&self, money: Money) -> Option<u64> {
        let for_talk = (money - self.connection_fee).max(Money::ZERO).decimal();
        let minutes = for_talk.checked_div(self.per_minute)?;
        (minutes * Decimal::from(60)).trunc().to_u64()
    }

    /// What the wallet must have before the phone rings: a minute, or the first step if longer.
    pub fn minimum(&self) -> Money {
        self.charge(self.initial_seconds.max(MINIMUM_SECONDS))
    }
}

/// A price in whole numbers: all that a charge needs, and little for a browser to load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Millionths of a dollar.
    pub per_minute: u64,
    /// Hundredths of a cent.
    pub fee: u64,
    pub initial_seconds: u32,
    pub increment_seconds: u32,
}

impl Steps {
    fn billed_seconds(&self, talked: u32) -> u64 {
        let (initial, step) = (
            u64::from(self.initial_seconds),
            u64::from(self.increment_seconds),
        );
        match u64::from(talked) {
            0 => 0,
            talked if talked <= initial => initial,
            talked => initial + (talked - initial).div_ceil(step) * step,
        }
    }

    pub(crate) fn charge(&self, talked: u32) -> Money {
        if talked == 0 {
            return Money::ZERO;
        }
        // The highest price times the longest time is a quarter of what 64 bits hold. Sixtieths of
        // millionths; 6,000 of them are a hundredth of a cent, and a half is rounded up.
        let talk = self.per_minute * self.billed_seconds(talked);
        Money::from_units(self.fee + (talk + 3_000) / 6_000)
    }
}

/// A number that is not negative, counted in its last decimal.
fn units(number: Decimal, scale: u32) -> u64 {
    let digits = u64::try_from(number.mantissa()).expect("prices and fees are positive and small");
    digits * 10_u64.pow(scale - number.scale())
}

/// A destination of a price list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Digits of an E.164 number, without the plus.
    pub prefix: String,
    /// Country and, where it matters, operator or region.
    pub destination: String,
    pub kind: RateKind,
    pub pricing: Pricing,
    /// Never called, whatever the balance.
    pub blocked: bool,
}

impl Rate {
    /// The most specific of these rates for a number of E.164 digits.
    pub fn longest_prefix<'a>(
        rates: impl IntoIterator<Item = &'a Self>,
        digits: &str,
    ) -> Option<&'a Self> {
        rates
            .into_iter()
            .filter(|rate| digits.starts_with(&rate.prefix))
            .max_by_key(|rate| rate.prefix.len())
    }
}

#[cfg(test)]
#[path = "rate_tests.rs"]
pub(crate) mod tests;
