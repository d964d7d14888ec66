//! Refunds at Stripe.

use ::stripe::StripeRequest;
use domain::{Money, TopUpId, WalletId};
use stripe_core::refund::{CreateRefund, CreateRefundReason, ListRefund, RetrieveRefund};
use stripe_shared::Refund;
use stripe_types::{Currency, RangeQueryTs};
use time::OffsetDateTime;

use super::{Stripe, Trouble, once, pages};

/// All that feeds the creation of a refund; the same values for every repeat of the same key.
#[derive(Clone, Debug)]
pub(crate) struct RefundOrder {
    pub(crate) idempotency_key: String,
    pub(crate) wallet_id: WalletId,
    pub(crate) top_up_id: TopUpId,
    /// Ours.
    pub(crate) refund_id: String,
    pub(crate) payment_id: String,
    pub(crate) amount: Money,
}

/// How a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundAnswer {
    Pending,
    Succeeded,
    /// Failed or canceled, also after it had succeeded.
    Failed,
}

/// A refund as Stripe has it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefundFact {
    pub(crate) stripe_refund_id: String,
    /// Ours; none for one that was made at Stripe.
    pub(crate) refund_id: Option<String>,
    pub(crate) payment_id: String,
    pub(crate) cents: i64,
    pub(crate) is_usd: bool,
    pub(crate) answer: RefundAnswer,
    pub(crate) failure_code: Option<String>,
}

impl Stripe {
    /// Sends a refund once, under its key. The loop around it is the caller's.
    pub(crate) async fn create_refund(&self, order: &RefundOrder) -> Result<RefundFact, Trouble> {
        let cents = order.amount.cents().map_err(|_| Trouble::Refused {
            code: "amount_not_whole_cents".into(),
            param: "amount".into(),
        })?;
        let mut tags = self.tags(order.wallet_id);
        tags.insert("topup_id".to_owned(), order.top_up_id.to_string());
        tags.insert("refund_id".to_owned(), order.refund_id.clone());
        tags.insert("kind".to_owned(), "refund".to_owned());
        let refund = CreateRefund::new()
            .payment_intent(order.payment_id.as_str())
            .amount(cents)
            .reason(CreateRefundReason::RequestedByCustomer)
            .metadata(tags)
            .customize()
            .request_strategy(once(&order.idempotency_key)?)
            .send(&self.client)
            .await?;
        self.refund_fact(&refund)
            .ok_or(Trouble::Unknown("a refund without its payment"))
    }

    /// This refund among those of its payment, by our words on it.
    pub(crate) async fn find_refund(
        &self,
        order: &RefundOrder,
    ) -> Result<Option<RefundFact>, Trouble> {
        let refunds = self.refunds_of_payment(&order.payment_id).await?;
        Ok(refunds
            .into_iter()
            .find(|fact| fact.refund_id.as_deref() == Some(&order.refund_id)))
    }

    pub(crate) async fn refund(&self, stripe_refund_id: &str) -> Result<RefundFact, Trouble> {
        let refund = RetrieveRefund::new(stripe_refund_id)
            .send(&self.client)
            .await?;
        self.refund_fact(&refund)
            .ok_or(Trouble::Unknown("a refund without its payment"))
    }

    pub(crate) async fn refunds_of_charge(
        &self,
        charge_id: &str,
    ) -> Result<Vec<RefundFact>, Trouble> {
        let list = ListRefund::new().charge(charge_id).limit(100);
        let refunds = list.send(&self.client).await?;
        Ok(self.refund_facts(&refunds.data))
    }

    async fn refunds_of_payment(&self, payment_id: &str) -> Result<Vec<RefundFact>, Trouble> {
        let list = ListRefund::new().payment_intent(payment_id).limit(100);
        let refunds = list.send(&self.client).await?;
        Ok(self.refund_facts(&refunds.data))
    }

    /// Every refund made in a period, ours and others'.
    pub(crate) async fn refunds_between(
        &self,
        from: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Vec<RefundFact>, Trouble> {
        let refunds = pages(|after: Option<String>| {
            let mut list = ListRefund::new()
                .created(RangeQueryTs::gte(from.unix_timestamp()))
                .limit(100);
            if let Some(after) = after {
                list = list.starting_after(after);
            }
            async move { list.send(&self.client).await }
        })
        .await?;
        let within: Vec<Refund> = refunds
            .into_iter()
            .filter(|refund| refund.created < until.unix_timestamp())
            .collect();
        Ok(self.refund_facts(&within))
    }

    fn refund_facts(&self, refunds: &[Refund]) -> Vec<RefundFact> {
        refunds
            .iter()
            .filter_map(|refund| self.refund_fact(refund))
            .collect()
    }

    /// None if it is of no payment, as none of ours is.
    fn refund_fact(&self, refund: &Refund) -> Option<RefundFact> {
        let metadata = refund.metadata.as_ref();
        let tags = metadata.and_then(|metadata| self.read_tags(metadata));
        let refund_id = tags.and_then(|_| metadata?.get("refund_id").cloned());
        Some(RefundFact {
            stripe_refund_id: refund.id.to_string(),
            refund_id,
            payment_id: refund.payment_intent.as_ref()?.id().to_string(),
            cents: refund.amount,
            is_usd: refund.currency == Currency::USD,
            answer: match refund.status.as_deref() {
                Some("succeeded") | None => RefundAnswer::Succeeded,
                Some("failed" | "canceled") => RefundAnswer::Failed,
                Some(_) => RefundAnswer::Pending,
            },
            failure_code: refund.failure_reason.clone(),
        })
    }
}
