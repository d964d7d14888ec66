//! Destinations as the public price list shows them.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::Money;
use crate::rate::{Pricing, RateKind};

/// A destination of one kind and price, whatever number of prefixes it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    pub destination: String,
    pub kind: RateKind,
    pub pricing: Pricing,
    /// Never called.
    pub blocked: bool,
    /// E.164 digits without the plus, in order.
    pub prefixes: Vec<String>,
    /// The next price, if one is announced.
    pub upcoming: Option<Upcoming>,
}

/// A price that is announced and not valid yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upcoming {
    #[serde(with = "time::serde::rfc3339")]
    pub from: OffsetDateTime,
    pub pricing: Pricing,
    pub blocked: bool,
}

impl Offer {
    /// Whole minutes that this much money buys in one call after another, each a minute long or
    /// more: the connection fee is counted once.
    pub fn minutes_for(&self, money: Money) -> u32 {
        let unlimited = Pricing::try_from(crate::rate::UncheckedPricing {
            max_seconds: crate::rate::LONGEST_CALL,
            ..self.pricing.into()
        })
        .unwrap_or(self.pricing);
        unlimited.talk_time(money) / 60
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate::UncheckedPricing;

    #[test]
    fn ten_dollars_buy_whole_minutes() {
        for (per_minute, fee, minutes) in
            [("0.0217", "0", 460), ("0.10", "0.5", 95), ("11", "0", 0)]
        {
            let pricing = Pricing::try_from(UncheckedPricing {
                per_minute: per_minute.parse().unwrap(),
                connection_fee: fee.parse().unwrap(),
                initial_seconds: 1,
                increment_seconds: 1,
                max_seconds: 14_400,
            })
            .unwrap();
            let offer = Offer {
                destination: "Mexico".into(),
                kind: RateKind::Landline,
                pricing,
                blocked: false,
                prefixes: vec!["52".into()],
                upcoming: None,
            };
            assert_eq!(offer.minutes_for(Money::from_dollars(10)), minutes);
        }
    }
}
