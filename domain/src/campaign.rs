//! Promo codes: how one is written, whom it is for, and what it may cost.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::{Declined, Money};

/// Letters and digits of a code, at least and at most.
const LENGTH: std::ops::RangeInclusive<usize> = 4..=32;
/// The longest a campaign and its credit may last.
const LONGEST: Duration = Duration::days(3 * 365);
/// The most one redemption may give.
const LARGEST: Money = Money::from_dollars(1_000);

/// A code in its normal form: what two ways of typing the same code have in common.
///
/// Upper case, no spaces and no dashes, and letters that look like digits are those digits: people
/// read codes from posters and say them on the telephone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(String);

impl Code {
    /// Reads a code as typed; none if it cannot be one.
    pub fn read(typed: &str) -> Option<Self> {
        let mut normal = String::new();
        for letter in typed.trim().chars() {
            match narrow(letter) {
                ' ' | '-' | '\u{2010}'..='\u{2015}' | '\u{a0}' => {}
                letter if letter.is_ascii_alphanumeric() => {
                    normal.push(look(letter.to_ascii_uppercase()));
                }
                _ => return None,
            }
            if normal.len() > *LENGTH.end() {
                return None;
            }
        }
        LENGTH.contains(&normal.len()).then_some(Self(normal))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Full-width letters, which some keyboards type, are the letters.
fn narrow(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(letter) - 0xfee0).expect("printable ASCII is a character")
        }
        '\u{3000}' => ' ',
        other => other,
    }
}

/// The digit a letter looks like, or the letter.
const fn look(letter: char) -> char {
    match letter {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

/// What a campaign promises, to whom and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Campaign {
    /// As printed: the operator's spelling.
    pub code: String,
    /// The customer reads it beside the credit.
    pub reason: String,
    /// What one redemption gives.
    pub amount: Money,
    pub starts_at: OffsetDateTime,
    /// Exclusive.
    pub ends_at: OffsetDateTime,
    /// How many may redeem it.
    pub budget_count: u32,
    /// What all of them together may get.
    pub budget_sum: Money,
    /// Only with the first purchase of a wallet.
    pub first_top_up_only: bool,
    /// Only with a purchase of at least this much.
    pub smallest_top_up: Option<Money>,
    /// How long the credit may be spent.
    pub credit_days: u32,
}

/// Why a campaign cannot be run as it is described.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignRefusal {
    /// 4 to 32 letters and digits.
    Code,
    /// The code is another campaign's, or looks like it, or is a customer's invitation.
    CodeTaken,
    /// 3 to 200 characters.
    Reason,
    /// More than nothing, at most $1,000, in whole cents.
    Amount,
    /// It must start before it ends, and end after now.
    Window,
    /// It must pay for at least one redemption.
    Budget,
    /// Less than nothing.
    SmallestTopUp,
    /// 1 day to 3 years.
    CreditDays,
}

impl Campaign {
    /// Checks the description of a new campaign and finds its code's normal form.
    pub fn check(&self, now: OffsetDateTime) -> Result<Code, CampaignRefusal> {
        let code = Code::read(&self.code).ok_or(CampaignRefusal::Code)?;
        if !(3..=200).contains(&self.reason.trim().chars().count()) {
            return Err(CampaignRefusal::Reason);
        }
        if !self.amount.is_positive() || self.amount > LARGEST || self.amount.cents().is_err() {
            return Err(CampaignRefusal::Amount);
        }
        let is_window = self.starts_at < self.ends_at && self.ends_at > now;
        if !is_window || self.ends_at - self.starts_at > LONGEST {
            return Err(CampaignRefusal::Window);
        }
        if self.budget_count == 0 || self.budget_sum < self.amount {
            return Err(CampaignRefusal::Budget);
        }
        if self
            .smallest_top_up
            .is_some_and(|least| !least.is_positive())
        {
            return Err(CampaignRefusal::SmallestTopUp);
        }
        if self.credit_days == 0 || Duration::days(i64::from(self.credit_days)) > LONGEST {
            return Err(CampaignRefusal::CreditDays);
        }
        Ok(code)
    }

    /// Whether a purchase must come with the code.
    pub fn needs_purchase(&self) -> bool {
        self.first_top_up_only || self.smallest_top_up.is_some()
    }

    /// When credit given now ends.
    pub fn credit_until(&self, now: OffsetDateTime) -> OffsetDateTime {
        now + Duration::days(i64::from(self.credit_days))
    }
}

/// Who redeems a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redeemer {
    /// Has redeemed this code before, or is about to.
    pub has_used: bool,
    /// Has a purchase that was paid.
    pub has_bought: bool,
    /// What is being bought together with the code.
    pub purchase: Option<Money>,
}

/// Why a code gives nothing, with the number to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromoRefusal {
    /// No campaign has this code.
    Unknown,
    Used,
    Expired,
    NotStarted,
    /// It comes with a purchase of at least this much.
    Minimum {
        smallest: Money,
    },
    BudgetGone,
    NotEligible,
}

impl From<PromoRefusal> for Declined {
    fn from(refusal: PromoRefusal) -> Self {
        Self::Promo(refusal)
    }
}

impl From<CampaignRefusal> for Declined {
    fn from(refusal: CampaignRefusal) -> Self {
        Self::Campaign(refusal)
    }
}

/// The ladder of refusals, in the order we would explain them. The budget is not asked here: it is
/// guarded where it is taken. `smallest` is the smallest purchase there is.
pub fn redeem(
    campaign: &Campaign,
    is_stopped: bool,
    who: Redeemer,
    smallest: Money,
    now: OffsetDateTime,
) -> Result<(), PromoRefusal> {
    if who.has_used {
        return Err(PromoRefusal::Used);
    }
    if is_stopped || now >= campaign.ends_at {
        return Err(PromoRefusal::Expired);
    }
    if now < campaign.starts_at {
        return Err(PromoRefusal::NotStarted);
    }
    if campaign.first_top_up_only && who.has_bought {
        return Err(PromoRefusal::NotEligible);
    }
    let least = campaign.smallest_top_up.unwrap_or(smallest);
    let is_enough = who.purchase.is_some_and(|amount| amount >= least);
    if campaign.needs_purchase() && !is_enough {
        return Err(PromoRefusal::Minimum { smallest: least });
    }
    Ok(())
}

#[cfg(test)]
#[path = "campaign_tests.rs"]
mod tests;
