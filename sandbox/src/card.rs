//! The test cards: which numbers exist, and what each does.

use crate::decline::{
    Decline, EXPIRED, GENERIC, INCORRECT_CVC, INSUFFICIENT_FUNDS, LOST, PROCESSING, STOLEN,
};
use sha2::{Digest, Sha256};

/// A number that may be typed. Any other is refused, lest a real one be kept.
#[derive(Debug)]
pub(crate) struct TestCard {
    pub(crate) number: &'static str,
    pub(crate) brand: &'static str,
    /// What it does, for the list beside the form.
    pub(crate) label: &'static str,
    /// When the customer pays on the hosted page.
    pub(crate) paying: Act,
    /// When it is saved without a payment.
    pub(crate) saving: Act,
    /// When it is charged later, without the customer.
    pub(crate) later: Act,
    pub(crate) after: After,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Act {
    Succeed,
    Authenticate,
    /// Authentication passes, the payment does not.
    AuthenticateThenDecline(Decline),
    /// Authentication is not needed once the card was saved for use without the customer.
    AuthenticateUnlessSaved,
    Decline(Decline),
    /// The bank answers later.
    Process,
}

/// What follows a successful payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Nothing,
    Dispute,
    Inquiry,
    EarlyFraudWarning,
    RefundPends,
    RefundFails,
}

const fn card(number: &'static str, label: &'static str, paying: Act, later: Act) -> TestCard {
    TestCard {
        number,
        brand: "visa",
        label,
        paying,
        saving: Act::Succeed,
        later,
        after: After::Nothing,
    }
}

const fn of_brand(number: &'static str, brand: &'static str, label: &'static str) -> TestCard {
    TestCard {
        brand,
        ..card(number, label, Act::Succeed, Act::Succeed)
    }
}

const fn refused(number: &'static str, label: &'static str, decline: Decline) -> TestCard {
    let act = Act::Decline(decline);
    TestCard {
        saving: act,
        ..card(number, label, act, act)
    }
}

const fn followed(number: &'static str, label: &'static str, after: After) -> TestCard {
    TestCard {
        after,
        ..card(number, label, Act::Succeed, Act::Succeed)
    }
}

/// Every card there is; the first are the ones shown first.
pub(crate) const CARDS: &[TestCard] = &[
    card("4242424242424242", "Succeeds", Act::Succeed, Act::Succeed),
    TestCard {
        brand: "mastercard",
        ..card(
            "5555555555554444",
            "Succeeds (Mastercard)",
            Act::Succeed,
            Act::Succeed,
        )
    },
    // Other cards that succeed, so that more than two people can have one of their own.
    card(
        "4000056655665556",
        "Succeeds (Visa debit)",
        Act::Succeed,
        Act::Succeed,
    ),
    of_brand(
        "5200828282828210",
        "mastercard",
        "Succeeds (Mastercard debit)",
    ),
    of_brand("6011111111111117", "discover", "Succeeds (Discover)"),
    of_brand("3056930009020004", "diners", "Succeeds (Diners Club)"),
    of_brand("3566002020360505", "jcb", "Succeeds (JCB)"),
    of_brand("6200000000000005", "unionpay", "Succeeds (UnionPay)"),
    refused("4000000000000002", "Is declined", GENERIC),
    refused(
        "4000000000009995",
        "Has insufficient funds",
        INSUFFICIENT_FUNDS,
    ),
    TestCard {
        saving: Act::Authenticate,
        ..card(
            "4000002500003155",
            "Asks for 3-D Secure, unless saved before",
            Act::AuthenticateUnlessSaved,
            Act::AuthenticateUnlessSaved,
        )
    },
    TestCard {
        saving: Act::Authenticate,
        ..card(
            "4000002760003184",
            "Asks for 3-D Secure every time",
            Act::Authenticate,
            Act::Authenticate,
        )
    },
    TestCard {
        saving: Act::Authenticate,
        ..card(
            "4000008260003178",
            "Asks for 3-D Secure, then has insufficient funds",
            Act::AuthenticateThenDecline(INSUFFICIENT_FUNDS),
            Act::Authenticate,
        )
    },
    card(
        "4000000000000341",
        "Can be saved, is declined when charged",
        Act::Decline(GENERIC),
        Act::Decline(GENERIC),
    ),
    refused("4000000000000069", "Has expired", EXPIRED),
    refused(
        "4000000000000127",
        "Has another security code",
        INCORRECT_CVC,
    ),
    refused("4000000000000119", "Meets a processing error", PROCESSING),
    refused("4000000000009987", "Was reported lost", LOST),
    refused("4000000000009979", "Was reported stolen", STOLEN),
    followed(
        "4000000000000259",
        "Succeeds, then is disputed as fraudulent",
        After::Dispute,
    ),
    followed(
        "4000000000001976",
        "Succeeds, then is inquired about",
        After::Inquiry,
    ),
    followed(
        "4000000000005423",
        "Succeeds, then brings an early fraud warning",
        After::EarlyFraudWarning,
    ),
    followed(
        "4000000000007726",
        "Succeeds; refunds are pending for a while",
        After::RefundPends,
    ),
    followed(
        "4000000000005126",
        "Succeeds; refunds fail later",
        After::RefundFails,
    ),
];

/// The test cards as lines of text, for a terminal.
pub fn test_cards() -> String {
    let lines = CARDS
        .iter()
        .map(|card| format!("  {}  {}\n", card.spaced(), card.label));
    lines.fold(
        "Test cards (any date to come, any CVC):\n".to_owned(),
        |all, line| all + &line,
    )
}

/// The card of that number, typed with or without spaces.
pub(crate) fn find(number: &str) -> Option<&'static TestCard> {
    let digits: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    CARDS.iter().find(|card| card.number == digits)
}

/// Stripe's ready-made payment methods for tests.
pub(crate) fn ready_made(id: &str) -> Option<&'static TestCard> {
    find(match id {
        "pm_card_visa" => "4242424242424242",
        "pm_card_mastercard" => "5555555555554444",
        "pm_card_chargeDeclined" => "4000000000000002",
        "pm_card_chargeCustomerFail" => "4000000000000341",
        "pm_card_authenticationRequired" => "4000002760003184",
        _ => return None,
    })
}

/// A brand as people write it.
pub(crate) fn brand_name(brand: &str) -> &str {
    match brand {
        "visa" => "Visa",
        "mastercard" => "Mastercard",
        "discover" => "Discover",
        "diners" => "Diners Club",
        "jcb" => "JCB",
        "unionpay" => "UnionPay",
        other => other,
    }
}

impl TestCard {
    pub(crate) fn last4(&self) -> &'static str {
        self.number.get(12..).unwrap_or(self.number)
    }

    /// The same for the same number, and says nothing about it.
    pub(crate) fn fingerprint(&self) -> String {
        hex::encode(&Sha256::digest(self.number)[..8])
    }

    /// `4242 4242 4242 4242`
    pub(crate) fn spaced(&self) -> String {
        let mut spaced = String::with_capacity(19);
        for (place, digit) in self.number.chars().enumerate() {
            if place > 0 && place % 4 == 0 {
                spaced.push(' ');
            }
            spaced.push(digit);
        }
        spaced
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_with_spaces_and_others_are_not() {
        assert_eq!(
            find("4242 4242 4242 4242").map(TestCard::last4),
            Some("4242")
        );
        assert!(find("4111111111111111").is_none());
        assert!(find("").is_none());
    }

    #[test]
    fn every_number_is_whole_and_unique() {
        for (place, card) in CARDS.iter().enumerate() {
            assert_eq!(card.number.len(), 16, "{}", card.label);
            assert!(
                CARDS[place + 1..]
                    .iter()
                    .all(|other| other.number != card.number)
            );
        }
    }
}
