//! Checkout sessions: the hosted page where a person pays.

use ::stripe::StripeRequest;
use domain::{Money, TopUpId, WalletId};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionAdaptivePricing, CreateCheckoutSessionLineItems,
    CreateCheckoutSessionLineItemsPriceData, CreateCheckoutSessionPaymentIntentData,
    CreateCheckoutSessionPaymentIntentDataSetupFutureUsage, ListCheckoutSession, ProductData,
    RetrieveCheckoutSession,
};
use stripe_shared::{
    CheckoutSession, CheckoutSessionMode, CheckoutSessionPaymentStatus, CheckoutSessionStatus,
};
use stripe_types::{Currency, Expandable};
use time::OffsetDateTime;

use super::invoice::with_invoice;
use super::{CardFact, PaymentFact, PaymentState, Stripe, Tags, Trouble, patiently};

/// All that feeds the creation of a session; the same values for every repeat of the same key.
#[derive(Clone, Debug)]
pub(crate) struct Checkout {
    pub(crate) idempotency_key: String,
    pub(crate) wallet_id: WalletId,
    pub(crate) top_up_id: TopUpId,
    pub(crate) customer_id: String,
    pub(crate) amount: Money,
    pub(crate) bonus: Money,
    /// Whether Stripe makes an invoice of it.
    pub(crate) wants_invoice: bool,
    /// Whether the card is kept for charges without its owner.
    pub(crate) saves_card: bool,
    pub(crate) expires_at: OffsetDateTime,
    pub(crate) success_url: String,
    pub(crate) cancel_url: String,
}

/// How a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionState {
    Open,
    /// Submitted; the payment says whether money came.
    Complete,
    Expired,
}

/// A session as Stripe has it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionFact {
    pub(crate) session_id: String,
    pub(crate) state: SessionState,
    /// A session that asked for no money: none of ours, so it is looked at by a person.
    pub(crate) asks_no_payment: bool,
    /// Only while the session is open.
    pub(crate) url: Option<String>,
    pub(crate) payment: Option<PaymentFact>,
    /// The card of a session that saved one without a payment.
    pub(crate) saved: Option<CardFact>,
    /// None on sessions that are not ours.
    pub(crate) tags: Option<Tags>,
}

impl SessionFact {
    /// Whether nothing can be paid on it any more: it closed, or its slow payment did not arrive, for a page
    /// is submitted once. Where the bank waits for the customer there is no word of a decline.
    pub(crate) fn is_over(&self) -> bool {
        match self.state {
            SessionState::Open => false,
            SessionState::Expired => true,
            SessionState::Complete => self.payment.as_ref().is_some_and(|payment| {
                payment.state == PaymentState::Open && payment.decline_code.is_some()
            }),
        }
    }
}

impl Stripe {
    /// Opens the payment page of a top-up; a repeat finds the page that is open.
    ///
    /// No money moves here, and a page whose address nobody was told cannot be paid: so after an
    /// outcome that stays unknown, and a look that finds nothing, another key may be used.
    pub(crate) async fn open_checkout(&self, checkout: &Checkout) -> Result<SessionFact, Trouble> {
        let cents = checkout.amount.cents().map_err(|_| Trouble::Refused {
            code: "amount_not_whole_cents".into(),
            param: "unit_amount".into(),
        })?;
        let request = &self.request(checkout, cents);
        patiently(
            &checkout.idempotency_key,
            |strategy| async move {
                let session = request
                    .customize()
                    .request_strategy(strategy)
                    .send(&self.client)
                    .await?;
                Ok(self.session_fact(&session))
            },
            || self.find_session(checkout),
        )
        .await
    }

    /// The newest session of a top-up among its customer's.
    async fn find_session(&self, checkout: &Checkout) -> Result<Option<SessionFact>, Trouble> {
        let sessions = ListCheckoutSession::new()
            .customer(checkout.customer_id.as_str())
            .limit(100)
            .send(&self.client)
            .await?;
        let is_ours = |fact: &SessionFact| {
            fact.tags
                .is_some_and(|tags| tags.top_up_id == Some(checkout.top_up_id))
        };
        Ok(sessions
            .data
            .iter()
            .map(|session| self.session_fact(session))
            .find(is_ours))
    }

    pub(crate) async fn session(&self, session_id: &str) -> Result<SessionFact, Trouble> {
        let session = RetrieveCheckoutSession::new(session_id)
            .expand(vec![
                "payment_intent.latest_charge".to_owned(),
                "setup_intent.payment_method".to_owned(),
            ])
            .send(&self.client)
            .await?;
        Ok(self.session_fact(&session))
    }

    fn request(&self, checkout: &Checkout, cents: i64) -> CreateCheckoutSession {
        let mut tags = self.tags(checkout.wallet_id);
        tags.insert("topup_id".to_owned(), checkout.top_up_id.to_string());
        tags.insert("kind".to_owned(), "top_up".to_owned());
        tags.insert("amount_cents".to_owned(), cents.to_string());
        tags.insert("bonus".to_owned(), checkout.bonus.to_string());

        let mut product = ProductData::new("Calling credit");
        if checkout.bonus.is_positive() {
            product.description = Some(format!(
                "{} paid and {} bonus are added to your wallet",
                checkout.amount.exact_text(),
                checkout.bonus.exact_text()
            ));
        }
        let mut price = CreateCheckoutSessionLineItemsPriceData::new(Currency::USD);
        price.unit_amount = Some(cents);
        price.product_data = Some(product);
        let mut line = CreateCheckoutSessionLineItems::new();
        line.quantity = Some(1);
        line.price_data = Some(price);

        // A session's metadata is not copied to its payment.
        let mut payment = CreateCheckoutSessionPaymentIntentData::new();
        payment.metadata = Some(tags.clone());
        payment.setup_future_usage = checkout
            .saves_card
            .then_some(CreateCheckoutSessionPaymentIntentDataSetupFutureUsage::OffSession);
        let mut pricing = CreateCheckoutSessionAdaptivePricing::new();
        pricing.enabled = Some(false);

        let session = CreateCheckoutSession::new()
            .mode(CheckoutSessionMode::Payment)
            .customer(checkout.customer_id.as_str())
            .client_reference_id(checkout.top_up_id.to_string())
            .line_items(vec![line])
            .payment_intent_data(payment)
            .adaptive_pricing(pricing)
            .metadata(tags.clone())
            .expires_at(checkout.expires_at.unix_timestamp())
            .success_url(checkout.success_url.as_str())
            .cancel_url(checkout.cancel_url.as_str());
        if checkout.wants_invoice {
            with_invoice(session, tags)
        } else {
            session
        }
    }

    pub(super) fn session_fact(&self, session: &CheckoutSession) -> SessionFact {
        let payment = session
            .payment_intent
            .as_ref()
            .and_then(Expandable::as_object);
        SessionFact {
            session_id: session.id.to_string(),
            state: match session.status {
                Some(CheckoutSessionStatus::Complete) => SessionState::Complete,
                Some(CheckoutSessionStatus::Expired) => SessionState::Expired,
                _ => SessionState::Open,
            },
            asks_no_payment: session.mode != CheckoutSessionMode::Setup
                && session.payment_status == CheckoutSessionPaymentStatus::NoPaymentRequired,
            url: session.url.clone(),
            payment: payment.map(|payment| self.payment_fact(payment)),
            saved: session
                .setup_intent
                .as_ref()
                .and_then(Expandable::as_object)
                .and_then(CardFact::of_setup),
            tags: session
                .metadata
                .as_ref()
                .and_then(|metadata| self.read_tags(metadata)),
        }
    }
}
