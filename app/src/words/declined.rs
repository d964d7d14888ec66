//! Why not, in words: every refusal of `domain`, with its numbers.

use domain::adjustment::AdjustmentRefusal;
use domain::call::{CallRefusal, FreezeReason};
use domain::campaign::{CampaignRefusal, PromoRefusal};
use domain::declined::ClosingRefusal;
use domain::notice::ResendRefusal;
use domain::price_list::PriceRefusal;
use domain::referral::ReferralRefusal;
use domain::refill::RefillRefusal;
use domain::refund::RefundRefusal;
use domain::top_up::AmountRefusal;
use domain::{Declined, Money};

use crate::speech::Told;

/// Why not, and what is possible instead.
pub(crate) fn declined(why: &Declined) -> String {
    match why {
        Declined::Amount(refusal) => amount(refusal),
        Declined::TopUpChanged => say!(declined::TOP_UP_CHANGED),
        Declined::TopUpOver => say!(declined::TOP_UP_OVER),
        Declined::EmailShape => say!(declined::EMAIL_SHAPE),
        Declined::CodeShape => say!(declined::CODE_SHAPE),
        Declined::CodeWrong { tries_left } => wrong_code(*tries_left),
        Declined::PasskeyRefused => say!(declined::PASSKEY_REFUSED),
        Declined::PasskeyNeeded => say!(declined::PASSKEY_NEEDED),
        Declined::EmailTaken => say!(declined::EMAIL_TAKEN),
        Declined::Closing(refusal) => closing(*refusal),
        Declined::Adjustment(refusal) => adjustment(refusal),
        Declined::Refund(refusal) => refund(refusal),
        Declined::MessageChanged => say!(declined::MESSAGE_CHANGED),
        Declined::GrantChanged => say!(declined::GRANT_CHANGED),
        Declined::Promo(refusal) => promo(refusal),
        Declined::Referral(refusal) => referral(refusal),
        Declined::Campaign(refusal) => campaign(refusal),
        Declined::Call(refusal) => call(refusal),
        Declined::SwitchAway => say!(declined::SWITCH_AWAY),
        Declined::FavoriteName => say!(declined::FAVORITE_NAME),
        Declined::FavoritesFull { most } => say!(declined::FAVORITES_FULL, most = *most),
        Declined::SenderShape => say!(declined::SENDER_SHAPE),
        Declined::SendersFull { most } => say!(declined::SENDERS_FULL, most = *most),
        Declined::Refill(refusal) => refill(refusal),
        Declined::Resend(refusal) => resend(*refusal),
        Declined::Prices(refusal) => prices(*refusal),
        Declined::CodeGone => say!(declined::CODE_GONE),
        Declined::TooMany {
            retry_after_seconds,
        } => wait(*retry_after_seconds),
    }
}

fn amount(refusal: &AmountRefusal) -> String {
    match refusal {
        AmountRefusal::Empty => say!(declined::AMOUNT_EMPTY),
        AmountRefusal::NotAnAmount => say!(declined::AMOUNT_NOT_ONE),
        AmountRefusal::NotWholeCents => say!(declined::AMOUNT_NOT_CENTS),
        AmountRefusal::BelowSmallest { smallest } => {
            say!(declined::AMOUNT_SMALLEST, amount = smallest.exact_told())
        }
        AmountRefusal::AboveLargest { largest } => {
            say!(declined::AMOUNT_LARGEST, amount = largest.exact_told())
        }
    }
}

fn closing(refusal: ClosingRefusal) -> String {
    match refusal {
        ClosingRefusal::OnHold => say!(declined::CLOSING_ON_HOLD),
        ClosingRefusal::PaymentPending => say!(declined::CLOSING_PENDING),
        ClosingRefusal::Owes => say!(declined::CLOSING_OWES),
    }
}

fn refund(refusal: &RefundRefusal) -> String {
    match refusal {
        RefundRefusal::NotPaid => say!(declined::REFUND_NOT_PAID),
        RefundRefusal::OnItsWay => say!(declined::REFUND_ON_ITS_WAY),
        RefundRefusal::Disputed => say!(declined::REFUND_DISPUTED),
        RefundRefusal::Debt => say!(declined::REFUND_DEBT),
        RefundRefusal::TooLate { days } => say!(declined::REFUND_TOO_LATE, days = *days),
        RefundRefusal::NothingLeft => say!(declined::REFUND_NOTHING_LEFT),
        RefundRefusal::Held { free } => say!(declined::REFUND_HELD, free = free.exact_told()),
        RefundRefusal::NotAnAmount => say!(declined::REFUND_NOT_AN_AMOUNT),
        RefundRefusal::AboveMost { most } => {
            say!(declined::REFUND_ABOVE_MOST, most = most.exact_told())
        }
        RefundRefusal::NothingBack => say!(declined::REFUND_NOTHING_BACK),
        RefundRefusal::Changed => say!(declined::REFUND_CHANGED),
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

fn resend(refusal: ResendRefusal) -> String {
    match refusal {
        ResendRefusal::Closed => "The account is closed: there is nobody to write to.",
        ResendRefusal::NotWanted => "The customer refused letters of this kind.",
        ResendRefusal::OnItsWay => "A letter about it is on its way already.",
        ResendRefusal::JustSent => "It was sent in the last 10 minutes.",
        ResendRefusal::Unreadable => {
            "A newer version wrote this notice; it cannot be put in words."
        }
    }
    .into()
}

fn prices(refusal: PriceRefusal) -> String {
    match refusal {
        PriceRefusal::NoFile => "Choose a price list: a CSV file with names on top.".into(),
        PriceRefusal::TooLong => {
            "The list is longer than 8 MB. Split it: prefixes a list does not name keep their price.".into()
        }
        PriceRefusal::NotText => "The file is not text in UTF-8. Save it as CSV in UTF-8.".into(),
        PriceRefusal::BadLines { count, first } => format!(
            "Nothing was taken in: {count} lines are wrong, the first is line {first}."
        ),
        PriceRefusal::Moment => "Choose a moment that is still to come, or none for now.".into(),
        PriceRefusal::Newest => "This is the newest version; there is nothing to go back from.".into(),
        PriceRefusal::Prefix => "A prefix has 1 to 15 digits, the first not 0.".into(),
        PriceRefusal::Reason => "Give a reason of 3 to 500 characters.".into(),
        PriceRefusal::Limit => {
            "A limit is an amount like 12.50, or left empty as configured.".into()
        }
    }
}

fn promo(refusal: &PromoRefusal) -> String {
    match refusal {
        PromoRefusal::Unknown => say!(declined::CODE_UNKNOWN),
        PromoRefusal::Used => say!(declined::PROMO_USED),
        PromoRefusal::Expired => say!(declined::PROMO_EXPIRED),
        PromoRefusal::NotStarted => say!(declined::PROMO_NOT_STARTED),
        PromoRefusal::Minimum { smallest } => {
            say!(declined::PROMO_MINIMUM, smallest = smallest.exact_told())
        }
        PromoRefusal::BudgetGone => say!(declined::PROMO_BUDGET_GONE),
        PromoRefusal::NotEligible => say!(declined::PROMO_NOT_ELIGIBLE),
    }
}

fn referral(refusal: &ReferralRefusal) -> String {
    match refusal {
        ReferralRefusal::Unknown => say!(declined::CODE_UNKNOWN),
        ReferralRefusal::Own => say!(declined::REFERRAL_OWN),
        ReferralRefusal::Already => say!(declined::REFERRAL_ALREADY),
        ReferralRefusal::TooLate => say!(declined::REFERRAL_TOO_LATE),
    }
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
        } => say!(
            declined::CALL_BELOW_MINIMUM,
            required = required.exact_told(),
            shortfall = shortfall.exact_told()
        ),
        CallRefusal::NoRate => say!(declined::CALL_NO_RATE),
        CallRefusal::BlockedDestination => say!(declined::CALL_BLOCKED),
        CallRefusal::WalletFrozen {
            reason: FreezeReason::Debt,
        } => say!(declined::CALL_DEBT),
        CallRefusal::WalletFrozen {
            reason: FreezeReason::Support,
        } => say!(declined::CALL_FROZEN),
        CallRefusal::TooManyCalls { limit } => {
            say!(declined::CALL_TOO_MANY, limit = u64::from(*limit))
        }
        CallRefusal::SpendLimit { limit, .. } => {
            say!(declined::CALL_SPEND_LIMIT, limit = limit.exact_told())
        }
        CallRefusal::InvalidNumber => say!(declined::CALL_INVALID),
        CallRefusal::Conflict => say!(declined::CALL_CONFLICT),
        CallRefusal::CallEnded => say!(declined::CALL_ENDED),
    }
}

fn refill(refusal: &RefillRefusal) -> String {
    let told = |limit: &Money| limit.exact_told();
    match refusal {
        RefillRefusal::Threshold { smallest, largest } => say!(
            declined::REFILL_THRESHOLD,
            smallest = told(smallest),
            largest = told(largest)
        ),
        RefillRefusal::Amount { smallest, largest } => say!(
            declined::REFILL_AMOUNT,
            smallest = told(smallest),
            largest = told(largest)
        ),
        RefillRefusal::Cap { smallest, largest } => say!(
            declined::REFILL_CAP,
            smallest = told(smallest),
            largest = told(largest)
        ),
        RefillRefusal::NoCard => say!(declined::REFILL_NO_CARD),
        RefillRefusal::ChargesNow { amount } => {
            say!(declined::REFILL_CHARGES_NOW, amount = told(amount))
        }
        RefillRefusal::Owes => say!(declined::REFILL_OWES),
    }
}

fn wrong_code(tries_left: u32) -> String {
    match tries_left {
        0 => say!(declined::CODE_WRONG_LAST),
        left => say!(declined::CODE_WRONG, count = left),
    }
}

/// A wait rounded up to what people count in.
fn wait(seconds: u64) -> String {
    match seconds {
        0..=59 => say!(declined::TOO_MANY_SECONDS, count = seconds.max(1)),
        60..=3599 => say!(declined::TOO_MANY_MINUTES, count = seconds.div_ceil(60)),
        _ => say!(declined::TOO_MANY_HOURS, count = seconds.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let said = format!("Too many attempts. Try again in {text}.");
            assert_eq!(wait(seconds), said, "{seconds}");
        }
    }
}
