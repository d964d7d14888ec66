//! A running call as its customer watches it: what it costs so far, how long it can go on.

use serde::{Deserialize, Serialize};

use crate::Money;
use crate::call::{self, CallRules, Grant};
use crate::rate::{Pricing, RateKind};
use crate::wallet::Wallet;

/// Time left at which the end is announced, and at which it is urgent, in seconds.
const SOON: u32 = 60;
const NOW: u32 = 15;

/// Sent by the server with the books' figures; the browser counts on from there by the same rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    pub pricing: Pricing,
    /// Talk time from the answer on that the wallet pays for as it stands: what is held for the
    /// call, and its share of what is available.
    pub covered_seconds: u32,
    /// Nothing can be added to what is held: the call ends when it is used up.
    pub is_final: bool,
}

/// How near the end of a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nearness {
    Far,
    Soon,
    Now,
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
            pricing,
            covered_seconds: more.seconds.max(grant.seconds),
            is_final: more.seconds <= grant.seconds,
        }
    }

    /// What the call costs if it ends now: the charge itself, to the fourth decimal.
    pub fn cost(&self, talked: u32) -> Money {
        self.pricing.charge(talked.min(self.covered_seconds))
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
    fn meter(beside: &str, running: u32, is_final: bool) -> Meter {
        let wallet = Wallet {
            paid: money("0.50") + money(beside),
            held: money("0.50"),
            ..Wallet::default()
        };
        let grant = Grant {
            held: money("0.50"),
            seconds: 300,
            is_final,
        };
        let rules = CallRules::default();
        Meter::of(
            pricing(),
            RateKind::Landline,
            &wallet,
            &rules,
            running,
            grant,
        )
    }

    #[test]
    fn the_whole_wallet_covers_a_call_and_its_share_one_of_two() {
        assert_eq!(
            (
                meter("1", 1, false).covered_seconds,
                meter("1", 2, false).covered_seconds,
                meter("100", 1, false).covered_seconds,
            ),
            (900, 600, 3_600)
        );
    }

    #[test]
    fn credit_added_in_the_call_lifts_its_end_at_once() {
        let short = meter("0", 1, true);
        assert_eq!((short.covered_seconds, short.is_final), (300, true));
        // The switch was told that the grant is the last; the wallet has more by now.
        let lifted = meter("5", 1, true);
        assert_eq!((lifted.covered_seconds, lifted.is_final), (3_300, false));
    }

    #[test]
    fn the_cost_so_far_is_the_charge_and_never_more_than_what_is_covered() {
        let meter = meter("0", 1, true);
        for talked in [0, 1, 59, 60, 61, 299, 300] {
            assert_eq!(meter.cost(talked), pricing().charge(talked), "{talked}");
        }
        assert_eq!(meter.cost(400), money("0.50"));
        assert_eq!((meter.left(290), meter.left(301)), (10, 0));
    }

    #[test]
    fn the_end_is_announced_before_it_comes() {
        let meter = meter("0", 1, true);
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
        let grant = Grant {
            held: money("0.50"),
            seconds: 300,
            is_final: false,
        };
        let rules = CallRules::default();
        let meter = Meter::of(pricing(), RateKind::Landline, &wallet, &rules, 1, grant);
        assert_eq!((meter.covered_seconds, meter.is_final), (300, true));
    }
}
