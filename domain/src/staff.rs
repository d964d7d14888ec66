//! People who run the service, and what each may do.

use serde::{Deserialize, Serialize};

use crate::transfer::words;

words!(
    /// What a person was made by an operator command. A person may be several.
    Role {
        /// Helps customers.
        Support = "support",
        /// Runs the service: prices, campaigns, keys.
        Operator = "operator",
        /// Reads everything and changes nothing.
        Auditor = "auditor",
    }
);

words!(
    /// What one may do at the desk.
    Right {
        /// Find a customer and see what they see, and what stands behind it.
        Customers = "customers",
        /// Ask for a correction, and decide about another person's.
        Correct = "correct",
        Refund = "refund",
        Freeze = "freeze",
        /// Have the letter of a notice sent once more.
        ResendNotice = "resend_notice",
        EndSession = "end_session",
        EndCall = "end_call",
        /// See disputes as cases.
        Disputes = "disputes",
        SeePrices = "see_prices",
        SetPrices = "set_prices",
        /// Blocked destinations and limits of calls.
        SeeGuards = "see_guards",
        SetGuards = "set_guards",
        SeeCampaigns = "see_campaigns",
        RunCampaigns = "run_campaigns",
        SeeKeys = "see_keys",
        SetKeys = "set_keys",
        /// Balances of the house, checks of the books, ages of the queues.
        House = "house",
        /// Who did what.
        Audit = "audit",
    }
);

impl Role {
    /// The whole of what a role may do.
    pub const fn rights(self) -> &'static [Right] {
        use Right::*;
        match self {
            Self::Support => &[
                Customers,
                Correct,
                Refund,
                Freeze,
                ResendNotice,
                EndSession,
                EndCall,
                Disputes,
                SeePrices,
                SeeCampaigns,
            ],
            Self::Operator => &[
                Customers,
                Correct,
                Refund,
                Freeze,
                ResendNotice,
                EndSession,
                EndCall,
                Disputes,
                SeePrices,
                SetPrices,
                SeeGuards,
                SetGuards,
                SeeCampaigns,
                RunCampaigns,
                SeeKeys,
                SetKeys,
                House,
            ],
            Self::Auditor => &[
                Customers,
                Disputes,
                SeePrices,
                SeeGuards,
                SeeCampaigns,
                SeeKeys,
                House,
                Audit,
            ],
        }
    }

    pub fn may(self, right: Right) -> bool {
        self.rights().contains(&right)
    }
}

/// Whether one of these roles may.
pub fn may(roles: &[Role], right: Right) -> bool {
    roles.iter().any(|role| role.may(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rights that change something.
    const ACTS: &[Right] = &[
        Right::Correct,
        Right::Refund,
        Right::Freeze,
        Right::ResendNotice,
        Right::EndSession,
        Right::EndCall,
        Right::SetPrices,
        Right::SetGuards,
        Right::RunCampaigns,
        Right::SetKeys,
    ];

    #[test]
    fn an_auditor_sees_everything_and_changes_nothing() {
        for right in Right::ALL {
            assert_eq!(
                Role::Auditor.may(*right),
                !ACTS.contains(right),
                "{right:?}"
            );
        }
    }

    #[test]
    fn support_opens_no_page_of_an_operator() {
        for right in [
            Right::SetPrices,
            Right::SeeGuards,
            Right::SetGuards,
            Right::RunCampaigns,
            Right::SeeKeys,
            Right::SetKeys,
            Right::House,
            Right::Audit,
        ] {
            assert!(!Role::Support.may(right), "{right:?}");
        }
    }

    #[test]
    fn who_acts_does_not_read_the_log_of_acts() {
        assert!(!may(&[Role::Support, Role::Operator], Right::Audit));
        assert!(may(&[Role::Operator, Role::Auditor], Right::Audit));
        assert!(!may(&[], Right::Customers));
    }
}
