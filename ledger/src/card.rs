//! Saved cards: kept by consent, listed, chosen, removed.

mod keep;
mod setup;

use domain::WalletId;
use domain::card::Card;
use domain::refill::SuspendReason;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::Ledger;
use crate::error::{Error, Fault};
use crate::{books, refill};

pub(crate) use keep::keep;
pub use setup::SavedFrom;

/// Cards let go in one round.
const BATCH: i64 = 20;

/// A card as the account page lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedCard {
    pub payment_method_id: String,
    pub card: Card,
    /// The one that auto-refill charges.
    pub is_default: bool,
    pub saved_at: OffsetDateTime,
}

struct Row {
    payment_method_id: String,
    brand: String,
    last4: String,
    exp_month: i16,
    exp_year: i16,
    is_default: bool,
    saved_at: OffsetDateTime,
}

impl From<Row> for SavedCard {
    fn from(row: Row) -> Self {
        Self {
            payment_method_id: row.payment_method_id,
            card: Card {
                brand: row.brand,
                last4: row.last4,
                exp_month: u8::try_from(row.exp_month).unwrap_or_default(),
                exp_year: row.exp_year.unsigned_abs(),
            },
            is_default: row.is_default,
            saved_at: row.saved_at,
        }
    }
}

impl Ledger {
    /// The saved cards of a wallet: the one that auto-refill charges first, then the newest.
    pub async fn cards(&self, wallet_id: WalletId) -> Result<Vec<SavedCard>, Error> {
        let rows = sqlx::query_as!(
            Row,
            "select payment_method_id, brand, last4, exp_month, exp_year, is_default, saved_at
             from payment_method where wallet_id = $1 and removed_at is null
             order by is_default desc, saved_at desc",
            wallet_id as WalletId
        )
        .fetch_all(self.web())
        .await?;
        Ok(rows.into_iter().map(SavedCard::from).collect())
    }

    /// Makes a card the one that auto-refill charges. One that is another's or gone is *not found*.
    pub async fn choose_card(
        &self,
        wallet_id: WalletId,
        payment_method_id: &str,
    ) -> Result<(), Error> {
        let payment_method_id = payment_method_id.to_owned();
        self.act(move |ledger| {
            let payment_method_id = payment_method_id.clone();
            async move {
                let mut tx = ledger.web().begin().await?;
                books::lock(&mut tx, wallet_id).await?;
                clear_default(&mut tx, wallet_id).await?;
                let chosen = sqlx::query!(
                    "update payment_method set is_default = true
                     where wallet_id = $1 and payment_method_id = $2 and removed_at is null",
                    wallet_id as WalletId,
                    payment_method_id
                )
                .execute(&mut *tx)
                .await?;
                if chosen.rows_affected() == 0 {
                    return Err(Fault::NotFound);
                }
                tx.commit().await?;
                Ok(())
            }
        })
        .await
    }

    /// Removes a card: from now on it is never charged, and Stripe is told to let it go. Auto-refill
    /// stops if it was the card it charges. Again changes nothing; another's is *not found*.
    pub async fn remove_card(
        &self,
        wallet_id: WalletId,
        payment_method_id: &str,
    ) -> Result<(), Error> {
        let payment_method_id = payment_method_id.to_owned();
        self.act(move |ledger| {
            let payment_method_id = payment_method_id.clone();
            async move {
                let now = ledger.clock().now();
                let mut tx = ledger.web().begin().await?;
                books::lock(&mut tx, wallet_id).await?;
                remove(&mut tx, wallet_id, &payment_method_id, now)
                    .await?
                    .ok_or(Fault::NotFound)?;
                tx.commit().await?;
                ledger.changes().tell(wallet_id);
                Ok(())
            }
        })
        .await
    }

    /// Has Stripe let go of cards that were removed here. Returns how many it did.
    pub async fn detach_removed_cards(&self) -> Result<usize, Error> {
        let removed = sqlx::query!(
            r#"select wallet_id as "wallet_id: WalletId", payment_method_id from payment_method
               where removed_at is not null and detached_at is null order by removed_at limit $1"#,
            BATCH
        )
        .fetch_all(self.worker())
        .await?;
        let mut detached = 0;
        for row in removed {
            let id = row.payment_method_id;
            let outcome = self
                .act(move |ledger| {
                    let id = id.clone();
                    async move {
                        ledger.stripe().detach_card(&id).await?;
                        mark_detached(&ledger, row.wallet_id, &id).await
                    }
                })
                .await;
            // One that fails is tried again in the next round.
            detached += usize::from(outcome.is_ok());
        }
        Ok(detached)
    }
}

async fn mark_detached(
    ledger: &Ledger,
    wallet_id: WalletId,
    payment_method_id: &str,
) -> Result<(), Fault> {
    sqlx::query!(
        "update payment_method set detached_at = $3 where wallet_id = $1 and payment_method_id = $2",
        wallet_id as WalletId,
        payment_method_id,
        ledger.clock().now()
    )
    .execute(ledger.worker())
    .await?;
    Ok(())
}

async fn clear_default(tx: &mut PgConnection, wallet_id: WalletId) -> Result<(), Fault> {
    sqlx::query!(
        "update payment_method set is_default = false where wallet_id = $1 and is_default",
        wallet_id as WalletId
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What came of removing a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Removed {
    /// It was gone already, or was not the one that auto-refill charges.
    Quietly,
    /// It was the one that auto-refill charges, or would.
    Default,
}

/// Removes the card from what may be charged; none if there is no such card. The wallet is locked.
async fn remove(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    payment_method_id: &str,
    now: OffsetDateTime,
) -> Result<Option<Removed>, Fault> {
    let card = sqlx::query!(
        "select is_default, removed_at from payment_method where wallet_id = $1 and payment_method_id = $2",
        wallet_id as WalletId,
        payment_method_id
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(card) = card else { return Ok(None) };
    if card.removed_at.is_some() {
        return Ok(Some(Removed::Quietly));
    }
    sqlx::query!(
        "update payment_method set removed_at = $3, is_default = false
         where wallet_id = $1 and payment_method_id = $2",
        wallet_id as WalletId,
        payment_method_id,
        now
    )
    .execute(&mut *tx)
    .await?;
    if !card.is_default {
        return Ok(Some(Removed::Quietly));
    }
    // Another card is never charged without being asked for.
    refill::suspend(tx, wallet_id, SuspendReason::CardRemoved, now).await?;
    Ok(Some(Removed::Default))
}

/// Removes every card of a wallet that is closed, and forgets which others it was the same as.
pub(crate) async fn let_all_go(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update payment_method set removed_at = coalesce(removed_at, $2), is_default = false, fingerprint = null,
             brand = 'erased', last4 = '', exp_month = 1, exp_year = 2000
         where wallet_id = $1",
        wallet_id as WalletId,
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The card that auto-refill charges, if there is one.
pub(crate) async fn default_card(
    connection: &mut PgConnection,
    wallet_id: WalletId,
) -> Result<Option<SavedCard>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select payment_method_id, brand, last4, exp_month, exp_year, is_default, saved_at
         from payment_method where wallet_id = $1 and is_default",
        wallet_id as WalletId
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(SavedCard::from))
}
