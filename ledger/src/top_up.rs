//! Top-ups: from the click to Stripe's page, and back to the status page.

use domain::history::TopUpItem;
use domain::top_up::{CHECKOUT_OPEN_FOR, TopUpSource, TopUpState};
use domain::{Declined, Money, TopUpId, WalletId};
use language::{Language, tell};
use sqlx::{PgConnection, PgExecutor};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::Ledger;
use crate::attempt::Limit;
use crate::error::{Error, Fault};
use crate::stripe::{Checkout, InvoiceLinks, SessionFact, SessionState};

/// A key older than this is not sent again: Stripe forgets keys after 24 hours, and a forgotten
/// key is a new request.
pub(crate) const KEY_LIFE: Duration = Duration::hours(23);
/// Stripe opens no page that closes sooner.
pub(crate) const SHORTEST_PAGE: Duration = Duration::minutes(30);
/// First look by the reconciler; webhook and return page usually come before it.
const FIRST_CHECK: Duration = Duration::seconds(30);

/// Payment pages one wallet may open: plenty for a person, too few to try stolen cards on.
const STARTED_PER_WALLET: Limit = Limit {
    scope: "top_up_wallet",
    most: 20,
    window: Duration::hours(1),
};

/// A click on *Continue to payment*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartTopUp {
    /// Made before the click: a second click, a reload and a retry carry the same one.
    pub top_up_id: TopUpId,
    pub amount: Money,
    /// In which language the customer agreed that the card is kept for auto-refill; none if it is not.
    pub save_card: Option<Language>,
    /// Whether the customer wants an invoice, with an address and a tax id on it.
    pub wants_invoice: bool,
}

/// A row of `top_up`, as much of it as acts need.
#[derive(Clone, Debug)]
pub(crate) struct TopUpRow {
    pub(crate) source: TopUpSource,
    pub(crate) state: TopUpState,
    pub(crate) amount: Money,
    pub(crate) bonus: Money,
    pub(crate) idempotency_key: String,
    pub(crate) checkout_expires_at: OffsetDateTime,
    pub(crate) return_origin: String,
    /// What the customer agreed to, if the card is to be kept.
    pub(crate) card_consent: Option<String>,
    pub(crate) wants_invoice: bool,
    pub(crate) started_at: OffsetDateTime,
    pub(crate) first_sent_at: Option<OffsetDateTime>,
    pub(crate) session_id: Option<String>,
    pub(crate) payment_id: Option<String>,
}

impl TopUpRow {
    /// Whether the click is for what this row is: its request to Stripe is frozen, so who went back and
    /// chose otherwise needs another.
    fn is(&self, start: &StartTopUp) -> bool {
        self.amount == start.amount
            && self.wants_invoice == start.wants_invoice
            && self.card_consent.is_some() == start.save_card.is_some()
    }
}

impl Ledger {
    /// An id for a top-up that may be started. Nothing is written.
    pub fn new_top_up_id(&self) -> TopUpId {
        TopUpId(Uuid::now_v7())
    }

    /// Starts a top-up, or finds it started, and tells where to send the customer: Stripe's page
    /// while it is open, our status page once it was submitted.
    ///
    /// More than 20 new ones in an hour are `TooMany`. The same id with another amount, or otherwise with an
    /// invoice or a saved card, is `TopUpChanged`, a finished one `TopUpOver`; an id that belongs to another
    /// wallet is not found.
    pub async fn start_top_up(
        &self,
        wallet_id: WalletId,
        start: StartTopUp,
    ) -> Result<String, Error> {
        self.inner
            .rules
            .top_up
            .check(start.amount)
            .map_err(|refusal| Error::Declined(refusal.into()))?;
        self.act(move |ledger| async move { ledger.start(wallet_id, start).await })
            .await
    }

    async fn start(&self, wallet_id: WalletId, start: StartTopUp) -> Result<String, Fault> {
        let row = self.insert_or_find(wallet_id, start).await?;
        if !row.is(&start) {
            return Err(Declined::TopUpChanged.into());
        }
        if row.state == TopUpState::Settled {
            return Ok(status_page(&row.return_origin, start.top_up_id));
        }
        if row.state != TopUpState::Pending {
            return Err(Declined::TopUpOver.into());
        }
        let session = match &row.session_id {
            Some(session_id) => self.stripe().session(session_id).await?,
            None => self.open_session(wallet_id, start.top_up_id, &row).await?,
        };
        match (session.state, session.url) {
            (SessionState::Open, Some(url)) => Ok(url),
            (SessionState::Expired, _) => Err(Declined::TopUpOver.into()),
            _ => Ok(status_page(&row.return_origin, start.top_up_id)),
        }
    }

    async fn insert_or_find(
        &self,
        wallet_id: WalletId,
        start: StartTopUp,
    ) -> Result<TopUpRow, Fault> {
        let now = self.clock().now();
        let mut tx = self.web().begin().await?;
        let is_foreign = sqlx::query_scalar!(
            r#"select exists(select from top_up where top_up_id = $1 and wallet_id <> $2) as "is_foreign!""#,
            start.top_up_id as TopUpId,
            wallet_id as WalletId
        )
        .fetch_one(&mut *tx)
        .await?;
        if is_foreign {
            return Err(Fault::NotFound);
        }
        let consent = start
            .save_card
            .map(|language| tell!(language, add_credit::CONSENT));
        let inserted = sqlx::query!(
            "insert into top_up (wallet_id, top_up_id, source, amount, bonus, idempotency_key,
                 checkout_expires_at, return_origin, next_check_at, card_consent, wants_invoice)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict (wallet_id, top_up_id) do nothing",
            wallet_id as WalletId,
            start.top_up_id as TopUpId,
            TopUpSource::Manual.word(),
            start.amount as Money,
            self.rules().top_up.bonus(start.amount) as Money,
            format!("topup:{}", start.top_up_id),
            now + CHECKOUT_OPEN_FOR,
            self.inner.public_origin,
            now + FIRST_CHECK,
            consent,
            start.wants_invoice
        )
        .execute(&mut *tx)
        .await?;
        if inserted.rows_affected() == 1 {
            STARTED_PER_WALLET
                .count(&mut tx, &wallet_id.to_string(), now)
                .await?;
        }
        let row = find(&mut tx, wallet_id, start.top_up_id).await?;
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(row)
    }

    /// Creates the session at Stripe under the stored key; a repeat gets the same session.
    async fn open_session(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        row: &TopUpRow,
    ) -> Result<SessionFact, Fault> {
        let now = self.clock().now();
        // When it closes is frozen with the row, so one that never opened is too late after a while.
        if row.first_sent_at.is_some_and(|sent| now - sent > KEY_LIFE)
            || row.checkout_expires_at - now < SHORTEST_PAGE
        {
            return Err(Declined::TopUpOver.into());
        }
        let customer_id = self.stripe_customer(wallet_id).await?;
        sqlx::query!(
            "update top_up set first_sent_at = coalesce(first_sent_at, $3) where wallet_id = $1 and top_up_id = $2",
            wallet_id as WalletId,
            top_up_id as TopUpId,
            now
        )
        .execute(self.web())
        .await?;
        let checkout = Checkout {
            idempotency_key: row.idempotency_key.clone(),
            wallet_id,
            top_up_id,
            customer_id,
            amount: row.amount,
            bonus: row.bonus,
            wants_invoice: row.wants_invoice,
            saves_card: row.card_consent.is_some(),
            expires_at: row.checkout_expires_at,
            success_url: status_page(&row.return_origin, top_up_id),
            cancel_url: format!("{}/add-credit", row.return_origin),
        };
        let session = self.stripe().open_checkout(&checkout).await?;
        sqlx::query!(
            "update top_up set stripe_session_id = $3 where wallet_id = $1 and top_up_id = $2",
            wallet_id as WalletId,
            top_up_id as TopUpId,
            session.session_id
        )
        .execute(self.web())
        .await?;
        Ok(session)
    }

    /// The Stripe customer of this wallet, created at the first purchase.
    pub(crate) async fn stripe_customer(&self, wallet_id: WalletId) -> Result<String, Fault> {
        let known = sqlx::query!(
            "select email, stripe_customer_id from customer where wallet_id = $1",
            wallet_id as WalletId
        )
        .fetch_optional(self.web())
        .await?
        .ok_or(Fault::NotFound)?;
        if let Some(customer_id) = known.stripe_customer_id {
            return Ok(customer_id);
        }
        let customer_id = self.stripe().open_customer(wallet_id, &known.email).await?;
        let kept = sqlx::query_scalar!(
            r#"update customer set stripe_customer_id = coalesce(stripe_customer_id, $2)
               where wallet_id = $1 returning stripe_customer_id as "id!""#,
            wallet_id as WalletId,
            customer_id
        )
        .fetch_one(self.web())
        .await?;
        Ok(kept)
    }

    /// A top-up of this wallet; another's is not found.
    pub async fn top_up(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
    ) -> Result<TopUpItem, Error> {
        let mut items = items(self.web(), wallet_id, &[top_up_id.0]).await?;
        items.pop().ok_or(Error::NotFound)
    }

    /// Top-ups that wait for the customer or the bank, newest first.
    pub async fn pending_top_ups(&self, wallet_id: WalletId) -> Result<Vec<TopUpItem>, Error> {
        let ids = sqlx::query_scalar!(
            "select top_up_id from top_up where wallet_id = $1 and state = 'pending'
             order by started_at desc limit 10",
            wallet_id as WalletId
        )
        .fetch_all(self.web())
        .await?;
        Ok(items(self.web(), wallet_id, &ids).await?)
    }

    /// Fresh links to the invoice of a top-up, on the web and as a PDF. One that was not asked for is not
    /// found; one that Stripe has not finished yet is `Busy`.
    pub async fn invoice_links(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
    ) -> Result<InvoiceLinks, Error> {
        let session_id = sqlx::query_scalar!(
            r#"select stripe_session_id as "session_id!" from top_up
               where wallet_id = $1 and top_up_id = $2 and state = 'settled' and wants_invoice
                 and stripe_session_id is not null"#,
            wallet_id as WalletId,
            top_up_id as TopUpId
        )
        .fetch_optional(self.web())
        .await?
        .ok_or(Error::NotFound)?;
        let links = self.stripe().invoice_links(&session_id).await;
        links.map_err(Fault::from)?.ok_or(Error::Busy)
    }

    /// A fresh link to Stripe's receipt. A receipt that Stripe has not written yet is `Busy`.
    pub async fn receipt_url(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
    ) -> Result<String, Error> {
        let row = sqlx::query!(
            "select stripe_payment_id, stripe_charge_id from top_up
             where wallet_id = $1 and top_up_id = $2 and state = 'settled'",
            wallet_id as WalletId,
            top_up_id as TopUpId
        )
        .fetch_optional(self.web())
        .await?
        .ok_or(Error::NotFound)?;
        let charge_id = match (row.stripe_charge_id, row.stripe_payment_id) {
            (Some(charge_id), _) => charge_id,
            // A charge may be named a moment after its payment succeeded.
            (None, Some(payment_id)) => {
                let payment = self
                    .stripe()
                    .payment(&payment_id)
                    .await
                    .map_err(Fault::from)?;
                payment.charge_id.ok_or(Error::Busy)?
            }
            (None, None) => return Err(Error::NotFound),
        };
        let url = self
            .stripe()
            .receipt_url(&charge_id)
            .await
            .map_err(Fault::from)?;
        url.ok_or(Error::Busy)
    }
}

/// These top-ups, newest first.
pub(crate) async fn items(
    database: impl PgExecutor<'_>,
    wallet_id: WalletId,
    ids: &[Uuid],
) -> Result<Vec<TopUpItem>, Fault> {
    let items = sqlx::query_as!(
        TopUpItem,
        r#"select top_up_id as "top_up_id: TopUpId", source as "source: TopUpSource",
                      state as "state: TopUpState", amount as "amount: Money", bonus as "bonus: Money",
                      card_brand, card_last4, decline_code,
                      (stripe_payment_id is not null and state = 'settled') as "has_receipt!",
                      (wants_invoice and stripe_session_id is not null and state = 'settled') as "has_invoice!"
               from top_up where wallet_id = $1 and top_up_id = any($2)
               order by started_at desc, top_up_id desc"#,
        wallet_id as WalletId,
        ids
    )
    .fetch_all(database)
    .await?;
    Ok(items)
}

/// The row, if it is this wallet's.
pub(crate) async fn find(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    top_up_id: TopUpId,
) -> Result<TopUpRow, Fault> {
    sqlx::query_as!(
        TopUpRow,
        r#"select source as "source: TopUpSource", state as "state: TopUpState",
                  amount as "amount: Money", bonus as "bonus: Money", card_consent, wants_invoice, started_at,
                  idempotency_key, checkout_expires_at, return_origin, first_sent_at,
                  stripe_session_id as session_id, stripe_payment_id as payment_id
           from top_up where wallet_id = $1 and top_up_id = $2"#,
        wallet_id as WalletId,
        top_up_id as TopUpId
    )
    .fetch_optional(connection)
    .await?
    .ok_or(Fault::NotFound)
}

fn status_page(origin: &str, top_up_id: TopUpId) -> String {
    format!("{origin}/top-ups/{top_up_id}")
}
