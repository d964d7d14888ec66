//! The sentences and names people read, made from the closed lists of `domain`.

mod declined;

use domain::TransferKind;
use domain::card::{Card, brand_name};
use domain::rate::RateKind;
use language::{Language, tell};

use crate::speech;
pub(crate) use declined::declined;

/// How long, roughly: `9 h 12 min`, `45 min`, `less than a minute`.
pub(crate) fn about(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => say!(price::UNDER_A_MINUTE),
        (0, minutes) => say!(price::MINUTES_SHORT, minutes = minutes),
        (hours, 0) => say!(price::HOURS, hours = hours),
        (hours, minutes) if hours < 100 => {
            say!(price::HOURS_MINUTES, hours = hours, minutes = minutes)
        }
        (hours, _) => say!(price::HOURS, hours = hours),
    }
}

/// A destination with its kind, unless its name says it: `Mexico, mobile`.
pub(crate) fn destination(name: &str, kind: RateKind) -> String {
    match kind {
        RateKind::Mobile if !name.to_lowercase().contains("mobile") => {
            format!("{name}, {}", say!(price::MOBILE).to_lowercase())
        }
        _ => name.to_owned(),
    }
}

/// What a bank meant by its decline, and the next step.
pub(crate) fn decline(code: Option<&str>) -> String {
    match code {
        Some("insufficient_funds") => say!(bank::INSUFFICIENT_FUNDS),
        Some("expired_card") => say!(bank::EXPIRED_CARD),
        Some("incorrect_cvc" | "incorrect_number" | "incorrect_zip") => say!(bank::INCORRECT),
        Some("authentication_required" | "payment_intent_authentication_failure") => {
            say!(bank::AUTHENTICATION)
        }
        Some("processing_error") => say!(bank::PROCESSING),
        _ => say!(bank::DECLINED),
    }
}

/// A transfer, named for the customer, in the language of the page.
pub(crate) fn transfer(kind: TransferKind) -> String {
    transfer_name(kind, speech::language())
}

/// A transfer, named for the customer.
pub fn transfer_name(kind: TransferKind, language: Language) -> String {
    match kind {
        TransferKind::TopUp => tell!(language, transfer::TOP_UP),
        TransferKind::Bonus => tell!(language, transfer::BONUS),
        TransferKind::Promo => tell!(language, transfer::PROMO),
        TransferKind::Referral => tell!(language, transfer::REFERRAL),
        TransferKind::Adjustment => tell!(language, transfer::ADJUSTMENT),
        TransferKind::Hold => tell!(language, transfer::HOLD),
        TransferKind::Extend => tell!(language, transfer::EXTEND),
        TransferKind::Capture => tell!(language, transfer::CAPTURE),
        TransferKind::Release => tell!(language, transfer::RELEASE),
        TransferKind::Expire => tell!(language, transfer::EXPIRE),
        TransferKind::Message => tell!(language, transfer::MESSAGE),
        TransferKind::RefundHold => tell!(language, transfer::REFUND_HOLD),
        TransferKind::Refund => tell!(language, transfer::REFUND),
        TransferKind::Clawback => tell!(language, transfer::CLAWBACK),
        TransferKind::Expiry => tell!(language, transfer::EXPIRY),
        TransferKind::Dispute => tell!(language, transfer::DISPUTE),
        TransferKind::DisputeWon => tell!(language, transfer::DISPUTE_WON),
        TransferKind::DebtPayment => tell!(language, transfer::DEBT_PAYMENT),
    }
}

/// A saved card as its owner knows it: `Visa ····4242`.
pub(crate) fn saved_card(card: &Card) -> String {
    card.name_beside(&say!(row::CARD))
}

/// The same, from what the books keep of it.
pub(crate) fn card(brand: Option<&str>, last4: Option<&str>) -> Option<String> {
    let last4 = last4?;
    let known = brand.and_then(brand_name);
    let brand = known.map_or_else(|| say!(row::CARD), str::to_owned);
    Some(format!("{brand} ····{last4}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_told_roughly() {
        for (seconds, text) in [
            (0, "less than a minute"),
            (59, "less than a minute"),
            (2_700, "45 min"),
            (3_600, "1 h"),
            (33_120, "9 h 12 min"),
            (723_600, "201 h"),
        ] {
            assert_eq!(about(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn a_destination_is_named_with_its_kind_once() {
        assert_eq!(destination("Mexico", RateKind::Mobile), "Mexico, mobile");
        assert_eq!(
            destination("Mexico, mobile", RateKind::Mobile),
            "Mexico, mobile"
        );
        assert_eq!(destination("Mexico", RateKind::Landline), "Mexico");
    }

    #[test]
    fn a_card_without_digits_is_not_named() {
        assert_eq!(
            card(Some("visa"), Some("4242")).as_deref(),
            Some("Visa ····4242")
        );
        assert_eq!(
            card(Some("other"), Some("0005")).as_deref(),
            Some("Card ····0005")
        );
        assert_eq!(card(Some("visa"), None), None);
    }
}
