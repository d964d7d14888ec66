//! Saving a card on its own: from the click to Stripe's page, and back.

use domain::top_up::CHECKOUT_OPEN_FOR;
use domain::{Declined, WalletId};
use language::{Language, tell};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Ledger;
use crate::attempt::Limit;
use crate::error::{Error, Fault};
use crate::stripe::{SessionFact, SessionState, SetupPage};
use crate::top_up::SHORTEST_PAGE;

/// Pages for saving cards that one wallet may open: plenty for a person, too few to try stolen cards on.
const STARTED_PER_WALLET: Limit = Limit {
    scope: "card_setup_wallet",
    most: 10,
    window: time::Duration::hours(1),
};

/// Where a card was asked to be saved, and where its owner comes back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedFrom {
    Account,
    AutoRefill,
}

impl SavedFrom {
    const fn path(self) -> &'static str {
        match self {
            Self::Account => "/account",
            Self::AutoRefill => "/auto-refill",
        }
    }
}

struct Setup {
    idempotency_key: String,
    page_expires_at: OffsetDateTime,
    return_to: String,
    session_id: Option<String>,
}

impl Ledger {
    /// An id for saving a card. Nothing is written.
    pub fn new_card_setup_id(&self) -> Uuid {
        Uuid::now_v7()
    }

    /// Opens the page at Stripe that saves a card, or finds it open, and tells its address. The
    /// customer agrees by asking to the sentence beside the button, which is kept in the language it was
    /// read in. The same id meets the same page; one of another wallet is not found.
    pub async fn start_card_setup(
        &self,
        wallet_id: WalletId,
        card_setup_id: Uuid,
        from: SavedFrom,
        language: Language,
    ) -> Result<String, Error> {
        self.act(move |ledger| async move {
            let setup = ledger
                .insert_or_find_setup(wallet_id, card_setup_id, from, language)
                .await?;
            let session = match &setup.session_id {
                Some(session_id) => ledger.stripe().session(session_id).await?,
                None => ledger.open_setup(wallet_id, card_setup_id, &setup).await?,
            };
            match (session.state, session.url) {
                (SessionState::Open, Some(url)) => Ok(url),
                (SessionState::Expired, _) => Err(Declined::TopUpOver.into()),
                _ => Ok(back(&setup.return_to, card_setup_id)),
            }
        })
        .await
    }

    async fn insert_or_find_setup(
        &self,
        wallet_id: WalletId,
        card_setup_id: Uuid,
        from: SavedFrom,
        language: Language,
    ) -> Result<Setup, Fault> {
        let now = self.clock().now();
        let mut tx = self.web().begin().await?;
        let is_foreign = sqlx::query_scalar!(
            r#"select exists(select from card_setup where card_setup_id = $1 and wallet_id <> $2) as "is_foreign!""#,
            card_setup_id,
            wallet_id as WalletId
        )
        .fetch_one(&mut *tx)
        .await?;
        if is_foreign {
            return Err(Fault::NotFound);
        }
        let inserted = sqlx::query!(
            "insert into card_setup (wallet_id, card_setup_id, consent, idempotency_key, page_expires_at,
                 return_to, started_at)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (wallet_id, card_setup_id) do nothing",
            wallet_id as WalletId,
            card_setup_id,
            tell!(language, add_credit::CONSENT),
            format!("setup:{card_setup_id}"),
            now + CHECKOUT_OPEN_FOR,
            format!("{}{}", self.inner.public_origin, from.path()),
            now
        )
        .execute(&mut *tx)
        .await?;
        if inserted.rows_affected() == 1 {
            STARTED_PER_WALLET
                .count(&mut tx, &wallet_id.to_string(), now)
                .await?;
        }
        let setup = sqlx::query_as!(
            Setup,
            "select idempotency_key, page_expires_at, return_to, stripe_session_id as session_id
             from card_setup where wallet_id = $1 and card_setup_id = $2",
            wallet_id as WalletId,
            card_setup_id
        )
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(setup)
    }

    async fn open_setup(
        &self,
        wallet_id: WalletId,
        card_setup_id: Uuid,
        setup: &Setup,
    ) -> Result<SessionFact, Fault> {
        // An old page was never seen by anybody; a new wish is a new row.
        if setup.page_expires_at - self.clock().now() < SHORTEST_PAGE {
            return Err(Declined::TopUpOver.into());
        }
        let page = SetupPage {
            idempotency_key: setup.idempotency_key.clone(),
            wallet_id,
            card_setup_id,
            customer_id: self.stripe_customer(wallet_id).await?,
            expires_at: setup.page_expires_at,
            success_url: back(&setup.return_to, card_setup_id),
            cancel_url: setup.return_to.clone(),
        };
        let session = self.stripe().open_setup(&page).await?;
        sqlx::query!(
            "update card_setup set stripe_session_id = $3 where wallet_id = $1 and card_setup_id = $2",
            wallet_id as WalletId,
            card_setup_id,
            session.session_id
        )
        .execute(self.web())
        .await?;
        Ok(session)
    }

    /// Asks Stripe what became of a page that saves a card: for the customer who comes back before
    /// the event does.
    pub async fn check_card_setup(
        &self,
        wallet_id: WalletId,
        card_setup_id: Uuid,
    ) -> Result<(), Error> {
        self.act(move |ledger| async move {
            let session_id = sqlx::query_scalar!(
                "select stripe_session_id from card_setup
                 where wallet_id = $1 and card_setup_id = $2 and state = 'pending'",
                wallet_id as WalletId,
                card_setup_id
            )
            .fetch_optional(ledger.web())
            .await?
            .flatten();
            if let Some(session_id) = session_id {
                let session = ledger.stripe().session(&session_id).await?;
                ledger.apply_session(session).await?;
            }
            Ok(())
        })
        .await
    }
}

fn back(return_to: &str, card_setup_id: Uuid) -> String {
    format!("{return_to}?card={card_setup_id}")
}
