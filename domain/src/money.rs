//! US dollars, exact to four decimals.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize};

/// Digits after the point in the books (`numeric(18,4)`).
pub const SCALE: u32 = 4;

/// The minus sign people read; a hyphen is shorter and is not announced as "minus".
const MINUS: char = '\u{2212}';

/// An amount in US dollars with at most four decimals, negative or not.
///
/// Serialized as a decimal string (`"25.0000"`), never as a number: JSON numbers are floating point.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type))]
#[cfg_attr(feature = "sqlx", sqlx(transparent))]
#[serde(transparent)]
pub struct Money(Decimal);

/// Why a number is not an amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("read amount: more than {SCALE} decimals")]
    TooPrecise,
    #[error("read amount: out of range")]
    OutOfRange,
    #[error("read amount: not a decimal number")]
    NotANumber,
    #[error("convert amount to cents: not whole cents")]
    NotWholeCents,
}

impl Money {
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// The largest amount the books can hold: `numeric(18,4)`.
    pub const MAX: Self = Self(Decimal::from_parts(
        0xA763_FFFF,
        0x0DE0_B6B3,
        0,
        false,
        SCALE,
    ));

    /// Takes a number as it is; refuses more than four decimals instead of rounding them.
    pub fn exact(value: Decimal) -> Result<Self, MoneyError> {
        let value = value.normalize();
        if value.scale() > SCALE {
            return Err(MoneyError::TooPrecise);
        }
        Self::within_range(value)
    }

    /// Rounds half-up (away from zero) to four decimals: once per charge, at rating.
    pub fn rounded(value: Decimal) -> Result<Self, MoneyError> {
        Self::within_range(
            value.round_dp_with_strategy(SCALE, RoundingStrategy::MidpointAwayFromZero),
        )
    }

    fn within_range(value: Decimal) -> Result<Self, MoneyError> {
        if value.abs() > Self::MAX.0 {
            return Err(MoneyError::OutOfRange);
        }
        Ok(Self(value))
    }

    /// Whole cents, as Stripe counts them.
    pub fn from_cents(cents: i64) -> Self {
        Self(Decimal::new(cents, 2))
    }

    pub const fn from_dollars(dollars: u32) -> Self {
        Self(Decimal::from_parts(dollars, 0, 0, false, 0))
    }

    /// From a count of the smallest amount there is, a hundredth of a cent. More than the books can
    /// hold is the most they can.
    pub(crate) fn from_units(units: u64) -> Self {
        let units = i64::try_from(units).unwrap_or(i64::MAX);
        Self(Decimal::new(units, SCALE)).min(Self::MAX)
    }

    /// Whole cents for the Stripe boundary; an amount with parts of a cent is refused, not rounded.
    pub fn cents(self) -> Result<i64, MoneyError> {
        let cents = (self.0 * Decimal::ONE_HUNDRED).normalize();
        if cents.scale() > 0 {
            return Err(MoneyError::NotWholeCents);
        }
        cents.to_i64().ok_or(MoneyError::OutOfRange)
    }

    pub fn decimal(self) -> Decimal {
        self.0
    }

    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    pub fn is_positive(self) -> bool {
        self > Self::ZERO
    }

    pub fn is_negative(self) -> bool {
        self < Self::ZERO
    }

    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    pub fn min(self, other: Self) -> Self {
        Ord::min(self, other)
    }

    pub fn max(self, other: Self) -> Self {
        Ord::max(self, other)
    }

    /// This many percent of the amount, rounded down to whole cents: a bonus is promised in cents.
    pub fn percent_in_cents(self, percent: u32) -> Self {
        let share = self.0 * Decimal::from(percent) / Decimal::ONE_HUNDRED;
        Self(share.round_dp_with_strategy(2, RoundingStrategy::ToZero))
    }

    /// Rounded toward zero to whole cents, as balances are shown: never more than is there.
    pub fn whole_cents(self) -> Self {
        Self(self.0.round_dp_with_strategy(2, RoundingStrategy::ToZero))
    }

    /// A balance in words of the screen: `$41.70`, in cents rounded toward zero.
    pub fn balance_text(self) -> String {
        self.whole_cents().exact_text()
    }

    /// Every decimal there is, at least two: `$25.00`, `$0.0217`, `−$0.0217`.
    pub fn exact_text(self) -> String {
        let sign = if self.is_negative() {
            MINUS.to_string()
        } else {
            String::new()
        };
        format!("{sign}${}", self.digits())
    }

    /// With its sign always: `+$25.00`, `−$0.0217`, `$0.00`.
    pub fn signed_text(self) -> String {
        let plus = if self.is_positive() { "+" } else { "" };
        format!("{plus}{}", self.exact_text())
    }

    /// Reads an amount as a person types it: space around it and one leading `$` are forgiven, and a
    /// comma before the last one or two digits is a point, since keypads of some languages have no
    /// other key. Nothing is guessed: `1,000` is a thousand to some and one to others.
    pub fn from_typed(text: &str) -> Result<Self, MoneyError> {
        typed_digits(text).parse()
    }

    /// The digits with thousands separated, at least two decimals, no sign.
    fn digits(self) -> String {
        let shortest = self.0.abs().normalize();
        let plain = format!("{:.*}", shortest.scale().max(2) as usize, shortest);
        let (whole, fraction) = plain.split_once('.').expect("formatted with decimals");
        let mut grouped = String::with_capacity(plain.len() + whole.len() / 3);
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        format!("{grouped}.{fraction}")
    }
}

/// What was typed as [`Money::from_typed`] reads it: with a point, without the currency.
pub(crate) fn typed_digits(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix('$').unwrap_or(text);
    match text.split_once(',') {
        Some((whole, cents)) if matches!(cents.len(), 1 | 2) && !whole.contains('.') => {
            format!("{whole}.{cents}")
        }
        _ => text.to_owned(),
    }
}

/// The form of the charging API and of exports: four decimals, ASCII sign, no currency (`-0.0217`).
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4}", self.0)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${self}")
    }
}

/// Reads plain decimal digits with an optional sign and point; no exponent, no separators.
impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if !plain || !digits.starts_with(|c: char| c.is_ascii_digit()) || digits.ends_with('.') {
            return Err(MoneyError::NotANumber);
        }
        let value = Decimal::from_str_exact(text).map_err(|_| MoneyError::NotANumber)?;
        Self::exact(value)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
        items.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn amounts_are_written_as_people_read_them() {
        for (value, balance, exact, signed) in [
            ("0", "$0.00", "$0.00", "$0.00"),
            ("25", "$25.00", "$25.00", "+$25.00"),
            ("0.0217", "$0.02", "$0.0217", "+$0.0217"),
            (
                "-0.0217",
                "\u{2212}$0.02",
                "\u{2212}$0.0217",
                "\u{2212}$0.0217",
            ),
            ("41.7099", "$41.70", "$41.7099", "+$41.7099"),
            (
                "1234567.5",
                "$1,234,567.50",
                "$1,234,567.50",
                "+$1,234,567.50",
            ),
            ("999.999", "$999.99", "$999.999", "+$999.999"),
        ] {
            assert_eq!(money(value).balance_text(), balance, "{value}");
            assert_eq!(money(value).exact_text(), exact, "{value}");
            assert_eq!(money(value).signed_text(), signed, "{value}");
        }
    }

    #[test]
    fn a_negative_part_of_a_cent_is_shown_without_a_sign() {
        assert_eq!(money("-0.0017").balance_text(), "$0.00");
    }

    #[test]
    fn only_plain_decimal_digits_are_read() {
        for text in [
            "", "-", ".", "5.", ".5", "1e3", "+5", "5,00", "0x10", "NaN", "٥", "1_0", " 5", "--5",
        ] {
            assert_eq!(
                text.parse::<Money>(),
                Err(MoneyError::NotANumber),
                "{text:?}"
            );
        }
        assert_eq!("0.00001".parse::<Money>(), Err(MoneyError::TooPrecise));
        assert_eq!(
            "100000000000000".parse::<Money>(),
            Err(MoneyError::OutOfRange)
        );
        assert_eq!("99999999999999.9999".parse::<Money>(), Ok(Money::MAX));
    }

    #[test]
    fn a_typed_amount_may_have_a_comma_before_its_cents() {
        for (typed, meant) in [
            (" $25 ", "25"),
            ("10,50", "10.5"),
            ("10,5", "10.5"),
            ("-0,02", "-0.02"),
        ] {
            assert_eq!(Money::from_typed(typed), Ok(money(meant)), "{typed:?}");
        }
        for typed in ["1,000", "1,000.50", "1.000,50", "1,0,0", ",5", "5,", "25 $"] {
            assert_eq!(
                Money::from_typed(typed),
                Err(MoneyError::NotANumber),
                "{typed:?}"
            );
        }
    }

    #[test]
    fn rounding_is_half_up_and_away_from_zero() {
        for (value, rounded) in [
            ("0.00005", "0.0001"),
            ("0.00004", "0"),
            ("-0.00005", "-0.0001"),
            ("0.00014999", "0.0001"),
        ] {
            let value: Decimal = value.parse().unwrap();
            assert_eq!(Money::rounded(value).unwrap(), money(rounded), "{value}");
        }
    }

    #[test]
    fn cents_are_exact_or_refused() {
        assert_eq!(money("25").cents(), Ok(2500));
        assert_eq!(money("25.0100").cents(), Ok(2501));
        assert_eq!(money("25.001").cents(), Err(MoneyError::NotWholeCents));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(units in -1_000_000_000_000i64..1_000_000_000_000) {
            let value = Money::exact(Decimal::new(units, 4)).unwrap();
            prop_assert_eq!(value.to_string().parse::<Money>().unwrap(), value);
            let json = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), value);
        }

        #[test]
        fn a_shown_balance_is_never_more_than_there_is(units in 0i64..1_000_000_000_000) {
            let value = Money::exact(Decimal::new(units, 4)).unwrap();
            prop_assert!(value.whole_cents() <= value);
            prop_assert!(value - value.whole_cents() < Money::from_cents(1));
        }
    }
}
