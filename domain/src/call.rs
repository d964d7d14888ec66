//! The life of a call: quote, authorize, extend, settle; what each step takes and what it grants.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::rate::{Pricing, RateKind};
use crate::transfer::words;
use crate::{Money, Wallet};

words!(
    /// Where a call stands. The first two are running: they hold credit.
    CallState {
        Authorized = "authorized",
        Answered = "answered",
        Ended = "ended",
        /// Nobody reported its end: charged for the confirmed seconds only.
        Expired = "expired",
    }
);

impl CallState {
    pub fn is_running(self) -> bool {
        matches!(self, Self::Authorized | Self::Answered)
    }
}

/// Numbers an operator may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRules {
    /// Talk time that is held at a time, in seconds.
    pub hold_seconds: u32,
    /// More is held when less than this many granted seconds are left.
    pub extend_below_seconds: u32,
    pub calls_at_once: u32,
    /// How long after the granted time a silent switch is given up.
    pub grace: Duration,
    /// How long after that a late report still corrects the charge.
    pub correctable_for: Duration,
}

impl Default for CallRules {
    fn default() -> Self {
        Self {
            hold_seconds: 300,
            extend_below_seconds: 30,
            calls_at_once: 2,
            grace: Duration::seconds(120),
            correctable_for: Duration::hours(24),
        }
    }
}

/// Why a call may not start or go on, with the numbers to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CallRefusal {
    BelowMinimum {
        required: Money,
        available: Money,
        shortfall: Money,
        refill_possible: bool,
    },
    NoRate,
    BlockedDestination,
    WalletFrozen {
        reason: FreezeReason,
    },
    TooManyCalls {
        limit: u32,
    },
    SpendLimit {
        limit: Money,
        #[serde(with = "time::serde::rfc3339")]
        resets_at: OffsetDateTime,
    },
    InvalidNumber,
    /// The same id came with other content; nothing was changed.
    Conflict,
    /// The call is over.
    CallEnded,
}

words!(
    /// Why a wallet pays for nothing.
    FreezeReason {
        Debt = "debt",
        /// A person of ours looks into it.
        Support = "support",
    }
);

/// What a call to a destination takes, and whether the wallet has it. Promises nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    pub minimum: Money,
    /// What may be spent on this route: given credit does not pay for special numbers.
    pub available: Money,
    pub talk_seconds: u32,
    pub refusal: Option<CallRefusal>,
}

/// Time given to a call, and what is held for it, both from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub held: Money,
    pub seconds: u32,
    /// The wallet cannot buy another step as it stands.
    pub is_final: bool,
}

/// How a call comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    pub billed_seconds: u64,
    /// What the customer pays.
    pub charge: Money,
    /// How much of the charge exceeds the hold and is taken from what is available.
    pub beyond_hold: Money,
    pub released: Money,
    /// What was talked but cannot be taken: the house's loss.
    pub shrinkage: Money,
}

/// What a late report changes on a call that was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    pub charge: Money,
    pub given_back: Money,
    pub taken: Money,
    pub shrinkage: Money,
}

/// What may be spent on this kind of destination. Given credit does not pay for special numbers;
/// holds are counted against paid credit there, which is cautious and safe.
pub fn spendable(wallet: &Wallet, kind: RateKind) -> Money {
    let spendable = match kind {
        RateKind::Special => wallet.available().min(wallet.paid - wallet.held),
        RateKind::Landline | RateKind::Mobile => wallet.available(),
    };
    spendable.max(Money::ZERO)
}

/// How much of a charge is paid with given credit: all there is, unless the destination is special.
pub fn promotional_part(wallet: &Wallet, kind: RateKind, charge: Money) -> Money {
    match kind {
        // Paid credit was guarded when the hold was made; the rest can only be given credit.
        RateKind::Special => (charge - wallet.paid).max(Money::ZERO),
        RateKind::Landline | RateKind::Mobile => charge.min(wallet.promotional),
    }
}

/// What is shown before a call. The dialer, the rates page and [`authorize`] decide alike.
pub fn quote(
    pricing: &Pricing,
    kind: RateKind,
    wallet: &Wallet,
    rules: &CallRules,
    running: u32,
) -> Quote {
    let available = spendable(wallet, kind);
    Quote {
        minimum: pricing.minimum(),
        available,
        talk_seconds: pricing.talk_time(available),
        refusal: authorize(pricing, kind, wallet, rules, running).err(),
    }
}

/// The first grant of a call, or why it may not ring.
pub fn authorize(
    pricing: &Pricing,
    kind: RateKind,
    wallet: &Wallet,
    rules: &CallRules,
    running: u32,
) -> Result<Grant, CallRefusal> {
    if wallet.debt.is_positive() {
        return Err(CallRefusal::WalletFrozen {
            reason: FreezeReason::Debt,
        });
    }
    if running >= rules.calls_at_once {
        return Err(CallRefusal::TooManyCalls {
            limit: rules.calls_at_once,
        });
    }
    let (required, available) = (pricing.minimum(), spendable(wallet, kind));
    if available < required {
        return Err(CallRefusal::BelowMinimum {
            required,
            available,
            shortfall: required - available,
            refill_possible: false,
        });
    }
    let held = hold_amount(pricing, rules).min(available);
    Ok(grant(pricing, held, available - held))
}

/// What is set aside when a call starts and the balance is not short.
pub fn hold_amount(pricing: &Pricing, rules: &CallRules) -> Money {
    let longest = rules.hold_seconds.min(pricing.max_seconds());
    pricing.charge(longest).max(pricing.minimum())
}

/// More time for a running call after `confirmed` seconds: nothing while enough is left, otherwise
/// up to another hold, but never more than this call's share of what is available, so that one
/// call cannot starve the other. Never less than was granted before.
pub fn extend(
    pricing: &Pricing,
    kind: RateKind,
    wallet: &Wallet,
    rules: &CallRules,
    running: u32,
    before: Grant,
    confirmed: u32,
) -> Grant {
    let frozen = wallet.debt.is_positive();
    let share = if frozen {
        Money::ZERO
    } else {
        share(spendable(wallet, kind), running)
    };
    if before.seconds.saturating_sub(confirmed) >= rules.extend_below_seconds {
        return Grant {
            seconds: before.seconds,
            ..grant(pricing, before.held, share)
        };
    }
    let wanted_seconds = before
        .seconds
        .saturating_add(rules.hold_seconds)
        .min(pricing.max_seconds());
    let wanted = pricing.charge(wanted_seconds) - before.held;
    let more = wanted.max(Money::ZERO).min(share);
    let after = grant(pricing, before.held + more, share - more);
    if after.seconds <= before.seconds {
        // The addition cannot buy one step: it stays where it is.
        return Grant {
            is_final: true,
            ..before
        };
    }
    after
}

fn grant(pricing: &Pricing, held: Money, left: Money) -> Grant {
    let seconds = pricing.talk_time(held);
    let is_longest = seconds >= pricing.max_seconds();
    Grant {
        held,
        seconds,
        is_final: is_longest || pricing.charge(seconds + 1) > held + left,
    }
}

fn share(available: Money, running: u32) -> Money {
    let each = available.decimal() / Decimal::from(running.max(1));
    Money::exact(each.round_dp_with_strategy(crate::money::SCALE, RoundingStrategy::ToZero))
        .expect("a part of an amount is an amount")
}

/// The end of a call of this many talked seconds: the charge at most the hold, then at most what is
/// available beside it; what is left of the hold goes back.
pub fn settle(pricing: &Pricing, held: Money, available: Money, talked: u32) -> Settlement {
    let cost = pricing.charge(talked);
    let within = cost.min(held);
    let beyond_hold = (cost - within).min(available);
    Settlement {
        billed_seconds: pricing.billed_seconds(talked),
        charge: within + beyond_hold,
        beyond_hold,
        released: held - within,
        shrinkage: cost - within - beyond_hold,
    }
}

/// The end of a call nobody reported: the confirmed seconds, at most the hold.
pub fn expire(pricing: &Pricing, held: Money, confirmed: u32) -> Settlement {
    settle(pricing, held, Money::ZERO, confirmed)
}

/// What a late report of the talked seconds changes: downward freely, upward at most by what the
/// old hold had left and by what is available now.
pub fn correct(
    pricing: &Pricing,
    charged: Money,
    held_before: Money,
    available: Money,
    talked: u32,
) -> Correction {
    let cost = pricing.charge(talked);
    let given_back = (charged - cost).max(Money::ZERO);
    let missing = (cost - charged).max(Money::ZERO);
    let unused = (held_before - charged).max(Money::ZERO);
    let taken = missing.min(unused).min(available);
    Correction {
        charge: charged - given_back + taken,
        given_back,
        taken,
        shrinkage: missing - taken,
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
