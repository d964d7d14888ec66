//! A running call as its customer watches it: what it costs so far, how long it can go on.

use std::fmt;
use std::str::FromStr;

use crate::Money;
use crate::call::{self, CallRules, Grant};
use crate::rate::{Pricing, RateKind, Steps};
use crate::wallet::Wallet;

/// Time left at which the end is announced, and at which it is urgent, in seconds.
const SOON: u32 = 60;
const NOW: u32 = 15;

/// Sent by the server with the books' figures; the browser counts on from there by the same rules.
///
/// Written as five whole numbers in a row: a page carries them in its markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    pub steps: Steps,
    /// Talk time from the answer on that the wallet pays for as it stands: what is held for the
    /// call, and its share of what is available.
    pub covered_seconds: u32,
}

/// The text is not a meter as we write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMeter;

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Steps {
            per_minute,
            fee,
            initial_seconds,
            increment_seconds,
        } = self.steps;
        let covered = self.covered_seconds;
        write!(
            f,
            "{per_minute} {fee} {initial_seconds} {increment_seconds} {covered}"
        )
    }
}

impl FromStr for Meter {
    type Err = NotAMeter;

    fn from_str(text: &str) -> Result<Self, NotAMeter> {
        let mut numbers = text.split(' ');
        let mut next = || -> Result<u64, NotAMeter> {
            let number = numbers.next().ok_or(NotAMeter)?;
            number.parse().map_err(|_| NotAMeter)
        };
        let (per_minute, fee) = (next()?, next()?);
        let mut seconds = || u32::try_from(next()?).map_err(|_| NotAMeter);
        Ok(Self {
            steps: Steps {
                per_minute,
                fee,
                initial_seconds: seconds()?,
                // By this is divided.
                increment_seconds: seconds()?.max(1),
            },
            covered_seconds: seconds()?,
        })
    }
}

/// How near the end of a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nearness {
    Far,
    Soon,
    Now,
}

/// Seconds as a clock shows them: `12:41`, `1:02:03`.
pub fn clock(seconds: u32) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{rest:02}")
    } else {
        format!("{minutes}:{rest:02}")
    }
}

impl Meter {
    /// For a call with this grant in a wallet with so many calls running.
    pub fn of(
        pricing: Pricing,
        kind: RateKind,
        wallet: &Wallet,
        rules: &CallRules,
        running: u32,
        grant: Grant,
    ) -> Self {
        // The rules themselves say what the next request for more would be given.
        let more = call::extend(
            &pricing,
            kind,
            wallet,
            &CallRules {
                hold_seconds: pricing.max_seconds(),
                ..rules.clone()
            },
            running,
            grant,
            grant.seconds,
        );
        Self {
            steps: pricing.steps(),
            covered_seconds: more.seconds.max(grant.seconds),
        }
    }

    /// Whether nothing can be added to what was granted: the call ends when that is used up.
    pub fn is_final(&self, grant: Grant) -> bool {
        self.covered_seconds <= grant.seconds
    }

    /// What the call costs if it ends now: the charge itself, to the fourth decimal.
    pub fn cost(&self, talked: u32) -> Money {
        self.steps.charge(talked.min(self.covered_seconds))
    }

    /// Seconds until the covered time is used up.
    pub fn left(&self, talked: u32) -> u32 {
        self.covered_seconds.saturating_sub(talked)
    }

    pub fn nearness(&self, talked: u32) -> Nearness {
        match self.left(talked) {
            left if left <= NOW => Nearness::Now,
            left if left <= SOON => Nearness::Soon,
            _ => Nearness::Far,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::UncheckedPricing;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    /// Five minutes.
    fn grant() -> Grant {
        Grant {
            held: money("0.50"),
            seconds: 300,
            is_final: true,
        }
    }

    /// Ten cents a minute by the second, at most an hour.
    fn pricing() -> Pricing {
        Pricing::try_from(UncheckedPricing {
            per_minute: "0.10".parse().unwrap(),
            connection_fee: Money::ZERO,
            initial_seconds: 1,
            increment_seconds: 1,
            max_seconds: 3_600,
        })
        .unwrap()
    }

    /// A first grant of five minutes in a wallet with this much beside it.
    fn meter(beside: &str, running: u32) -> Meter {
        let wallet = Wallet {
            paid: money("0.50") + money(beside),
            held: money("0.50"),
            ..Wallet::default()
        };
        let rules = CallRules::default();
        Meter::of(
            pricing(),
            RateKind::Landline,
            &wallet,
            &rules,
            running,
            grant(),
        )
    }

    #[test]
    fn the_whole_wallet_covers_a_call_and_its_share_one_of_two() {
        let covered = |beside, running| meter(beside, running).covered_seconds;
        assert_eq!(
            (covered("1", 1), covered("1", 2), covered("100", 1)),
            (900, 600, 3_600)
        );
    }

    #[test]
    fn credit_added_in_the_call_lifts_its_end_at_once() {
        let short = meter("0", 1);
        assert_eq!(
            (short.covered_seconds, short.is_final(grant())),
            (300, true)
        );
        // The switch was told that the grant is the last; the wallet has more by now.
        let lifted = meter("5", 1);
        assert_eq!(
            (lifted.covered_seconds, lifted.is_final(grant())),
            (3_300, false)
        );
    }

    #[test]
    fn the_cost_so_far_is_the_charge_and_never_more_than_what_is_covered() {
        let meter = meter("0", 1);
        for talked in [0, 1, 59, 60, 61, 299, 300] {
            assert_eq!(meter.cost(talked), pricing().charge(talked), "{talked}");
        }
        assert_eq!(meter.cost(400), money("0.50"));
        assert_eq!((meter.left(290), meter.left(301)), (10, 0));
    }

    #[test]
    fn the_end_is_announced_before_it_comes() {
        let meter = meter("0", 1);
        for (talked, nearness) in [
            (239, Nearness::Far),
            (240, Nearness::Soon),
            (284, Nearness::Soon),
            (285, Nearness::Now),
            (400, Nearness::Now),
        ] {
            assert_eq!(meter.nearness(talked), nearness, "{talked}");
        }
    }

    #[test]
    fn a_wallet_that_owes_covers_what_is_held_and_no_more() {
        let wallet = Wallet {
            paid: money("9"),
            held: money("0.50"),
            debt: money("1"),
            ..Wallet::default()
        };
        let rules = CallRules::default();
        let kind = RateKind::Landline;
        let meter = Meter::of(pricing(), kind, &wallet, &rules, 1, grant());
        assert_eq!(
            (meter.covered_seconds, meter.is_final(grant())),
            (300, true)
        );
    }

    #[test]
    fn seconds_are_shown_as_on_a_clock() {
        for (seconds, shown) in [
            (0, "0:00"),
            (61, "1:01"),
            (3_599, "59:59"),
            (3_723, "1:02:03"),
        ] {
            assert_eq!(clock(seconds), shown);
        }
    }

    #[test]
    fn a_meter_is_read_back_and_another_text_is_not_one() {
        let meter = meter("1", 1);
        assert_eq!(meter.to_string(), "100000 0 1 1 900");
        assert_eq!(meter.to_string().parse(), Ok(meter));
        for text in ["", "1 2 3 4", "a 0 1 1 900", "1 0 -1 1 900"] {
            assert_eq!(text.parse::<Meter>(), Err(NotAMeter), "{text}");
        }
    }
}
