//! Disputes beside what banks took of the books and have not given back.

use std::collections::HashSet;

use domain::{Money, WalletId};
use time::OffsetDateTime;

use super::{Compared, Comparison, Kind};
use crate::Ledger;
use crate::error::Fault;
use crate::stripe::{DisputeAnswer, DisputeFact, Trouble};

impl Ledger {
    pub(super) async fn compare_disputes(
        &self,
        comparison: &mut Comparison,
        from: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<(), Fault> {
        let mut seen = HashSet::new();
        for dispute in self.stripe().disputes_between(from, until).await? {
            seen.insert(dispute.dispute_id.clone());
            if let Some(found) = self.dispute_in_books(&dispute).await? {
                comparison.add(Kind::Dispute, found);
            }
        }
        let noted = sqlx::query!(
            r#"select wallet_id as "wallet_id: WalletId", dispute_id from dispute
               where opened_at >= $1 and opened_at < $2"#,
            from,
            until
        )
        .fetch_all(self.worker())
        .await?;
        for row in noted {
            if seen.contains(&row.dispute_id) {
                continue;
            }
            match self.stripe().dispute(&row.dispute_id).await {
                Ok(dispute) => {
                    if let Some(found) = self.dispute_in_books(&dispute).await? {
                        comparison.add(Kind::Dispute, found);
                    }
                }
                Err(Trouble::Refused { .. }) => {
                    let id = row.dispute_id;
                    let gone = self.not_at_stripe("dispute", id, row.wallet_id).await?;
                    comparison.add(Kind::Dispute, gone);
                }
                Err(trouble) => return Err(trouble.into()),
            }
        }
        Ok(())
    }

    /// None for a dispute of a payment that is not ours.
    async fn dispute_in_books(&self, dispute: &DisputeFact) -> Result<Option<Compared>, Fault> {
        let stripe = if dispute.answer == DisputeAnswer::Won {
            Money::ZERO
        } else {
            Money::from_cents(dispute.cents_withdrawn.max(0))
        };
        let payment_id = match &dispute.payment_id {
            Some(payment_id) => Some(payment_id.clone()),
            None => self.stripe().payment_of_charge(&dispute.charge_id).await?,
        };
        let Some(payment_id) = payment_id else {
            return Ok(None);
        };
        self.returned("dispute", &dispute.dispute_id, &payment_id, stripe)
            .await
    }
}
