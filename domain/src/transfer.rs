//! The moves the books know: a closed list of kinds, each between two named accounts.

use serde::{Deserialize, Serialize};

/// Makes an enum that is stored, sent and read by the same snake-case word.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type))]
        #[cfg_attr(feature = "sqlx", sqlx(type_name = "text", rename_all = "snake_case"))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in the database, in URLs and in exports.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|item| item.word() == word)
            }
        }
    };
}
pub(crate) use words;

words!(
    /// Where an amount stands. The first three are the wallet's, the rest the house's;
    /// house accounts have no balance row, they are summed.
    Account {
        Available = "available",
        Held = "held",
        Debt = "debt",
        StripeClearing = "stripe_clearing",
        PromotionExpense = "promotion_expense",
        ReferralExpense = "referral_expense",
        Adjustments = "adjustments",
        CallRevenue = "call_revenue",
        MessageRevenue = "message_revenue",
        Breakage = "breakage",
    }
);

words!(
    /// Why an amount moved.
    TransferKind {
        TopUp = "top_up",
        Bonus = "bonus",
        Promo = "promo",
        Referral = "referral",
        Adjustment = "adjustment",
        Hold = "hold",
        Extend = "extend",
        Capture = "capture",
        Release = "release",
        Expire = "expire",
        Message = "message",
        RefundHold = "refund_hold",
        Refund = "refund",
        Clawback = "clawback",
        Expiry = "expiry",
        Dispute = "dispute",
        DisputeWon = "dispute_won",
        DebtPayment = "debt_payment",
    }
);

words!(
    /// What a transfer belongs to; its id is the id of that thing.
    Subject {
        TopUp = "top_up",
        Call = "call",
        Message = "message",
        Refund = "refund",
        Dispute = "dispute",
        Campaign = "campaign",
        Adjustment = "adjustment",
    }
);

impl Account {
    /// Accounts of the house; the other three are the wallet's own.
    pub const fn is_house(self) -> bool {
        !matches!(self, Self::Available | Self::Held | Self::Debt)
    }
}

impl TransferKind {
    /// The pairs of accounts this kind may join: the whole of what can ever be written.
    pub const fn routes(self) -> &'static [(Account, Account)] {
        use Account::*;
        match self {
            Self::TopUp => &[(StripeClearing, Available)],
            Self::Bonus | Self::Promo => &[(PromotionExpense, Available)],
            Self::Referral => &[(ReferralExpense, Available)],
            Self::Adjustment => &[(Adjustments, Available), (Available, Adjustments)],
            Self::Hold | Self::Extend | Self::RefundHold => &[(Available, Held)],
            Self::Capture => &[(Held, CallRevenue), (CallRevenue, Held)],
            Self::Release | Self::Expire => &[(Held, Available)],
            Self::Message => &[(Available, MessageRevenue)],
            Self::Refund => &[
                (Held, StripeClearing),
                (Available, StripeClearing),
                (Debt, StripeClearing),
                (StripeClearing, Debt),
                (StripeClearing, Available),
            ],
            Self::Clawback => &[
                (Available, PromotionExpense),
                (Available, ReferralExpense),
                (PromotionExpense, Available),
            ],
            Self::Expiry => &[(Available, Breakage)],
            Self::Dispute => &[(Available, StripeClearing), (Debt, StripeClearing)],
            Self::DisputeWon => &[(StripeClearing, Debt), (StripeClearing, Available)],
            Self::DebtPayment => &[(Available, Debt)],
        }
    }

    pub fn allows(self, from: Account, to: Account) -> bool {
        self.routes().contains(&(from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for kind in TransferKind::ALL {
            assert_eq!(TransferKind::from_word(kind.word()), Some(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
        for account in Account::ALL {
            assert_eq!(Account::from_word(account.word()), Some(*account));
        }
        for subject in Subject::ALL {
            assert_eq!(Subject::from_word(subject.word()), Some(*subject));
        }
        assert_eq!(TransferKind::from_word("topup"), None);
    }

    #[test]
    fn every_route_touches_the_wallet() {
        for kind in TransferKind::ALL {
            for (from, to) in kind.routes() {
                assert!(
                    !from.is_house() || !to.is_house(),
                    "{kind:?} moves money past the wallet"
                );
                assert_ne!(from, to);
            }
        }
    }
}
