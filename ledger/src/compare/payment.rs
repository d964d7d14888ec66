//! Payments beside what the books credited for them.

use std::collections::HashSet;

use domain::{Money, TopUpId, WalletId};
use time::OffsetDateTime;

use super::{Compared, Comparison, Kind};
use crate::Ledger;
use crate::error::Fault;
use crate::stripe::{PaymentFact, PaymentState, Trouble};

impl Ledger {
    pub(super) async fn compare_payments(
        &self,
        comparison: &mut Comparison,
        from: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<(), Fault> {
        let mut seen = HashSet::new();
        for payment in self.stripe().payments_between(from, until).await? {
            let tags = payment
                .tags
                .and_then(|tags| Some((tags.wallet_id, tags.top_up_id?)));
            let Some((wallet_id, top_up_id)) = tags else {
                continue;
            };
            if payment.state != PaymentState::Succeeded {
                continue;
            }
            seen.insert(payment.payment_id.clone());
            let found = self
                .payment_in_books(wallet_id, top_up_id, &payment)
                .await?;
            comparison.add(Kind::Payment, found);
        }
        let credited = sqlx::query!(
            r#"select wallet_id as "wallet_id: WalletId", top_up_id as "top_up_id: TopUpId",
                      stripe_payment_id as "payment_id!"
               from top_up where state = 'settled' and settled_at >= $1 and settled_at < $2"#,
            from,
            until
        )
        .fetch_all(self.worker())
        .await?;
        for row in credited {
            if seen.contains(&row.payment_id) {
                continue;
            }
            let found = match self.stripe().payment(&row.payment_id).await {
                Ok(payment) => {
                    self.payment_in_books(row.wallet_id, row.top_up_id, &payment)
                        .await?
                }
                Err(Trouble::Refused { .. }) => Compared {
                    books: self
                        .credited(row.wallet_id, row.top_up_id, &row.payment_id)
                        .await?,
                    id: row.payment_id,
                    wallet_id: Some(row.wallet_id),
                    stripe: Money::ZERO,
                    reason: Some("not at Stripe"),
                },
                Err(trouble) => return Err(trouble.into()),
            };
            comparison.add(Kind::Payment, found);
        }
        Ok(())
    }

    async fn payment_in_books(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        payment: &PaymentFact,
    ) -> Result<Compared, Fault> {
        let customer_id = sqlx::query_scalar!(
            "select stripe_customer_id from customer where wallet_id = $1",
            wallet_id as WalletId
        )
        .fetch_optional(self.worker())
        .await?
        .flatten();
        let books = self
            .credited(wallet_id, top_up_id, &payment.payment_id)
            .await?;
        let is_paid = payment.state == PaymentState::Succeeded;
        let reason = if books.is_zero() {
            Some("not in the books")
        } else if !is_paid {
            Some("not paid at Stripe")
        } else if !payment.is_usd {
            Some("the currency differs")
        } else if customer_id.is_some() && payment.customer_id != customer_id {
            Some("the customer differs")
        } else {
            None
        };
        Ok(Compared {
            id: payment.payment_id.clone(),
            wallet_id: Some(wallet_id),
            books,
            stripe: if is_paid {
                Money::from_cents(payment.cents_received)
            } else {
                Money::ZERO
            },
            reason,
        })
    }

    /// What the books credited for this payment of a top-up: for a second one of the same, nothing.
    async fn credited(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        payment_id: &str,
    ) -> Result<Money, Fault> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(sum(transfer.amount), 0) as "amount!: Money" from transfer
               join top_up on top_up.wallet_id = transfer.wallet_id and top_up.top_up_id = $2
               where transfer.wallet_id = $1 and subject = 'top_up' and subject_id = $3 and kind = 'top_up'
                 and top_up.stripe_payment_id = $4"#,
            wallet_id as WalletId,
            top_up_id as TopUpId,
            top_up_id.to_string(),
            payment_id
        )
        .fetch_one(self.worker())
        .await?)
    }
}
