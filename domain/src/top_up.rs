//! Money coming in: limits, the bonus ladder, and the states of a top-up.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::money::{MoneyError, typed_digits};
use crate::transfer::words;
use crate::{Declined, Money};

/// What may be bought at once, and what it earns. An operator may override every number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUpRules {
    pub smallest: Money,
    pub largest: Money,
    /// Amounts offered with one click, in the order shown.
    pub packs: Vec<Money>,
    /// Steps of the bonus ladder, lowest first.
    pub ladder: Vec<BonusStep>,
}

/// From this paid amount on, the whole amount earns this many percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BonusStep {
    pub from: Money,
    pub percent: u32,
}

/// How long a bonus may be spent.
pub const BONUS_VALID_FOR: Duration = Duration::days(365);

/// How long a checkout page stays open; Stripe allows 30 minutes to 24 hours.
pub const CHECKOUT_OPEN_FOR: Duration = Duration::minutes(60);

impl Default for TopUpRules {
    fn default() -> Self {
        let step = |from, percent| BonusStep {
            from: Money::from_dollars(from),
            percent,
        };
        Self {
            smallest: Money::from_dollars(5),
            largest: Money::from_dollars(1000),
            packs: [10, 25, 50, 100].map(Money::from_dollars).to_vec(),
            ladder: vec![
                step(25, 2),
                step(50, 5),
                step(100, 8),
                step(250, 10),
                step(500, 12),
            ],
        }
    }
}

/// What a purchase comes to, as it is shown before paying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    pub pay: Money,
    pub bonus: Money,
}

impl Purchase {
    pub fn added(&self) -> Money {
        self.pay + self.bonus
    }
}

/// Why a typed amount cannot be bought, with the limit to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountRefusal {
    Empty,
    /// Not plain digits with at most one point.
    NotAnAmount,
    /// More than two decimals.
    NotWholeCents,
    BelowSmallest {
        smallest: Money,
    },
    AboveLargest {
        largest: Money,
    },
}

impl From<AmountRefusal> for Declined {
    fn from(refusal: AmountRefusal) -> Self {
        Declined::Amount(refusal)
    }
}

impl TopUpRules {
    /// Reads an amount as typed ([`Money::from_typed`]): ASCII digits, at most two decimals. Nothing is
    /// guessed: `1,000`, `1e3` and other scripts' digits are refused.
    pub fn read_amount(&self, typed: &str) -> Result<Money, AmountRefusal> {
        let digits = typed_digits(typed);
        if digits.is_empty() {
            return Err(AmountRefusal::Empty);
        }
        if let Some(rest) = digits.strip_prefix(['-', '\u{2212}'])
            && rest.parse::<Money>().is_ok()
        {
            return Err(AmountRefusal::BelowSmallest {
                smallest: self.smallest,
            });
        }
        let decimals = digits
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len());
        let value = match digits.parse::<Money>() {
            Ok(value) if decimals <= 2 => value,
            Ok(_) | Err(MoneyError::TooPrecise) => {
                return Err(AmountRefusal::NotWholeCents);
            }
            Err(MoneyError::OutOfRange) => {
                return Err(AmountRefusal::AboveLargest {
                    largest: self.largest,
                });
            }
            Err(_) => return Err(AmountRefusal::NotAnAmount),
        };
        self.check(value)
    }

    /// Whether this amount may be bought at once.
    pub fn check(&self, amount: Money) -> Result<Money, AmountRefusal> {
        if amount.cents().is_err() {
            return Err(AmountRefusal::NotWholeCents);
        }
        if amount < self.smallest {
            return Err(AmountRefusal::BelowSmallest {
                smallest: self.smallest,
            });
        }
        if amount > self.largest {
            return Err(AmountRefusal::AboveLargest {
                largest: self.largest,
            });
        }
        Ok(amount)
    }

    /// The highest step reached applies to the whole amount, rounded down to cents.
    pub fn bonus(&self, paid: Money) -> Money {
        let reached = self
            .ladder
            .iter()
            .filter(|step| step.from <= paid)
            .max_by_key(|step| step.from);
        reached.map_or(Money::ZERO, |step| paid.percent_in_cents(step.percent))
    }

    pub fn purchase(&self, pay: Money) -> Purchase {
        Purchase {
            pay,
            bonus: self.bonus(pay),
        }
    }
}

words!(
    /// Where a top-up stands. Only `settled` has moved money.
    TopUpState {
        /// Started; the customer is at the payment page or the bank is deciding.
        Pending = "pending",
        Settled = "settled",
        /// The payment was declined for good.
        Failed = "failed",
        /// The payment page closed before anything was paid.
        Expired = "expired",
    }
);

words!(
    /// Who started a top-up.
    TopUpSource {
        Manual = "manual",
        Refill = "refill",
    }
);

impl TopUpState {
    /// A payment that arrives late is still credited: failed and expired can become settled.
    pub const fn may_settle(self) -> bool {
        !matches!(self, Self::Settled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_highest_step_reached_applies_to_the_whole_amount() {
        let rules = TopUpRules::default();
        for (pay, bonus) in [
            ("5", "0"),
            ("24.99", "0"),
            ("25", "0.50"),
            ("49.99", "0.99"),
            ("50", "2.50"),
            ("99.99", "4.99"),
            ("100", "8"),
            ("249.99", "19.99"),
            ("250", "25"),
            ("500", "60"),
            ("1000", "120"),
        ] {
            assert_eq!(
                rules.bonus(pay.parse().unwrap()),
                bonus.parse().unwrap(),
                "{pay}"
            );
        }
        let hundred = rules.purchase(Money::from_dollars(100));
        assert_eq!(hundred.added(), Money::from_dollars(108));
    }

    #[test]
    fn amounts_are_read_or_refused_with_the_limit() {
        let rules = TopUpRules::default();
        let low = AmountRefusal::BelowSmallest {
            smallest: rules.smallest,
        };
        let high = AmountRefusal::AboveLargest {
            largest: rules.largest,
        };
        for (typed, expected) in [
            ("5", Ok("5")),
            (" $25.50 ", Ok("25.50")),
            ("1000", Ok("1000")),
            ("5.1", Ok("5.10")),
            ("5,00", Ok("5")),
            ("25,5", Ok("25.50")),
            ("4.99", Err(low)),
            ("0", Err(low)),
            ("-5", Err(low)),
            ("\u{2212}5", Err(low)),
            ("1000.01", Err(high)),
            ("9223372036854775808", Err(high)),
            ("5.005", Err(AmountRefusal::NotWholeCents)),
            ("5.00000", Err(AmountRefusal::NotWholeCents)),
            ("", Err(AmountRefusal::Empty)),
            ("  ", Err(AmountRefusal::Empty)),
            ("$", Err(AmountRefusal::Empty)),
        ] {
            let expected = expected.map(|text: &str| text.parse::<Money>().unwrap());
            assert_eq!(rules.read_amount(typed), expected, "{typed:?}");
        }
        for typed in [
            "1e3",
            "abc",
            "٢٥",
            "२५",
            "２５",
            "1,000",
            "1,000.00",
            "5,",
            "0x10",
            "NaN",
            "5 0",
            "-",
            "5..0",
            ".5",
            "5.",
            "\u{202e}52",
            "1;ext=5",
        ] {
            assert_eq!(
                rules.read_amount(typed),
                Err(AmountRefusal::NotAnAmount),
                "{typed:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(typed in "\\PC{0,40}") {
            let _ = TopUpRules::default().read_amount(&typed);
        }

        #[test]
        fn a_larger_purchase_never_earns_less(a in 500i64..100_000, b in 500i64..100_000) {
            let rules = TopUpRules::default();
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(rules.bonus(Money::from_cents(low)) <= rules.bonus(Money::from_cents(high)));
        }
    }
}
