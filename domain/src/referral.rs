//! Inviting friends: what is done, what is missing, and when the reward comes.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::transfer::words;
use crate::{Declined, Money};

/// Numbers an operator may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferralRules {
    /// What each of the two gets.
    pub reward: Money,
    /// The friend's first purchase of at least this much counts.
    pub smallest_top_up: Money,
    /// So much paid credit must be used after it.
    pub used_at_least: Money,
    /// So long the purchase must stand without a refund or a dispute.
    pub stands_for: Duration,
    /// Rewards of one inviter in [`ReferralRules::most_within`].
    pub most: u32,
    pub most_within: Duration,
    /// A refund or a dispute so long after the purchase takes both rewards back.
    pub taken_back_within: Duration,
    /// How long the reward may be spent.
    pub credit_for: Duration,
}

impl Default for ReferralRules {
    fn default() -> Self {
        Self {
            reward: Money::from_dollars(5),
            smallest_top_up: Money::from_dollars(10),
            used_at_least: Money::from_dollars(2),
            stands_for: Duration::days(7),
            most: 10,
            most_within: Duration::days(30),
            taken_back_within: Duration::days(60),
            credit_for: Duration::days(365),
        }
    }
}

/// What is known about an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The friend's first purchase that is large enough and was paid.
    pub purchase: Option<Purchase>,
    /// What the friend shares with the inviter, or with another rewarded friend.
    pub shared: Option<Shared>,
    /// When the inviter may get another reward, if not now.
    pub capped_until: Option<OffsetDateTime>,
    pub rewarded_at: Option<OffsetDateTime>,
    pub taken_back_at: Option<OffsetDateTime>,
}

/// The purchase that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purchase {
    pub settled_at: OffsetDateTime,
    /// Paid credit that was used after it.
    pub used: Money,
    /// When a refund or a dispute that was not won took it back.
    pub undone_at: Option<OffsetDateTime>,
}

words!(
    /// What two people cannot share if they are two.
    Shared {
        Card = "card",
        Number = "number",
    }
);

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The friend has not bought enough at once yet.
    Invited,
    /// Bought, but not used enough.
    Using {
        missing: Money,
    },
    /// Everything is done but time has to pass.
    Waiting {
        until: OffsetDateTime,
    },
    /// The inviter has had the most rewards for now.
    Capped {
        until: OffsetDateTime,
    },
    /// Both rewards may be given.
    Due,
    Rewarded {
        at: OffsetDateTime,
    },
    /// Given, and to be taken back.
    Spoiled,
    TakenBack {
        at: OffsetDateTime,
    },
    /// The purchase was refunded or disputed before the reward.
    Undone,
    /// Not two people.
    Refused(Shared),
}

impl Standing {
    /// Which of the three steps are done: bought, used, stood.
    pub fn steps_done(self) -> usize {
        match self {
            Self::Invited | Self::Refused(_) | Self::Undone => 0,
            Self::Using { .. } => 1,
            Self::Waiting { .. } => 2,
            Self::Capped { .. } | Self::Due | Self::Rewarded { .. } => 3,
            Self::Spoiled | Self::TakenBack { .. } => 0,
        }
    }

    /// Whether no reward will come any more: none of the steps counts.
    pub fn is_over(self) -> bool {
        matches!(
            self,
            Self::Refused(_) | Self::Undone | Self::Spoiled | Self::TakenBack { .. }
        )
    }
}

/// Where an invitation stands now, in the order we would explain it.
pub fn standing(facts: &Facts, rules: &ReferralRules, now: OffsetDateTime) -> Standing {
    if let Some(at) = facts.taken_back_at {
        return Standing::TakenBack { at };
    }
    if let Some(at) = facts.rewarded_at {
        let is_spoiled = facts.purchase.is_some_and(|purchase| {
            purchase
                .undone_at
                .is_some_and(|undone| undone <= purchase.settled_at + rules.taken_back_within)
        });
        return if is_spoiled {
            Standing::Spoiled
        } else {
            Standing::Rewarded { at }
        };
    }
    let Some(purchase) = facts.purchase else {
        return Standing::Invited;
    };
    if let Some(shared) = facts.shared {
        return Standing::Refused(shared);
    }
    if purchase.undone_at.is_some() {
        return Standing::Undone;
    }
    if purchase.used < rules.used_at_least {
        return Standing::Using {
            missing: rules.used_at_least - purchase.used,
        };
    }
    let until = purchase.settled_at + rules.stands_for;
    if now < until {
        return Standing::Waiting { until };
    }
    match facts.capped_until {
        Some(until) if until > now => Standing::Capped { until },
        _ => Standing::Due,
    }
}

/// When it is worth looking again; none when nothing can change by itself.
pub fn look_again(
    standing: Standing,
    facts: &Facts,
    rules: &ReferralRules,
    now: OffsetDateTime,
) -> Option<OffsetDateTime> {
    /// Using credit tells nobody, so it is looked for.
    const OFTEN: Duration = Duration::hours(1);
    let until = match standing {
        // The purchase itself says so when it is paid.
        Standing::Invited | Standing::TakenBack { .. } | Standing::Refused(_) => return None,
        Standing::Due | Standing::Spoiled => return Some(now),
        Standing::Waiting { until } | Standing::Capped { until } => until,
        Standing::Using { .. } => {
            let first = facts.purchase.map(|it| it.settled_at + rules.stands_for);
            return first.map(|first| first.max(now + OFTEN));
        }
        // A dispute may still be won; a reward may still be taken back.
        Standing::Undone | Standing::Rewarded { .. } => {
            let end = facts.purchase?.settled_at + rules.taken_back_within + OFTEN;
            return (now < end).then(|| now + OFTEN);
        }
    };
    Some(until)
}

/// Why an invitation is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferralRefusal {
    Unknown,
    /// One's own code.
    Own,
    /// Another one was accepted.
    Already,
    /// Only before the first purchase.
    TooLate,
}

impl From<ReferralRefusal> for Declined {
    fn from(refusal: ReferralRefusal) -> Self {
        Self::Referral(refusal)
    }
}

#[cfg(test)]
#[path = "referral_tests.rs"]
mod tests;
