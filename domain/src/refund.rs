//! Money back to the card: how much of a purchase may be returned, and what becomes of its bonus.
//!
//! After returning a part of a purchase the customer stands as if only the rest had been bought. What
//! the bonus was more than that is taken back: first from what is left of it, then from the money.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::top_up::TopUpRules;
use crate::transfer::words;
use crate::{Declined, Money};

/// How long customers return a purchase by themselves; later support does.
pub const SELF_SERVICE: Duration = Duration::days(60);

/// A purchase and what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchased {
    pub bought: Money,
    /// As promised when it was bought.
    pub bonus: Money,
    /// Paid credit that was returned before.
    pub returned: Money,
    /// Bonus that was taken back before.
    pub clawed_back: Money,
    pub paid_left: Money,
    pub bonus_left: Money,
}

/// A return as it is shown before the click: every line of the calculation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Paid credit that leaves the wallet.
    pub credit: Money,
    /// Bonus that the smaller purchase would not have earned.
    pub clawback: Money,
    /// How much of it is taken from the bonus that is left.
    pub from_bonus: Money,
    /// The rest of it, taken from the money.
    pub from_money: Money,
    /// What arrives at the card, in whole cents.
    pub back: Money,
}

words!(
    /// Where a refund stands.
    RefundState {
        /// Set aside; Stripe was not asked, or its answer is not known.
        Due = "due",
        /// Stripe has it and waits for the bank.
        Pending = "pending",
        Succeeded = "succeeded",
        /// Stripe did not do it: everything came back.
        Refused = "refused",
        /// It left and came back: the card's bank did not take it.
        Failed = "failed",
    }
);

/// Why a purchase is not returned now, or not by oneself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundRefusal {
    /// Nothing was paid.
    NotPaid,
    /// Another refund of it is on its way.
    OnItsWay,
    /// A bank is asked about this payment.
    Disputed,
    /// The wallet owes: what came in pays the debt.
    Debt,
    /// More than this many days ago: support can.
    TooLate {
        days: i64,
    },
    /// Nothing of it is left that could come back.
    NothingLeft,
    /// Calls have set credit aside; this much is free now.
    Held {
        free: Money,
    },
    /// Not an amount in dollars and cents.
    NotAnAmount,
    AboveMost {
        most: Money,
    },
    /// The bonus that would have to be taken back is as much as the money.
    NothingBack,
    /// This refund was asked for before with another amount.
    Changed,
}

impl From<RefundRefusal> for Declined {
    fn from(refusal: RefundRefusal) -> Self {
        Self::Refund(refusal)
    }
}

impl Purchased {
    /// The most paid credit that can be returned, in whole cents.
    pub fn most(&self) -> Money {
        self.paid_left
            .min(self.bought - self.returned)
            .max(Money::ZERO)
            .whole_cents()
    }

    /// The calculation for returning this much of what was bought.
    pub fn refund(&self, credit: Money, rules: &TopUpRules) -> Result<Refund, RefundRefusal> {
        let most = self.most();
        if most.is_zero() {
            return Err(RefundRefusal::NothingLeft);
        }
        if !credit.is_positive() || credit.cents().is_err() {
            return Err(RefundRefusal::NotAnAmount);
        }
        if credit > most {
            return Err(RefundRefusal::AboveMost { most });
        }
        let refund = self.calculate(credit, rules);
        if refund.back.is_positive() {
            Ok(refund)
        } else {
            Err(RefundRefusal::NothingBack)
        }
    }

    /// The refund that brings the most back: all that is left, or up to a step of the bonus ladder.
    pub fn best(&self, rules: &TopUpRules) -> Option<Refund> {
        let rest = self.bought - self.returned;
        let steps = rules.ladder.iter().map(|step| rest - step.from);
        steps
            .chain([self.most()])
            .filter_map(|credit| self.refund(credit, rules).ok())
            .max_by_key(|refund| (refund.back, refund.credit))
    }

    /// What a refund that Stripe made already comes to: the bonus follows as far as it is there.
    pub fn follow(&self, credit: Money, rules: &TopUpRules) -> Refund {
        let calculated = self.calculate(credit.min(self.bought - self.returned), rules);
        Refund {
            credit,
            clawback: calculated.from_bonus,
            from_money: Money::ZERO,
            back: credit,
            ..calculated
        }
    }

    fn calculate(&self, credit: Money, rules: &TopUpRules) -> Refund {
        let rest = self.bought - self.returned - credit;
        // The ladder may have changed since; nobody gets more by it than was promised.
        let earned = rules.bonus(rest).min(self.bonus);
        let clawback = (self.bonus - self.clawed_back - earned).max(Money::ZERO);
        let from_bonus = clawback.min(self.bonus_left);
        let back = (credit - (clawback - from_bonus)).whole_cents();
        Refund {
            credit,
            clawback,
            from_bonus,
            from_money: credit - back,
            back,
        }
    }
}

#[cfg(test)]
#[path = "refund_tests.rs"]
mod tests;
