//! Our books beside Stripe's objects, for a period: what is missing on either side, to the cent.
//!
//! What Stripe has of the period is looked for in the books of any time, and the other way round, so
//! that a payment of the last second which was credited in the next one is no difference.

use std::collections::HashSet;

use domain::{Money, TopUpId, WalletId};
use time::OffsetDateTime;

use crate::Ledger;
use crate::error::{Error, Fault};
use crate::stripe::{
    DisputeAnswer, DisputeFact, PaymentFact, PaymentState, RefundAnswer, RefundFact, Trouble,
};

/// What was compared, and where the two sides differ.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    pub payments: Sides,
    pub refunds: Sides,
    /// What banks took and have not given back.
    pub disputes: Sides,
    pub differences: Vec<Difference>,
    /// Refunds that are on their way: the money is set aside and has not left.
    pub under_way: usize,
}

/// The same objects, summed on each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    pub compared: usize,
    pub books: Money,
    pub stripe: Money,
}

/// One object that the two sides do not agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Stripe's id.
    pub id: String,
    pub wallet_id: Option<WalletId>,
    pub reason: &'static str,
    pub books: Money,
    pub stripe: Money,
}

impl Comparison {
    fn add(&mut self, kind: Kind, found: Compared) {
        let sides = match kind {
            Kind::Payment => &mut self.payments,
            Kind::Refund => &mut self.refunds,
            Kind::Dispute => &mut self.disputes,
        };
        sides.compared += 1;
        sides.books += found.books;
        sides.stripe += found.stripe;
        let reason = match found.reason {
            None if found.books != found.stripe => Some("the amount differs"),
            reason => reason,
        };
        if let Some(reason) = reason {
            self.differences.push(Difference {
                id: found.id,
                wallet_id: found.wallet_id,
                reason,
                books: found.books,
                stripe: found.stripe,
            });
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Payment,
    Refund,
    Dispute,
}

struct Compared {
    id: String,
    wallet_id: Option<WalletId>,
    books: Money,
    stripe: Money,
    reason: Option<&'static str>,
}

impl Ledger {
    /// Compares the books with Stripe's payments, refunds and disputes of a period. Nothing is
    /// written, nothing is credited: what differs is for a person to look at.
    pub async fn compare_with_stripe(
        &self,
        from: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Comparison, Error> {
        let mut comparison = Comparison::default();
        self.compare_payments(&mut comparison, from, until).await?;
        self.compare_refunds(&mut comparison, from, until).await?;
        self.compare_disputes(&mut comparison, from, until).await?;
        Ok(comparison)
    }

    async fn compare_payments(
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
                    books: self.credited(row.wallet_id, row.top_up_id).await?,
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
        let books = self.credited(wallet_id, top_up_id).await?;
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

    /// What the books credited for a top-up.
    async fn credited(&self, wallet_id: WalletId, top_up_id: TopUpId) -> Result<Money, Fault> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(sum(amount), 0) as "amount!: Money" from transfer
               where wallet_id = $1 and subject = 'top_up' and subject_id = $2 and kind = 'top_up'"#,
            wallet_id as WalletId,
            top_up_id.to_string()
        )
        .fetch_one(self.worker())
        .await?)
    }

    async fn compare_refunds(
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
                    let books = self.sent("refund", &row.stripe_refund_id).await?;
                    comparison.add(
                        Kind::Refund,
                        Compared {
                            id: row.stripe_refund_id,
                            wallet_id: Some(row.wallet_id),
                            books: books.map_or(Money::ZERO, |books| books.1),
                            stripe: Money::ZERO,
                            reason: Some("not at Stripe"),
                        },
                    );
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
        let books = self.sent("refund", &refund.stripe_refund_id).await?;
        let owner = match &books {
            Some((wallet_id, _)) => Some(*wallet_id),
            None => self.owner_of_payment(&refund.payment_id).await?,
        };
        if owner.is_none() {
            return Ok(None);
        }
        Ok(Some(Compared {
            id: refund.stripe_refund_id.clone(),
            wallet_id: owner,
            books: books.map_or(Money::ZERO, |books| books.1),
            stripe,
            reason: (books.is_none() && stripe.is_positive()).then_some("not in the books"),
        }))
    }

    async fn compare_disputes(
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
        let noted = sqlx::query_scalar!(
            "select dispute_id from dispute where opened_at >= $1 and opened_at < $2",
            from,
            until
        )
        .fetch_all(self.worker())
        .await?;
        for dispute_id in noted.into_iter().filter(|id| !seen.contains(id)) {
            let dispute = self.stripe().dispute(&dispute_id).await?;
            if let Some(found) = self.dispute_in_books(&dispute).await? {
                comparison.add(Kind::Dispute, found);
            }
        }
        Ok(())
    }

    async fn dispute_in_books(&self, dispute: &DisputeFact) -> Result<Option<Compared>, Fault> {
        let stripe = if dispute.answer == DisputeAnswer::Won {
            Money::ZERO
        } else {
            Money::from_cents(dispute.cents_withdrawn.max(0))
        };
        let books = self.sent("dispute", &dispute.dispute_id).await?;
        let owner = match (&books, &dispute.payment_id) {
            (Some((wallet_id, _)), _) => Some(*wallet_id),
            (None, Some(payment_id)) => self.owner_of_payment(payment_id).await?,
            (None, None) => None,
        };
        if owner.is_none() {
            return Ok(None);
        }
        Ok(Some(Compared {
            id: dispute.dispute_id.clone(),
            wallet_id: owner,
            books: books.map_or(Money::ZERO, |books| books.1),
            stripe,
            reason: (books.is_none() && stripe.is_positive()).then_some("not in the books"),
        }))
    }

    /// What left the wallet for a refund or a dispute, less what came back; none if it is not known.
    async fn sent(&self, subject: &str, id: &str) -> Result<Option<(WalletId, Money)>, Fault> {
        let row = sqlx::query!(
            r#"with thing as (
                   select wallet_id, top_up_id::text || '/' || refund_id as subject_id from refund
                   where $1 = 'refund' and stripe_refund_id = $2
                   union all
                   select wallet_id, top_up_id::text || '/' || dispute_id from dispute
                   where $1 = 'dispute' and dispute_id = $2
               )
               select thing.wallet_id as "wallet_id!: WalletId",
                      coalesce(sum(case 'stripe_clearing' when to_account then amount
                                   when from_account then -amount end), 0) as "sent!: Money"
               from thing
               left join transfer on transfer.wallet_id = thing.wallet_id and transfer.subject = $1
                   and transfer.subject_id = thing.subject_id
               group by thing.wallet_id"#,
            subject,
            id
        )
        .fetch_optional(self.worker())
        .await?;
        Ok(row.map(|row| (row.wallet_id, row.sent)))
    }

    async fn owner_of_payment(&self, payment_id: &str) -> Result<Option<WalletId>, Fault> {
        let known = sqlx::query_scalar!(
            r#"select wallet_id as "wallet_id: WalletId" from top_up where stripe_payment_id = $1"#,
            payment_id
        )
        .fetch_optional(self.worker())
        .await?;
        if known.is_some() {
            return Ok(known);
        }
        let payment = self.stripe().payment(payment_id).await?;
        Ok(payment.tags.map(|tags| tags.wallet_id))
    }
}
