//! The sentences and names people read, made from the closed lists of `domain`.

use domain::adjustment::AdjustmentRefusal;
use domain::call::{CallRefusal, FreezeReason};
use domain::campaign::{CampaignRefusal, PromoRefusal};
use domain::card::brand_name;
use domain::declined::ClosingRefusal;
use domain::rate::RateKind;
use domain::referral::ReferralRefusal;
use domain::refill::RefillRefusal;
use domain::refund::RefundRefusal;
use domain::top_up::AmountRefusal;
use domain::{Declined, TransferKind};

/// Why not, and what is possible instead.
pub(crate) fn declined(why: &Declined) -> String {
    match why {
        Declined::Amount(refusal) => amount(refusal),
        Declined::TopUpChanged => {
            "This top-up was already started for another amount. Choose the amount again.".into()
        }
        Declined::TopUpOver => "This top-up is already over. Choose the amount again.".into(),
        Declined::EmailShape => "Type an e-mail address, such as name@example.com.".into(),
        Declined::CodeShape => "The code is the 8 digits in our e-mail.".into(),
        Declined::CodeWrong { tries_left } => wrong_code(*tries_left),
        Declined::PasskeyRefused => {
            "This passkey was not accepted. Try again, or sign in with a code.".into()
        }
        Declined::EmailTaken => "This address belongs to another account. Use another one.".into(),
        Declined::Closing(refusal) => closing(*refusal).into(),
        Declined::Adjustment(refusal) => adjustment(refusal),
        Declined::Refund(refusal) => refund(refusal),
        Declined::MessageChanged => "This message came before with other content.".into(),
        Declined::GrantChanged => "This credit was given before with another amount.".into(),
        Declined::Promo(refusal) => promo(refusal),
        Declined::Referral(refusal) => referral(refusal),
        Declined::Campaign(refusal) => campaign(refusal),
        Declined::Call(refusal) => call(refusal),
        Declined::SwitchAway => {
            "The call cannot be placed right now. Nothing was charged. Try again in a moment."
                .into()
        }
        Declined::FavoriteName => "Give the number a name of 1 to 60 letters.".into(),
        Declined::FavoritesFull { most } => {
            format!("You keep {most} numbers already. Remove one first.")
        }
        Declined::SenderShape => "Type a phone number, or the name a message came from.".into(),
        Declined::SendersFull { most } => {
            format!("You have blocked {most} senders already. Let one of them in first.")
        }
        Declined::Refill(refusal) => refill(refusal),
        Declined::CodeGone => "This code can no longer be used. Ask for a new one.".into(),
        Declined::TooMany {
            retry_after_seconds,
        } => {
            format!(
                "Too many attempts. Try again in {}.",
                wait(*retry_after_seconds)
            )
        }
    }
}

fn amount(refusal: &AmountRefusal) -> String {
    match refusal {
        AmountRefusal::Empty => "Choose an amount, or type one.".into(),
        AmountRefusal::NotAnAmount => {
            "Type the amount in plain digits with a point, such as 30 or 30.50.".into()
        }
        AmountRefusal::NotWholeCents => "Type an amount in whole cents, such as 30.50.".into(),
        AmountRefusal::BelowSmallest { smallest } => {
            format!("The smallest top-up is {}.", smallest.exact_text())
        }
        AmountRefusal::AboveLargest { largest } => {
            format!("The largest top-up is {}.", largest.exact_text())
        }
    }
}

const fn closing(refusal: ClosingRefusal) -> &'static str {
    match refusal {
        ClosingRefusal::OnHold => {
            "A call is running or a refund is on its way. Close the account when it is over."
        }
        ClosingRefusal::PaymentPending => {
            "A payment that you began may still arrive. Close the account when it is over; an unpaid one ends by itself within a day."
        }
        ClosingRefusal::Owes => {
            "Your wallet owes money after a disputed payment. Pay it with a top-up first, or write to support."
        }
    }
}

fn refund(refusal: &RefundRefusal) -> String {
    match refusal {
        RefundRefusal::NotPaid => "This top-up was not paid, so there is nothing to refund.".into(),
        RefundRefusal::OnItsWay => {
            "A refund of this top-up is on its way already. Wait until it has arrived.".into()
        }
        RefundRefusal::Disputed => {
            "Your bank is looking into this payment. Until it has decided, nothing can be refunded."
                .into()
        }
        RefundRefusal::Debt => "Your wallet owes. Your next top-up pays that first.".into(),
        RefundRefusal::TooLate { days } => format!(
            "Top-ups can be refunded here for {days} days. Write to support about this one."
        ),
        RefundRefusal::NothingLeft => "This top-up is spent: nothing of it is left.".into(),
        RefundRefusal::Held { free } => format!(
            "A call has set credit aside: {} is free to be refunded now. Try again after the call.",
            free.exact_text()
        ),
        RefundRefusal::NotAnAmount => "Type an amount in dollars and cents, such as 12.50.".into(),
        RefundRefusal::AboveMost { most } => {
            format!(
                "At most {} of this top-up can be returned.",
                most.exact_text()
            )
        }
        RefundRefusal::NothingBack => {
            "The bonus that would be taken back is as much as this amount. Return more.".into()
        }
        RefundRefusal::Changed => "This refund was already asked for with another amount.".into(),
    }
}

fn adjustment(refusal: &AdjustmentRefusal) -> String {
    match refusal {
        AdjustmentRefusal::Reason => "Give a reason of 3 to 500 characters.".into(),
        AdjustmentRefusal::Author => "Say who asks for the correction.".into(),
        AdjustmentRefusal::Amount => "Type an amount that is not zero.".into(),
        AdjustmentRefusal::Short { available } => format!(
            "Only {} is available; a correction never takes more.",
            available.exact_text()
        ),
        AdjustmentRefusal::SamePerson => "Somebody other than the author must approve.".into(),
        AdjustmentRefusal::Changed => "This correction was asked for with other details.".into(),
        AdjustmentRefusal::Decided => "This correction was decided already.".into(),
    }
}

fn promo(refusal: &PromoRefusal) -> String {
    match refusal {
        PromoRefusal::Unknown => "We do not know this code. Check how it is written.".into(),
        PromoRefusal::Used => "You have used this code already.".into(),
        PromoRefusal::Expired => "This code has expired.".into(),
        PromoRefusal::NotStarted => "This code is not valid yet.".into(),
        PromoRefusal::Minimum { smallest } => format!(
            "This code comes with a top-up of at least {}. Enter it when you add credit.",
            smallest.exact_text()
        ),
        PromoRefusal::BudgetGone => "All credit of this code has been given out.".into(),
        PromoRefusal::NotEligible => "This code is for a first top-up only.".into(),
    }
}

fn referral(refusal: &ReferralRefusal) -> String {
    match refusal {
        ReferralRefusal::Unknown => "We do not know this code. Check how it is written.",
        ReferralRefusal::Own => "This is your own code. Share it with a friend.",
        ReferralRefusal::Already => "You have accepted an invitation already.",
        ReferralRefusal::TooLate => "An invitation is accepted before the first top-up only.",
    }
    .into()
}

fn campaign(refusal: &CampaignRefusal) -> String {
    match refusal {
        CampaignRefusal::Code => "A code has 4 to 32 letters and digits.",
        CampaignRefusal::CodeTaken => "There is a code that is the same or looks the same.",
        CampaignRefusal::Reason => "Say in 3 to 200 characters what the credit is for.",
        CampaignRefusal::Amount => "One redemption gives $0.01 to $1,000.00.",
        CampaignRefusal::Window => "A campaign ends after it starts, in the future.",
        CampaignRefusal::Budget => "The budget must pay for one redemption at least.",
        CampaignRefusal::SmallestTopUp => "The smallest top-up is more than nothing.",
        CampaignRefusal::CreditDays => "Credit lasts from 1 day to 3 years.",
    }
    .into()
}

fn call(refusal: &CallRefusal) -> String {
    match refusal {
        CallRefusal::BelowMinimum {
            required,
            shortfall,
            ..
        } => format!(
            "This call needs at least {}; {} is missing. Add credit first.",
            required.exact_text(),
            shortfall.exact_text()
        ),
        CallRefusal::NoRate => "We have no price for this number.".into(),
        CallRefusal::BlockedDestination => "This destination cannot be called.".into(),
        CallRefusal::WalletFrozen {
            reason: FreezeReason::Debt,
        } => "Your wallet owes money after a dispute. The next top-up pays it first.".into(),
        CallRefusal::WalletFrozen {
            reason: FreezeReason::Support,
        } => "Your wallet is on hold while we look into it. Write to us to learn more.".into(),
        CallRefusal::TooManyCalls { limit } => {
            format!("At most {limit} calls can run at once. Hang up one first.")
        }
        CallRefusal::SpendLimit { limit, .. } => format!(
            "Calls may cost at most {} a day, and that is reached.",
            limit.exact_text()
        ),
        CallRefusal::InvalidNumber => "This is not a phone number that can be called.".into(),
        CallRefusal::Conflict => "This was already asked with other details.".into(),
        CallRefusal::CallEnded => "This call is over.".into(),
    }
}

fn refill(refusal: &RefillRefusal) -> String {
    let (what, smallest, largest) = match refusal {
        RefillRefusal::Threshold { smallest, largest } => ("threshold", smallest, largest),
        RefillRefusal::Amount { smallest, largest } => ("refill amount", smallest, largest),
        RefillRefusal::Cap { smallest, largest } => ("monthly cap", smallest, largest),
        RefillRefusal::NoCard => return "Save a card first.".into(),
        RefillRefusal::ChargesNow { amount } => {
            return format!(
                "Your balance is below the threshold: {} would be charged now.",
                amount.exact_text()
            );
        }
        RefillRefusal::Owes => {
            return "Your wallet owes money after a dispute. Add credit first.".into();
        }
    };
    format!(
        "The {what} can be from {} to {}, in whole cents.",
        smallest.exact_text(),
        largest.exact_text()
    )
}

fn wrong_code(tries_left: u32) -> String {
    match tries_left {
        0 => "This code is not right, and it was the last try. Ask for a new one.".into(),
        1 => "This code is not right. One try is left.".into(),
        left => format!("This code is not right. {left} tries are left."),
    }
}

/// A wait rounded up to what people count in.
fn wait(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..=59 => (seconds.max(1), "second"),
        60..=3599 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3600), "hour"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// How long, roughly: `9 h 12 min`, `45 min`, `less than a minute`.
pub(crate) fn about(seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => "less than a minute".into(),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) if hours < 100 => format!("{hours} h {minutes} min"),
        (hours, _) => format!("{hours} h"),
    }
}

/// A destination with its kind, unless its name says it: `Mexico, mobile`.
pub(crate) fn destination(name: &str, kind: RateKind) -> String {
    match kind {
        RateKind::Mobile if !name.to_lowercase().contains("mobile") => format!("{name}, mobile"),
        _ => name.to_owned(),
    }
}

/// What a bank meant by its decline, and the next step.
pub(crate) fn decline(code: Option<&str>) -> &'static str {
    match code {
        Some("insufficient_funds") => {
            "The bank says there is not enough money on this card. Nothing was charged; another card or a smaller amount may work."
        }
        Some("expired_card") => {
            "This card has expired. Nothing was charged; another card will work."
        }
        Some("incorrect_cvc" | "incorrect_number" | "incorrect_zip") => {
            "The card's details did not match. Nothing was charged; check them and try again."
        }
        Some("authentication_required" | "payment_intent_authentication_failure") => {
            "The bank could not confirm that it was you. Nothing was charged; try again, or use another card."
        }
        Some("processing_error") => {
            "The bank could not process the payment. Nothing was charged; try again in a moment."
        }
        _ => {
            "The bank declined the payment. Nothing was charged; your bank can say why, and another card may work."
        }
    }
}

/// A transfer, named for the customer.
pub const fn transfer(kind: TransferKind) -> &'static str {
    match kind {
        TransferKind::TopUp => "Top-up",
        TransferKind::Bonus => "Bonus",
        TransferKind::Promo => "Promotion",
        TransferKind::Referral => "Referral reward",
        TransferKind::Adjustment => "Correction",
        TransferKind::Hold => "Set aside",
        TransferKind::Extend => "More set aside",
        TransferKind::Capture => "Charged",
        TransferKind::Release => "Given back",
        TransferKind::Expire => "Given back, no end was reported",
        TransferKind::Message => "Message",
        TransferKind::RefundHold => "Set aside for a refund",
        TransferKind::Refund => "Refunded to the card",
        TransferKind::Clawback => "Bonus taken back",
        TransferKind::Expiry => "Promotional credit expired",
        TransferKind::Dispute => "Disputed payment withdrawn",
        TransferKind::DisputeWon => "Disputed payment returned",
        TransferKind::DebtPayment => "Paid toward your debt",
    }
}

/// A card as its owner knows it: `Visa ···· 4242`.
pub(crate) fn card(brand: Option<&str>, last4: Option<&str>) -> Option<String> {
    let last4 = last4?;
    let brand = brand_name(brand.unwrap_or_default());
    Some(format!("{brand} ···· {last4}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Money;

    #[test]
    fn a_refusal_names_its_limit() {
        let low = AmountRefusal::BelowSmallest {
            smallest: Money::from_dollars(5),
        };
        assert_eq!(declined(&low.into()), "The smallest top-up is $5.00.");
        let high = AmountRefusal::AboveLargest {
            largest: Money::from_dollars(1000),
        };
        assert_eq!(declined(&high.into()), "The largest top-up is $1,000.00.");
    }

    #[test]
    fn waits_are_rounded_up_to_what_people_count_in() {
        for (seconds, text) in [
            (0, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (61, "2 minutes"),
            (3600, "1 hour"),
            (3601, "2 hours"),
        ] {
            assert_eq!(wait(seconds), text, "{seconds}");
        }
    }

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
            Some("Visa ···· 4242")
        );
        assert_eq!(
            card(Some("other"), Some("0005")).as_deref(),
            Some("Card ···· 0005")
        );
        assert_eq!(card(Some("visa"), None), None);
    }
}
