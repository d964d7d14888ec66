//! Cards kept at Stripe: saved on a page of theirs, looked at, let go.

use ::stripe::StripeRequest;
use domain::WalletId;
use domain::card::Card;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionSetupIntentData, ListCheckoutSession,
};
use stripe_core::setup_intent::RetrieveSetupIntent;
use stripe_payment::payment_method::{DetachPaymentMethod, RetrievePaymentMethod};
use stripe_shared::{
    CheckoutSessionMode, PaymentIntent, PaymentMethod, PaymentMethodDetailsCard, SetupIntent,
    SetupIntentStatus,
};
use stripe_types::Currency;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{SessionFact, Stripe, Tags, Trouble, once, patiently};

/// All that feeds the creation of a page that saves a card; the same values for every repeat.
#[derive(Clone, Debug)]
pub(crate) struct SetupPage {
    pub(crate) idempotency_key: String,
    pub(crate) wallet_id: WalletId,
    pub(crate) card_setup_id: Uuid,
    pub(crate) customer_id: String,
    pub(crate) expires_at: OffsetDateTime,
    pub(crate) success_url: String,
    pub(crate) cancel_url: String,
}

/// A card as Stripe has it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CardFact {
    pub(crate) payment_method_id: String,
    /// None once it was let go.
    pub(crate) customer_id: Option<String>,
    pub(crate) card: Card,
    pub(crate) fingerprint: Option<String>,
}

impl CardFact {
    /// The card that made a charge.
    pub(super) fn of_charge(
        payment: &PaymentIntent,
        card: PaymentMethodDetailsCard,
    ) -> Option<Self> {
        let method = payment.payment_method.as_ref()?;
        let customer = payment.customer.as_ref();
        Some(Self {
            payment_method_id: method.id().to_string(),
            customer_id: customer.map(|customer| customer.id().to_string()),
            card: Card {
                brand: card.brand.unwrap_or_default(),
                last4: card.last4?,
                exp_month: u8::try_from(card.exp_month).ok()?,
                exp_year: u16::try_from(card.exp_year).ok()?,
            },
            fingerprint: card.fingerprint,
        })
    }

    /// The card that was saved without a payment.
    pub(super) fn of_setup(setup: &SetupIntent) -> Option<Self> {
        if setup.status != SetupIntentStatus::Succeeded {
            return None;
        }
        Self::of_method(setup.payment_method.as_ref()?.as_object()?)
    }

    /// None for what is not a card.
    fn of_method(method: &PaymentMethod) -> Option<Self> {
        let card = method.card.as_ref()?;
        let customer = method.customer.as_ref();
        Some(Self {
            payment_method_id: method.id.to_string(),
            customer_id: customer.map(|customer| customer.id().to_string()),
            card: Card {
                brand: card.brand.clone(),
                last4: card.last4.clone(),
                exp_month: u8::try_from(card.exp_month).ok()?,
                exp_year: u16::try_from(card.exp_year).ok()?,
            },
            fingerprint: card.fingerprint.clone(),
        })
    }
}

impl Stripe {
    /// Opens the page that saves a card; a repeat finds the page that is open. No money moves.
    pub(crate) async fn open_setup(&self, page: &SetupPage) -> Result<SessionFact, Trouble> {
        let request = &self.setup_request(page);
        patiently(
            &page.idempotency_key,
            |strategy| async move {
                let session = request
                    .customize()
                    .request_strategy(strategy)
                    .send(&self.client)
                    .await?;
                Ok(self.session_fact(&session))
            },
            || self.find_setup(page),
        )
        .await
    }

    async fn find_setup(&self, page: &SetupPage) -> Result<Option<SessionFact>, Trouble> {
        let sessions = ListCheckoutSession::new()
            .customer(page.customer_id.as_str())
            .limit(100)
            .send(&self.client)
            .await?;
        let is_ours = |fact: &SessionFact| {
            fact.tags
                .is_some_and(|tags| tags.card_setup_id == Some(page.card_setup_id))
        };
        let facts = sessions
            .data
            .iter()
            .map(|session| self.session_fact(session));
        Ok({ facts }.find(is_ours))
    }

    fn setup_request(&self, page: &SetupPage) -> CreateCheckoutSession {
        let mut tags = self.tags(page.wallet_id);
        tags.insert("card_setup_id".to_owned(), page.card_setup_id.to_string());
        tags.insert("kind".to_owned(), "card".to_owned());
        let mut setup = CreateCheckoutSessionSetupIntentData::new();
        setup.metadata = Some(tags.clone());
        CreateCheckoutSession::new()
            .mode(CheckoutSessionMode::Setup)
            .currency(Currency::USD)
            .customer(page.customer_id.as_str())
            .client_reference_id(page.card_setup_id.to_string())
            .setup_intent_data(setup)
            .metadata(tags)
            .expires_at(page.expires_at.unix_timestamp())
            .success_url(page.success_url.as_str())
            .cancel_url(page.cancel_url.as_str())
    }

    /// Whose wish a SetupIntent is, and the card it saved.
    pub(crate) async fn setup_intent(
        &self,
        setup_intent_id: &str,
    ) -> Result<(Option<Tags>, Option<CardFact>), Trouble> {
        let setup = RetrieveSetupIntent::new(setup_intent_id)
            .expand(vec!["payment_method".to_owned()])
            .send(&self.client)
            .await?;
        let tags = setup.metadata.as_ref();
        let tags = tags.and_then(|metadata| self.read_tags(metadata));
        Ok((tags, CardFact::of_setup(&setup)))
    }

    /// A card as it is now; none if it is not one.
    pub(crate) async fn card(&self, payment_method_id: &str) -> Result<Option<CardFact>, Trouble> {
        let method = RetrievePaymentMethod::new(payment_method_id)
            .send(&self.client)
            .await?;
        Ok(CardFact::of_method(&method))
    }

    /// Lets a card go for good; again changes nothing.
    pub(crate) async fn detach_card(&self, payment_method_id: &str) -> Result<(), Trouble> {
        let key = format!("detach:{payment_method_id}");
        let sent = DetachPaymentMethod::new(payment_method_id)
            .customize()
            .request_strategy(once(&key)?)
            .send(&self.client)
            .await;
        match sent.map_err(Trouble::from) {
            // It was let go before, or never was.
            Ok(_) | Err(Trouble::Refused { .. }) => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }
}
