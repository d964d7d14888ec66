//! Saved cards: what we know of them, which is what is printed on them in part.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A card as its owner knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Stripe's word: `visa`.
    pub brand: String,
    pub last4: String,
    pub exp_month: u8,
    pub exp_year: u16,
}

impl Card {
    /// What its owner calls it: `Visa ····4242`.
    pub fn name(&self) -> String {
        self.name_beside("Card")
    }

    /// The same with a word for cards of a brand nobody knows.
    pub fn name_beside(&self, card: &str) -> String {
        let brand = brand_name(&self.brand).unwrap_or(card);
        format!("{brand} ····{}", self.last4)
    }

    /// Whether its last month is over.
    pub fn is_expired(&self, now: OffsetDateTime) -> bool {
        let month = (now.year(), u8::from(now.month()));
        (i32::from(self.exp_year), self.exp_month) < month
    }
}

/// Stripe's word for a brand as people write it; none for one we do not know.
pub fn brand_name(brand: &str) -> Option<&'static str> {
    Some(match brand {
        "visa" => "Visa",
        "mastercard" => "Mastercard",
        "amex" => "American Express",
        "discover" => "Discover",
        "diners" => "Diners Club",
        "jcb" => "JCB",
        "unionpay" => "UnionPay",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_card_is_good_to_the_end_of_its_last_month() {
        let card = Card {
            brand: "visa".into(),
            last4: "4242".into(),
            exp_month: 11,
            exp_year: 2026,
        };
        assert!(!card.is_expired(datetime!(2026-11-30 23:59:59 UTC)));
        assert!(card.is_expired(datetime!(2026-12-01 00:00:00 UTC)));
        assert!(card.is_expired(datetime!(2027-01-01 00:00:00 UTC)));
    }
}
