//! Guards against toll fraud: how much calls may take from a wallet in a day.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime, Time};

use crate::call::{self, CallRefusal, CallRules, Grant, Quote};
use crate::rate::{Pricing, RateKind};
use crate::{Money, Wallet};

/// Numbers an operator may change. A day is a day of UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpendRules {
    /// The most that calls may take from a wallet in a day.
    pub per_day: Money,
    /// How long a wallet counts as new: stolen cards are spent in the first days.
    pub new_for: Duration,
    /// The most from a new wallet.
    pub new_per_day: Money,
    /// A destination from this price per minute on is dear: fraud lives there.
    #[serde(with = "rust_decimal::serde::str")]
    pub dear_per_minute: Decimal,
    /// The most to one dear destination.
    pub dear_per_day: Money,
}

impl Default for SpendRules {
    fn default() -> Self {
        Self {
            per_day: Money::from_dollars(50),
            new_for: Duration::days(7),
            new_per_day: Money::from_dollars(20),
            dear_per_minute: Decimal::from_parts(5, 0, 0, false, 1),
            dear_per_day: Money::from_dollars(10),
        }
    }
}

/// What calls took from a wallet today: charges, and holds that are not released yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    pub opened_at: OffsetDateTime,
    pub today: Money,
    /// To this destination alone.
    pub to_destination: Money,
}

/// What is left of the narrowest limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub limit: Money,
    pub left: Money,
    pub resets_at: OffsetDateTime,
}

impl SpendRules {
    /// No limits at all.
    pub fn none() -> Self {
        let no_limit = Money::from_dollars(1_000_000_000);
        Self {
            per_day: no_limit,
            new_for: Duration::ZERO,
            new_per_day: no_limit,
            dear_per_minute: Decimal::from(1_000_000),
            dear_per_day: no_limit,
        }
    }

    /// Whether a destination has a limit of its own.
    pub fn is_dear(&self, pricing: &Pricing) -> bool {
        pricing.per_minute() >= self.dear_per_minute
    }

    /// What calls may still take today on this route.
    pub fn room(&self, pricing: &Pricing, spent: &Spent, now: OffsetDateTime) -> Room {
        let is_new = now < spent.opened_at + self.new_for;
        let per_day = if is_new {
            self.new_per_day.min(self.per_day)
        } else {
            self.per_day
        };
        let resets_at = now.replace_time(Time::MIDNIGHT) + Duration::DAY;
        let room = |limit: Money, taken: Money| Room {
            limit,
            left: (limit - taken).max(Money::ZERO),
            resets_at,
        };
        let day = room(per_day, spent.today);
        let destination = room(self.dear_per_day, spent.to_destination);
        if self.is_dear(pricing) && destination.left < day.left {
            destination
        } else {
            day
        }
    }
}

impl Room {
    /// The wallet as calls on a route of this kind may see it: what is beyond the limit looks set aside.
    ///
    /// Only what such a call could spend counts: given credit is no reason to leave a special number
    /// less of the paid.
    pub fn within(&self, wallet: &Wallet, kind: RateKind) -> Wallet {
        let beyond = (call::spendable(wallet, kind) - self.left).max(Money::ZERO);
        Wallet {
            held: wallet.held + beyond,
            ..*wallet
        }
    }

    /// [`call::authorize`] within the limit.
    pub fn authorize(
        &self,
        pricing: &Pricing,
        kind: RateKind,
        wallet: &Wallet,
        rules: &CallRules,
        running: u32,
    ) -> Result<Grant, CallRefusal> {
        // What the customer can change comes first: the limit is told when nothing else is wrong.
        call::authorize(pricing, kind, wallet, rules, running)?;
        call::authorize(pricing, kind, &self.within(wallet, kind), rules, running).map_err(
            |refusal| match refusal {
                CallRefusal::BelowMinimum { .. } => CallRefusal::SpendLimit {
                    limit: self.limit,
                    resets_at: self.resets_at,
                },
                other => other,
            },
        )
    }

    /// [`call::quote`] with the limit in mind.
    pub fn quote(
        &self,
        pricing: &Pricing,
        kind: RateKind,
        wallet: &Wallet,
        rules: &CallRules,
        running: u32,
    ) -> Quote {
        let quote = call::quote(pricing, kind, wallet, rules, running);
        let refusal = self.authorize(pricing, kind, wallet, rules, running).err();
        Quote { refusal, ..quote }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::rate::UncheckedPricing;

    const NOW: OffsetDateTime = datetime!(2026-11-22 14:00 UTC);

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    fn pricing(per_minute: &str) -> Pricing {
        Pricing::try_from(UncheckedPricing {
            per_minute: per_minute.parse().unwrap(),
            connection_fee: Money::ZERO,
            initial_seconds: 1,
            increment_seconds: 1,
            max_seconds: 14_400,
        })
        .unwrap()
    }

    fn room(per_minute: &str, days_old: i64, today: &str, to_destination: &str) -> (Money, Money) {
        let spent = Spent {
            opened_at: NOW - Duration::days(days_old),
            today: money(today),
            to_destination: money(to_destination),
        };
        let room = SpendRules::default().room(&pricing(per_minute), &spent, NOW);
        assert_eq!(room.resets_at, datetime!(2026-11-23 0:00 UTC));
        (room.limit, room.left)
    }

    #[test]
    fn the_narrowest_limit_counts() {
        for (per_minute, days_old, today, to_destination, limit, left) in [
            ("0.10", 30, "0", "0", "50", "50"),
            ("0.10", 30, "49.99", "49.99", "50", "0.01"),
            ("0.10", 30, "51", "0", "50", "0"),
            ("0.10", 6, "0", "0", "20", "20"),
            ("0.10", 7, "0", "0", "50", "50"),
            ("0.50", 30, "0", "0", "10", "10"),
            ("0.499999", 30, "9", "9", "50", "41"),
            ("0.50", 30, "45", "4", "50", "5"),
            ("2", 30, "12", "9.5", "10", "0.5"),
        ] {
            assert_eq!(
                room(per_minute, days_old, today, to_destination),
                (money(limit), money(left)),
                "{per_minute} {days_old} {today} {to_destination}"
            );
        }
    }

    #[test]
    fn a_call_beyond_the_limit_is_refused_and_one_up_to_it_gets_less_time() {
        let wallet = Wallet {
            paid: money("100"),
            ..Wallet::default()
        };
        let rules = CallRules::default();
        let authorize = |left: &str, wallet: &Wallet, running: u32| {
            Room {
                limit: money("50"),
                left: money(left),
                resets_at: NOW,
            }
            .authorize(
                &pricing("0.10"),
                RateKind::Landline,
                wallet,
                &rules,
                running,
            )
        };
        assert_eq!(authorize("50", &wallet, 0).unwrap().seconds, 300);
        let short = authorize("0.20", &wallet, 0).unwrap();
        assert_eq!(
            (short.held, short.seconds, short.is_final),
            (money("0.20"), 120, true)
        );
        let limit = CallRefusal::SpendLimit {
            limit: money("50"),
            resets_at: NOW,
        };
        assert_eq!(authorize("0.0999", &wallet, 0), Err(limit));
        // What else is wrong is told first.
        assert_eq!(
            authorize("0", &wallet, 2),
            Err(CallRefusal::TooManyCalls { limit: 2 })
        );
        assert!(matches!(
            authorize("0", &Wallet::default(), 0),
            Err(CallRefusal::BelowMinimum { .. })
        ));
    }

    #[test]
    fn given_credit_leaves_a_special_number_all_of_the_limit_that_paid_credit_covers() {
        let wallet = |paid: &str, promotional: &str, held: &str| Wallet {
            paid: money(paid),
            promotional: money(promotional),
            held: money(held),
            ..Wallet::default()
        };
        let room = Room {
            limit: money("10"),
            left: money("10"),
            resets_at: NOW,
        };
        for (wallet, spendable) in [
            (wallet("10", "50", "0"), "10"),
            (wallet("100", "0", "0"), "10"),
            (wallet("100", "50", "0"), "10"),
            (wallet("4", "50", "0"), "4"),
            (wallet("30", "50", "25"), "5"),
        ] {
            let seen = room.within(&wallet, RateKind::Special);
            let spendable = money(spendable);
            assert_eq!(call::spendable(&seen, RateKind::Special), spendable);
            let seen = room.within(&wallet, RateKind::Landline);
            assert_eq!(seen.available(), wallet.available().min(room.left));
        }
        let rules = CallRules::default();
        let plenty = wallet("10", "50", "0");
        let granted = room.authorize(&pricing("1"), RateKind::Special, &plenty, &rules, 0);
        assert_eq!(granted.unwrap().seconds, 300);
    }
}
