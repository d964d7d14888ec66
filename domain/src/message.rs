//! Messages that come in: charged once, or parked until there is credit.

use serde::{Deserialize, Serialize};
use time::Duration;

use crate::transfer::words;
use crate::{Money, Wallet};

words!(
    /// Where a message stands.
    MessageState {
        Delivered = "delivered",
        /// Not charged; sender and time are visible, the text is not.
        Parked = "parked",
        /// Parked for too long; the text is gone.
        Lapsed = "lapsed",
        /// From a sender the customer keeps away: costs nothing, and its text was never kept.
        Blocked = "blocked",
    }
);

/// Numbers an operator may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRules {
    /// The most that messages may cost a wallet in one day (UTC).
    pub daily_cap: Money,
    pub parked_for: Duration,
    /// More than this is no message; a text may be put together from 255 parts (3GPP TS 23.040).
    pub most_segments: u32,
    /// Price of a segment on a number that has no price of its own.
    pub segment_price: Money,
}

impl Default for MessageRules {
    fn default() -> Self {
        Self {
            daily_cap: Money::from_dollars(1),
            parked_for: Duration::hours(72),
            most_segments: 255,
            segment_price: Money::from_cents(1),
        }
    }
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Delivered { charge: Money },
    Parked,
}

impl MessageRules {
    /// Charges the whole message or nothing: parked if the balance or the day's cap is short, or
    /// while the wallet owes.
    pub fn deliver(&self, wallet: &Wallet, charge: Money, charged_today: Money) -> Delivery {
        let fits = charge <= wallet.available() && charged_today + charge <= self.daily_cap;
        if charge.is_zero() || (fits && wallet.debt.is_zero()) {
            Delivery::Delivered { charge }
        } else {
            Delivery::Parked
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn a_message_is_charged_whole_or_parked() {
        let rules = MessageRules::default();
        let wallet = |paid: &str, held: &str, debt: &str| Wallet {
            paid: money(paid),
            held: money(held),
            debt: money(debt),
            ..Wallet::default()
        };
        let delivered = |charge: &str| Delivery::Delivered {
            charge: money(charge),
        };
        let cases = [
            (wallet("1", "0", "0"), "0.05", "0", delivered("0.05")),
            (wallet("0.05", "0", "0"), "0.05", "0", delivered("0.05")),
            (wallet("0.0499", "0", "0"), "0.05", "0", Delivery::Parked),
            (wallet("1", "0.96", "0"), "0.05", "0", Delivery::Parked),
            (wallet("9", "0", "0.01"), "0.05", "0", Delivery::Parked),
            (wallet("9", "0", "0"), "0.05", "0.95", delivered("0.05")),
            (wallet("9", "0", "0"), "0.05", "0.9501", Delivery::Parked),
            (wallet("0", "0", "5"), "0", "1", delivered("0")),
        ];
        for (wallet, charge, today, expected) in cases {
            assert_eq!(
                rules.deliver(&wallet, money(charge), money(today)),
                expected
            );
        }
    }
}
