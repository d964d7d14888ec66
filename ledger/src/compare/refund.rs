//! Refunds beside what left the books for them.

use std::collections::HashSet;

use domain::{Money, WalletId};
use time::OffsetDateTime;

use super::{Compared, Comparison, Kind};
use crate::Ledger;
use crate::error::Fault;
use crate::stripe::{RefundAnswer, RefundFact, Trouble};

impl Ledger {
    pub(super) async fn compare_refunds(
        &self,
        comparison: &mut Comparison,
        from: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<(), Fault> {
        let mut seen = HashSet::new();
        for refund in self.stripe().refunds_between(from, until).await? {
            seen.insert(refund.stripe_refund_id.clone());
            if let Some(found) = self.refund_in_books(&refund).await? {
                if refund.answer == RefundAnswer::Pending && found.reason.is_none() {
                    comparison.under_way += 1;
                } else {
                    comparison.add(Kind::Refund, found);
                }
            }
        }
        let sent = sqlx::query!(
            r#"select wallet_id as "wallet_id: WalletId", stripe_refund_id as "stripe_refund_id!" from refund
               where stripe_refund_id is not null and asked_at >= $1 and asked_at < $2"#,
            from,
            until
        )
        .fetch_all(self.worker())
        .await?;
        for row in sent {
            if seen.contains(&row.stripe_refund_id) {
                continue;
            }
            match self.stripe().refund(&row.stripe_refund_id).await {
                Ok(refund) if refund.answer == RefundAnswer::Pending => comparison.under_way += 1,
                Ok(refund) => {
                    if let Some(found) = self.refund_in_books(&refund).await? {
                        comparison.add(Kind::Refund, found);
                    }
                }
                Err(Trouble::Refused { .. }) => {
                    let id = row.stripe_refund_id;
                    let gone = self.not_at_stripe("refund", id, row.wallet_id).await?;
                    comparison.add(Kind::Refund, gone);
                }
                Err(trouble) => return Err(trouble.into()),
            }
        }
        Ok(())
    }

    /// None for a refund of a payment that is not ours.
    async fn refund_in_books(&self, refund: &RefundFact) -> Result<Option<Compared>, Fault> {
        let stripe = match refund.answer {
            RefundAnswer::Failed => Money::ZERO,
            RefundAnswer::Succeeded | RefundAnswer::Pending => Money::from_cents(refund.cents),
        };
        let id = &refund.stripe_refund_id;
        self.returned("refund", id, &refund.payment_id, stripe)
            .await
    }
}
