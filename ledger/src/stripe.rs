//! The only place that knows Stripe: its client, its words and its cents.
//!
//! Nothing of async-stripe leaves this module. What Stripe says becomes a *fact* ([`SessionFact`],
//! [`PaymentFact`]); what goes wrong becomes a [`Trouble`].

mod card;
mod charge;
mod checkout;
mod dispute;
mod event;
mod invoice;
mod payment;
mod period;
mod refund;
mod trouble;

use std::collections::HashMap;
use std::time::Duration;

use ::stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy};
use domain::{TopUpId, WalletId};
use secrecy::{ExposeSecret, SecretString};
use stripe_types::AsCursorOpt;
use uuid::Uuid;

pub(crate) use card::{CardFact, SetupPage};
pub(crate) use charge::CardCharge;
pub(crate) use checkout::{Checkout, SessionFact, SessionState};
pub(crate) use dispute::{DisputeAnswer, DisputeFact};
pub(crate) use event::{FRAUD_WARNING, Unsigned};
pub use invoice::InvoiceLinks;
pub(crate) use payment::{PaymentFact, PaymentState};
pub(crate) use refund::{RefundAnswer, RefundFact, RefundOrder};
pub use trouble::Trouble;

/// How long one request may take. After it the outcome is unknown, not failed.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The words we leave on Stripe's objects to find our rows again; never read back for amounts.
const APP: &str = "talkala-wallet";

/// Where Stripe is and how it knows us.
#[derive(Clone, Debug)]
pub struct StripeConfig {
    pub secret_key: SecretString,
    /// With a slash at the end: `https://api.stripe.com/`.
    pub api_base: String,
    /// Every signing secret that is valid now; two during a rotation.
    pub webhook_secrets: Vec<SecretString>,
    /// Which of several installations on one Stripe account this is: events of others are ignored.
    pub environment: String,
}

/// A client for one Stripe account and mode.
pub struct Stripe {
    client: Client,
    webhook_secrets: Vec<SecretString>,
    livemode: bool,
    environment: String,
}

impl Stripe {
    pub fn new(config: StripeConfig) -> Result<Self, Trouble> {
        Self::with_timeout(config, TIMEOUT)
    }

    /// As [`Self::new`], but an outcome is unknown after another time: tests need not wait as long.
    pub fn with_timeout(config: StripeConfig, timeout: Duration) -> Result<Self, Trouble> {
        let key = config.secret_key.expose_secret();
        let client = ClientBuilder::new(key)
            .timeout(timeout)
            .url(config.api_base)
            .build()
            .map_err(|error| Trouble::BadConfig(error.to_string()))?;
        Ok(Self {
            client,
            livemode: is_live_key(key),
            webhook_secrets: config.webhook_secrets,
            environment: config.environment,
        })
    }

    /// Whether real money moves: told by the key.
    pub fn livemode(&self) -> bool {
        self.livemode
    }

    fn tags(&self, wallet_id: WalletId) -> HashMap<String, String> {
        HashMap::from([
            ("app".to_owned(), APP.to_owned()),
            ("env".to_owned(), self.environment.clone()),
            ("schema".to_owned(), "1".to_owned()),
            ("wallet_id".to_owned(), wallet_id.to_string()),
        ])
    }

    fn read_tags(&self, metadata: &HashMap<String, String>) -> Option<Tags> {
        let is = |name: &str, value: &str| metadata.get(name).is_some_and(|found| found == value);
        if !is("app", APP) || !is("env", &self.environment) {
            return None;
        }
        let wallet_id = metadata.get("wallet_id")?.parse().ok()?;
        let top_up_id = metadata.get("topup_id").and_then(|id| id.parse().ok());
        let setup = metadata.get("card_setup_id");
        let card_setup_id = setup.and_then(|id| id.parse().ok());
        Some(Tags {
            wallet_id,
            top_up_id,
            card_setup_id,
        })
    }
}

/// What our metadata on an object points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tags {
    pub(crate) wallet_id: WalletId,
    pub(crate) top_up_id: Option<TopUpId>,
    pub(crate) card_setup_id: Option<Uuid>,
}

/// Live keys move real money; everything else is a test.
pub fn is_live_key(key: &str) -> bool {
    key.starts_with("sk_live_") || key.starts_with("rk_live_")
}

/// Tries under one key before looking whether it was done.
const TRIES: u32 = 4;
/// Keys used for one thing that moves no money: Stripe repeats a stored failure for a key's life.
const KEYS: u32 = 3;
/// A hundred objects a page: more than this is not read at once.
const MOST_PAGES: usize = 10_000;
/// Pause after the first try; doubled after each.
const PAUSE: Duration = Duration::from_millis(100);

/// Creates something that moves no money, until Stripe says what became of it.
///
/// Same key, same parameters while the answer is *busy* or unknown; then a look at what is there;
/// only if nothing is, the next key. Each request is sent once and the loop is ours, because the
/// client's own retries draw a new key for each call. What moves money never changes its key.
async fn patiently<T, C, F>(
    key: &str,
    create: impl Fn(RequestStrategy) -> C,
    find: impl Fn() -> F,
) -> Result<T, Trouble>
where
    C: Future<Output = Result<T, Trouble>>,
    F: Future<Output = Result<Option<T>, Trouble>>,
{
    let mut last = Trouble::Busy;
    for number in 1..=KEYS {
        let key = if number == 1 {
            key.to_owned()
        } else {
            format!("{key}:{number}")
        };
        for tries in 0..TRIES {
            match create(once(&key)?).await {
                Err(trouble) if trouble == Trouble::Busy || trouble.is_unknown() => {
                    tracing::warn!(%trouble, key, "not created yet");
                    last = trouble;
                    tokio::time::sleep(PAUSE * 2_u32.pow(tries)).await;
                }
                outcome => return outcome,
            }
        }
        if let Some(found) = find().await? {
            return Ok(found);
        }
    }
    Err(last)
}

/// Objects of one list, to its end: a page of a hundred after the other.
async fn pages<T, F>(list: impl Fn(Option<String>) -> F) -> Result<Vec<T>, Trouble>
where
    T: stripe_types::Object,
    F: Future<Output = Result<stripe_types::List<T>, ::stripe::StripeError>>,
{
    let mut all = Vec::new();
    let mut after = None;
    for _ in 0..MOST_PAGES {
        let page = list(after).await?;
        let last = page.data.last().and_then(|last| last.id().as_cursor_opt());
        after = last.map(str::to_owned);
        let is_last = !page.has_more || after.is_none();
        all.extend(page.data);
        if is_last {
            return Ok(all);
        }
    }
    Err(Trouble::Unknown("a list without an end"))
}

fn once(key: &str) -> Result<RequestStrategy, Trouble> {
    let key = IdempotencyKey::new(key)
        .map_err(|_| Trouble::BadConfig("idempotency key of 1 to 255 bytes".into()))?;
    Ok(RequestStrategy::Idempotent(key))
}
