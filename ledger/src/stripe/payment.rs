//! PaymentIntents and charges: whether money came, how much, from which card.

use ::stripe::StripeRequest;
use domain::WalletId;
use stripe_core::charge::RetrieveCharge;
use stripe_core::customer::{CreateCustomer, ListCustomer};
use stripe_core::payment_intent::RetrievePaymentIntent;
use stripe_shared::{ApiErrors, Charge, Customer, PaymentIntent, PaymentIntentStatus};
use stripe_types::{Currency, Expandable};

use super::{CardFact, Stripe, Tags, Trouble, patiently};

/// How a payment stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PaymentState {
    Succeeded,
    /// The bank has not decided.
    Processing,
    /// Nothing was paid yet; another try is possible.
    Open,
    Canceled,
}

/// A payment as Stripe has it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PaymentFact {
    pub(crate) payment_id: String,
    pub(crate) state: PaymentState,
    /// In cents; what arrived, not what was asked for.
    pub(crate) cents_received: i64,
    pub(crate) is_usd: bool,
    pub(crate) livemode: bool,
    pub(crate) customer_id: Option<String>,
    pub(crate) charge_id: Option<String>,
    pub(crate) card_brand: Option<String>,
    pub(crate) card_last4: Option<String>,
    /// The card that paid, if it has a name by which it can be kept.
    pub(crate) card: Option<CardFact>,
    /// The card itself, the same for every customer who uses it.
    pub(crate) card_fingerprint: Option<String>,
    /// Printed on the receipt.
    pub(crate) receipt_number: Option<String>,
    /// Stripe's word for the last decline.
    pub(crate) decline_code: Option<String>,
    /// What the network advised with it.
    pub(crate) advice_code: Option<String>,
    /// None on payments that are not ours.
    pub(crate) tags: Option<Tags>,
}

impl Stripe {
    /// The customer object all payments of a wallet hang on; the same for the same wallet.
    pub(crate) async fn open_customer(
        &self,
        wallet_id: WalletId,
        email: &str,
    ) -> Result<String, Trouble> {
        let request = &CreateCustomer::new()
            .email(email)
            .metadata(self.tags(wallet_id));
        patiently(
            &format!("customer:{wallet_id}"),
            |strategy| async move {
                let customer = request
                    .customize()
                    .request_strategy(strategy)
                    .send(&self.client)
                    .await?;
                Ok(customer.id.to_string())
            },
            || self.find_customer(wallet_id, email),
        )
        .await
    }

    async fn find_customer(
        &self,
        wallet_id: WalletId,
        email: &str,
    ) -> Result<Option<String>, Trouble> {
        let customers = ListCustomer::new()
            .email(email)
            .limit(100)
            .send(&self.client)
            .await?;
        let is_ours = |customer: &&Customer| {
            let tags = customer
                .metadata
                .as_ref()
                .and_then(|metadata| self.read_tags(metadata));
            tags.is_some_and(|tags| tags.wallet_id == wallet_id)
        };
        Ok(customers
            .data
            .iter()
            .find(is_ours)
            .map(|customer| customer.id.to_string()))
    }

    pub(crate) async fn payment(&self, payment_id: &str) -> Result<PaymentFact, Trouble> {
        let payment = RetrievePaymentIntent::new(payment_id)
            .expand(vec!["latest_charge".to_owned()])
            .send(&self.client)
            .await?;
        Ok(self.payment_fact(&payment))
    }

    /// A fresh link to the receipt of a charge; Stripe's links expire after 30 days.
    pub(crate) async fn receipt_url(&self, charge_id: &str) -> Result<Option<String>, Trouble> {
        let charge = RetrieveCharge::new(charge_id).send(&self.client).await?;
        Ok(charge.receipt_url)
    }

    /// The number of the receipt of a charge; none until Stripe has written it.
    pub(crate) async fn receipt_number(&self, charge_id: &str) -> Result<Option<String>, Trouble> {
        let charge = RetrieveCharge::new(charge_id).send(&self.client).await?;
        Ok(charge.receipt_number)
    }

    pub(super) fn payment_fact(&self, payment: &PaymentIntent) -> PaymentFact {
        let charge = payment.latest_charge.as_ref();
        let card = charge.and_then(Expandable::as_object).and_then(card_of);
        PaymentFact {
            payment_id: payment.id.to_string(),
            state: match payment.status {
                PaymentIntentStatus::Succeeded => PaymentState::Succeeded,
                PaymentIntentStatus::Processing => PaymentState::Processing,
                PaymentIntentStatus::Canceled => PaymentState::Canceled,
                _ => PaymentState::Open,
            },
            cents_received: payment.amount_received,
            is_usd: payment.currency == Currency::USD,
            livemode: payment.livemode,
            customer_id: payment
                .customer
                .as_ref()
                .map(|customer| customer.id().to_string()),
            charge_id: charge.map(|charge| charge.id().to_string()),
            card_brand: card.as_ref().and_then(|card| card.brand.clone()),
            card_fingerprint: card.as_ref().and_then(|card| card.fingerprint.clone()),
            receipt_number: charge
                .and_then(Expandable::as_object)
                .and_then(|charge| charge.receipt_number.clone()),
            card_last4: card.as_ref().and_then(|card| card.last4.clone()),
            card: card.and_then(|card| CardFact::of_charge(payment, card)),
            decline_code: payment.last_payment_error.as_deref().and_then(decline_code),
            advice_code: (payment.last_payment_error.as_deref())
                .and_then(|error| error.advice_code.clone()),
            tags: self.read_tags(&payment.metadata),
        }
    }
}

fn card_of(charge: &Charge) -> Option<stripe_shared::PaymentMethodDetailsCard> {
    charge.payment_method_details.as_ref()?.card.clone()
}

pub(super) fn decline_code(error: &ApiErrors) -> Option<String> {
    error
        .decline_code
        .clone()
        .or_else(|| error.code.as_ref().map(|code| code.as_str().to_owned()))
}
