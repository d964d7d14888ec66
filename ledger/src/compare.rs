//! Our books beside Stripe's objects, for a period: what is missing on either side, to the cent.
//!
//! What Stripe has of the period is looked for in the books of any time, and the other way round, so
//! that a payment of the last second which was credited in the next one is no difference.

mod dispute;
mod payment;
mod refund;

use domain::{Money, WalletId};
use time::OffsetDateTime;

use crate::Ledger;
use crate::error::{Error, Fault};

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

    /// What left Stripe for a refund or a dispute, beside what left the books; none if the payment is not ours.
    async fn returned(
        &self,
        subject: &str,
        id: &str,
        payment_id: &str,
        stripe: Money,
    ) -> Result<Option<Compared>, Fault> {
        let books = self.sent(subject, id).await?;
        let owner = match &books {
            Some((wallet_id, _)) => Some(*wallet_id),
            None => self.owner_of_payment(payment_id).await?,
        };
        Ok(owner.map(|wallet_id| Compared {
            id: id.to_owned(),
            wallet_id: Some(wallet_id),
            books: books.map_or(Money::ZERO, |books| books.1),
            stripe,
            reason: (books.is_none() && stripe.is_positive()).then_some("not in the books"),
        }))
    }

    /// What left the books for a refund or a dispute that Stripe does not know.
    async fn not_at_stripe(
        &self,
        subject: &str,
        id: String,
        wallet_id: WalletId,
    ) -> Result<Compared, Fault> {
        let books = self.sent(subject, &id).await?;
        Ok(Compared {
            id,
            wallet_id: Some(wallet_id),
            books: books.map_or(Money::ZERO, |books| books.1),
            stripe: Money::ZERO,
            reason: Some("not at Stripe"),
        })
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
