//! Auto-refill: when a saved card is charged without its owner, and when not.

mod decline;
mod terms;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime, Time};

use crate::transfer::words;
use crate::{Money, Wallet};

pub use decline::{AfterDecline, DeclineKind, decline_reason};
pub use terms::{RefillRefusal, RefillTerms};

words!(
    /// Where auto-refill stands. Only the customer leads out of `off`, `action_required` and
    /// `suspended`; out of the others the next decision does.
    RefillState {
        Off = "off",
        /// Waits for the balance to drop below the threshold.
        Armed = "armed",
        /// A charge is under way, or its outcome is not known yet.
        Charging = "charging",
        /// A refill is not possible before a known time: the last one was just now, or the day is full.
        Cooldown = "cooldown",
        /// The bank wants to ask the customer.
        ActionRequired = "action_required",
        /// The last charge was declined and is tried again at a known time.
        BackingOff = "backing_off",
        /// The month's cap is reached.
        Capped = "capped",
        /// Ended by something the customer must look at.
        Suspended = "suspended",
    }
);

words!(
    /// Why auto-refill was suspended.
    SuspendReason {
        /// The bank declined the card for good.
        CardDeclined = "card_declined",
        /// Declined too many times in a row.
        Failures = "failures",
        /// The bank's question was not answered in time.
        NotConfirmed = "not_confirmed",
        /// Too many refills in a short time.
        Fuse = "fuse",
        /// The card was removed.
        CardRemoved = "card_removed",
        /// A payment is disputed, or was.
        Dispute = "dispute",
        /// The payment processor refused the request itself.
        Refused = "refused",
    }
);

/// Numbers an operator may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefillRules {
    pub smallest_threshold: Money,
    pub largest_threshold: Money,
    pub smallest: Money,
    pub largest: Money,
    pub largest_cap: Money,
    /// The cap that is offered, as a multiple of the amount.
    pub cap_multiple: u32,
    /// Refills in 24 hours.
    pub per_day: usize,
    /// Time between a refill and the next.
    pub cooldown: Duration,
    /// So many refills within this time look like a leak: they stop until the customer has looked.
    pub fuse: usize,
    pub fuse_within: Duration,
    /// Pauses before a declined charge is tried again: after the first decline, the second, and so on.
    pub back_off: Vec<Duration>,
    /// Declines in a row that suspend.
    pub failures: u32,
    /// How long the customer has to answer the bank's question.
    pub confirm_within: Duration,
    /// From this part of the cap on the customer is told that it is near.
    pub warn_percent: u32,
    /// How long a call waits for a refill before it is refused.
    pub call_waits: Duration,
}

impl Default for RefillRules {
    fn default() -> Self {
        Self {
            smallest_threshold: Money::from_dollars(2),
            largest_threshold: Money::from_dollars(500),
            smallest: Money::from_dollars(5),
            largest: Money::from_dollars(1000),
            largest_cap: Money::from_dollars(10_000),
            cap_multiple: 4,
            per_day: 3,
            cooldown: Duration::minutes(1),
            fuse: 2,
            fuse_within: Duration::minutes(60),
            back_off: vec![
                Duration::minutes(15),
                Duration::hours(6),
                Duration::hours(24),
            ],
            failures: 3,
            confirm_within: Duration::hours(24),
            warn_percent: 80,
            call_waits: Duration::seconds(8),
        }
    }
}

/// The rule as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefillRule {
    pub state: RefillState,
    pub terms: RefillTerms,
    /// When the customer turned it on last: the fuse counts from then.
    pub armed_at: OffsetDateTime,
}

/// What came or is coming from the card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incoming {
    /// A charge is under way, or its outcome is not known.
    pub is_open: bool,
    /// Refills that succeeded: all of this month (UTC) and of the last 24 hours.
    pub settled: Vec<Settled>,
}

/// A refill that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    pub at: OffsetDateTime,
    pub amount: Money,
}

impl Incoming {
    /// What was charged in the month (UTC) of this moment.
    pub fn in_month_of(&self, now: OffsetDateTime) -> Money {
        let month = |at: OffsetDateTime| (at.year(), at.month());
        let of_month = |settled: &&Settled| month(settled.at) == month(now);
        self.settled
            .iter()
            .filter(of_month)
            .map(|settled| settled.amount)
            .sum()
    }

    fn since(&self, start: OffsetDateTime) -> Vec<OffsetDateTime> {
        let mut times: Vec<_> = self.settled.iter().map(|settled| settled.at).collect();
        times.retain(|at| *at > start);
        times.sort();
        times
    }
}

/// Soft declines since the last success or since it was turned on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Declines {
    pub in_a_row: u32,
    pub last_at: Option<OffsetDateTime>,
}

/// Whether the card is charged now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Refill(Money),
    Wait(Wait),
}

/// Why it is not, and until when, where time alone changes that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    Off,
    Suspended,
    NeedsCustomer,
    UnderWay,
    Owes,
    Capped { until: OffsetDateTime },
    BackingOff { until: OffsetDateTime },
    Cooldown { until: OffsetDateTime },
    Enough,
    Fuse,
    DayFull { until: OffsetDateTime },
}

impl Wait {
    /// When to decide again; none if something else must happen first.
    pub fn until(self) -> Option<OffsetDateTime> {
        match self {
            Self::Capped { until }
            | Self::BackingOff { until }
            | Self::Cooldown { until }
            | Self::DayFull { until } => Some(until),
            _ => None,
        }
    }
}

impl RefillRules {
    /// Whether these terms can be agreed to.
    pub fn check(&self, terms: RefillTerms) -> Result<RefillTerms, RefillRefusal> {
        let fits = |value: Money, smallest: Money, largest: Money| {
            value >= smallest && value <= largest && value.cents().is_ok()
        };
        if !fits(
            terms.threshold,
            self.smallest_threshold,
            self.largest_threshold,
        ) {
            return Err(RefillRefusal::Threshold {
                smallest: self.smallest_threshold,
                largest: self.largest_threshold,
            });
        }
        if !fits(terms.amount, self.smallest, self.largest) {
            return Err(RefillRefusal::Amount {
                smallest: self.smallest,
                largest: self.largest,
            });
        }
        if !fits(terms.monthly_cap, terms.amount, self.largest_cap) {
            return Err(RefillRefusal::Cap {
                smallest: terms.amount,
                largest: self.largest_cap,
            });
        }
        Ok(terms)
    }

    /// The cap that is offered for an amount.
    pub fn offered_cap(&self, amount: Money) -> Money {
        let all: Money = (0..self.cap_multiple).map(|_| amount).sum();
        all.min(self.largest_cap)
    }

    /// Whether the card is charged now. Asked in the transaction that keeps the answer, with the
    /// wallet locked.
    pub fn decide(
        &self,
        rule: &RefillRule,
        wallet: &Wallet,
        incoming: &Incoming,
        declines: &Declines,
        now: OffsetDateTime,
    ) -> Decision {
        match rule.state {
            RefillState::Off => return Decision::Wait(Wait::Off),
            RefillState::Suspended => return Decision::Wait(Wait::Suspended),
            RefillState::ActionRequired => return Decision::Wait(Wait::NeedsCustomer),
            _ => {}
        }
        if incoming.is_open {
            return Decision::Wait(Wait::UnderWay);
        }
        if wallet.debt.is_positive() {
            return Decision::Wait(Wait::Owes);
        }
        let terms = rule.terms;
        if incoming.in_month_of(now) + terms.amount > terms.monthly_cap {
            let until = next_month(now);
            return Decision::Wait(Wait::Capped { until });
        }
        if let Some(until) = self.backs_off_until(declines).filter(|until| *until > now) {
            return Decision::Wait(Wait::BackingOff { until });
        }
        let last = incoming.settled.iter().map(|settled| settled.at).max();
        if let Some(until) = last
            .map(|at| at + self.cooldown)
            .filter(|until| *until > now)
        {
            return Decision::Wait(Wait::Cooldown { until });
        }
        if wallet.available() >= terms.threshold {
            return Decision::Wait(Wait::Enough);
        }
        let fuse_start = rule.armed_at.max(now - self.fuse_within);
        if incoming.since(fuse_start).len() >= self.fuse {
            return Decision::Wait(Wait::Fuse);
        }
        let today = incoming.since(now - Duration::DAY);
        if let Some(first) = today.len().checked_sub(self.per_day).map(|at| today[at]) {
            let until = first + Duration::DAY;
            return Decision::Wait(Wait::DayFull { until });
        }
        Decision::Refill(terms.amount)
    }

    /// When a declined charge may be tried again.
    fn backs_off_until(&self, declines: &Declines) -> Option<OffsetDateTime> {
        let step = usize::try_from(declines.in_a_row.checked_sub(1)?).ok()?;
        let pause = self.back_off.get(step).or(self.back_off.last())?;
        Some(declines.last_at? + *pause)
    }

    /// Where a decline leads that is the `in_a_row`-th since the last success.
    pub fn after_decline(
        &self,
        kind: DeclineKind,
        in_a_row: u32,
        now: OffsetDateTime,
    ) -> AfterDecline {
        match kind {
            DeclineKind::Hard => AfterDecline::Suspend(SuspendReason::CardDeclined),
            DeclineKind::NeedsCustomer => AfterDecline::AskCustomer {
                until: now + self.confirm_within,
            },
            DeclineKind::Soft if in_a_row >= self.failures => {
                AfterDecline::Suspend(SuspendReason::Failures)
            }
            DeclineKind::Soft => {
                let declines = Declines {
                    in_a_row,
                    last_at: Some(now),
                };
                let until = self.backs_off_until(&declines).unwrap_or(now);
                AfterDecline::BackOff { until }
            }
        }
    }

    /// Whether a refill that brought the month from one sum to another is the one that came near
    /// the cap.
    pub fn comes_near_cap(&self, terms: &RefillTerms, before: Money, after: Money) -> bool {
        let near = terms.monthly_cap.percent_in_cents(self.warn_percent);
        before < near && after >= near
    }
}

/// The first moment of the next month (UTC).
pub fn next_month(now: OffsetDateTime) -> OffsetDateTime {
    let first = now.replace_time(Time::MIDNIGHT).replace_day(1);
    // Every month has a first day, and 32 days after it the next month has begun.
    let within = first.map(|first| first + Duration::days(32));
    within
        .and_then(|within| within.replace_day(1))
        .expect("every month has a first day")
}

#[cfg(test)]
#[path = "refill_tests.rs"]
mod tests;
