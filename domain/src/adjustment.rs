//! Corrections by support: never an edit, always a transfer with a reason the customer can read.

use serde::{Deserialize, Serialize};

use crate::transfer::words;
use crate::{Money, Wallet};

/// Above this a second person approves.
pub const NEEDS_APPROVAL_ABOVE: Money = Money::from_dollars(50);

words!(
    /// Where a correction stands. Only `posted` has moved money.
    AdjustmentState {
        Waiting = "waiting",
        Posted = "posted",
        Refused = "refused",
    }
);

/// Why a correction is not posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentRefusal {
    /// A reason has 3 to 500 characters.
    Reason,
    Author,
    /// Nothing, or more than the books move at once.
    Amount,
    /// A correction never takes more than is available.
    Short {
        available: Money,
    },
    /// The author cannot approve.
    SamePerson,
    /// The same id came with other content.
    Changed,
    /// It was decided already, and otherwise.
    Decided,
}

/// Whether a correction waits for a second person.
pub fn needs_approval(amount: Money) -> bool {
    amount.abs() > NEEDS_APPROVAL_ABOVE
}

/// How much of a correction that takes is given credit: paid credit is left to the customer longest.
pub fn promotional_part(wallet: &Wallet, taken: Money) -> Money {
    taken.min(wallet.promotional)
}

/// Checks what was asked, before the wallet is looked at.
pub fn check(amount: Money, reason: &str, author: &str) -> Result<(), AdjustmentRefusal> {
    if amount.is_zero() || amount.abs() > Money::from_dollars(1_000_000) {
        return Err(AdjustmentRefusal::Amount);
    }
    if !(3..=500).contains(&reason.trim().chars().count()) {
        return Err(AdjustmentRefusal::Reason);
    }
    if !(1..=200).contains(&author.trim().chars().count()) {
        return Err(AdjustmentRefusal::Author);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_dollars_need_one_person_and_a_cent_more_needs_two() {
        let money = |text: &str| text.parse::<Money>().unwrap();
        for (amount, two) in [
            ("50", false),
            ("50.0001", true),
            ("-50", false),
            ("-50.01", true),
        ] {
            assert_eq!(needs_approval(money(amount)), two, "{amount}");
        }
    }

    #[test]
    fn a_correction_says_why_and_by_whom() {
        let one = Money::from_dollars(1);
        assert_eq!(check(one, "double charge", "Ines"), Ok(()));
        assert_eq!(check(one, "  x ", "Ines"), Err(AdjustmentRefusal::Reason));
        assert_eq!(
            check(one, "double charge", " "),
            Err(AdjustmentRefusal::Author)
        );
        assert_eq!(
            check(Money::ZERO, "double charge", "Ines"),
            Err(AdjustmentRefusal::Amount)
        );
    }
}
