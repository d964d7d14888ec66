//! Charges of a saved card without its owner: the one request that moves money by itself.

use std::collections::HashMap;

use ::stripe::StripeRequest;
use domain::{Money, TopUpId, WalletId};
use stripe_core::payment_intent::{
    CancelPaymentIntent, CreatePaymentIntent, CreatePaymentIntentOffSession, ListPaymentIntent,
};
use stripe_types::{Currency, RangeQueryTs};
use time::OffsetDateTime;

use super::{PaymentFact, Stripe, Trouble, once};

/// All that feeds a charge; the same values for every repeat of the same key.
#[derive(Clone, Debug)]
pub(crate) struct CardCharge {
    pub(crate) idempotency_key: String,
    pub(crate) wallet_id: WalletId,
    pub(crate) top_up_id: TopUpId,
    pub(crate) customer_id: String,
    pub(crate) payment_method_id: String,
    pub(crate) amount: Money,
}

impl Stripe {
    /// Charges the card, once: what to do after an unknown outcome is the caller's to decide, for
    /// only the caller knows how old the key is.
    pub(crate) async fn charge_card(&self, charge: &CardCharge) -> Result<PaymentFact, Trouble> {
        let cents = charge.amount.cents().map_err(|_| Trouble::Refused {
            code: "amount_not_whole_cents".into(),
            param: "amount".into(),
        })?;
        let payment = CreatePaymentIntent::new(cents, Currency::USD)
            .customer(charge.customer_id.as_str())
            .payment_method(charge.payment_method_id.as_str())
            .confirm(true)
            .off_session(CreatePaymentIntentOffSession::Bool(true))
            .metadata(self.charge_tags(charge, cents))
            .expand(vec!["latest_charge".to_owned()])
            .customize()
            .request_strategy(once(&charge.idempotency_key)?)
            .send(&self.client)
            .await?;
        Ok(self.payment_fact(&payment))
    }

    fn charge_tags(&self, charge: &CardCharge, cents: i64) -> HashMap<String, String> {
        let mut tags = self.tags(charge.wallet_id);
        tags.insert("topup_id".to_owned(), charge.top_up_id.to_string());
        tags.insert("refill_attempt".to_owned(), charge.top_up_id.to_string());
        tags.insert("kind".to_owned(), "refill".to_owned());
        tags.insert("amount_cents".to_owned(), cents.to_string());
        tags
    }

    /// The payment of a top-up among its customer's since a moment, if Stripe has it.
    pub(crate) async fn find_payment(
        &self,
        customer_id: &str,
        top_up_id: TopUpId,
        since: OffsetDateTime,
    ) -> Result<Option<PaymentFact>, Trouble> {
        let mut request = ListPaymentIntent::new()
            .customer(customer_id)
            .created(RangeQueryTs::gte(since.unix_timestamp()))
            .limit(100);
        loop {
            let page = request.send(&self.client).await?;
            for payment in &page.data {
                let tags = self.read_tags(&payment.metadata);
                if tags.is_some_and(|tags| tags.top_up_id == Some(top_up_id)) {
                    // Lists do not say which card paid.
                    return Ok(Some(self.payment(&payment.id).await?));
                }
            }
            match page.data.last() {
                Some(last) if page.has_more => {
                    request = request.starting_after(last.id.to_string());
                }
                _ => return Ok(None),
            }
        }
    }

    /// Ends a payment that was declined, so that it can never be paid later; again changes nothing.
    pub(crate) async fn cancel_payment(&self, payment_id: &str) -> Result<(), Trouble> {
        let key = format!("cancel:{payment_id}");
        let sent = CancelPaymentIntent::new(payment_id)
            .customize()
            .request_strategy(once(&key)?)
            .send(&self.client)
            .await;
        match sent.map_err(Trouble::from) {
            Ok(_) | Err(Trouble::Refused { .. }) => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }
}
