//! Every *no* a customer can be told, with its numbers; the page makes the sentence.

use serde::{Deserialize, Serialize};

use crate::adjustment::AdjustmentRefusal;
use crate::call::CallRefusal;
use crate::campaign::{CampaignRefusal, PromoRefusal};
use crate::notice::ResendRefusal;
use crate::price_list::PriceRefusal;
use crate::referral::ReferralRefusal;
use crate::refill::RefillRefusal;
use crate::refund::RefundRefusal;
use crate::top_up::AmountRefusal;

/// A refusal a person understands. Closed: a new reason is a new variant and a new sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Declined {
    /// The typed amount cannot be bought.
    Amount(AmountRefusal),
    /// This top-up was already started with another amount or other choices.
    TopUpChanged,
    /// This top-up is over: paid, failed or expired. A new one is needed.
    TopUpOver,
    /// Not the shape of an e-mail address.
    EmailShape,
    /// Not eight digits.
    CodeShape,
    /// The code is wrong; this many tries are left.
    CodeWrong { tries_left: u32 },
    /// The code is too old, used up, or was asked for in another browser.
    CodeGone,
    /// The passkey is not one of ours, was removed, or did not answer rightly.
    PasskeyRefused,
    /// Who works at the desk adds and removes passkeys only after signing in with one.
    PasskeyNeeded,
    /// Somebody else's account has this address.
    EmailTaken,
    /// The account cannot be closed now.
    Closing(ClosingRefusal),
    /// A correction by support is not posted.
    Adjustment(AdjustmentRefusal),
    /// A purchase is not returned.
    Refund(RefundRefusal),
    /// A message came again with other content.
    MessageChanged,
    /// A grant of credit came again with another amount.
    GrantChanged,
    /// A promo code gives nothing.
    Promo(PromoRefusal),
    /// An invitation is not accepted.
    Referral(ReferralRefusal),
    /// A campaign cannot be run as it is described.
    Campaign(CampaignRefusal),
    /// A call may not start or go on.
    Call(CallRefusal),
    /// The telephone switch did not do what it was asked; nothing was charged for that.
    SwitchAway,
    /// A number is kept under a name of 1 to 60 letters.
    FavoriteName,
    /// No more numbers are kept than this.
    FavoritesFull { most: u32 },
    /// Neither a telephone number nor a name that messages come from.
    SenderShape,
    /// No more senders are blocked than this.
    SendersFull { most: u32 },
    /// Auto-refill cannot be turned on like this.
    Refill(RefillRefusal),
    /// The letter of a notice is not sent again.
    Resend(ResendRefusal),
    /// Prices, blocked destinations or limits are not changed.
    Prices(PriceRefusal),
    /// Too many attempts; possible again after this many seconds.
    TooMany { retry_after_seconds: u64 },
}

impl From<CallRefusal> for Declined {
    fn from(refusal: CallRefusal) -> Self {
        Self::Call(refusal)
    }
}

/// Why an account stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosingRefusal {
    /// A call runs, or a refund is on its way.
    OnHold,
    /// A payment that was begun may still arrive.
    PaymentPending,
    /// Something is owed after a dispute.
    Owes,
}
