//! A wallet that somebody looks into: it pays for no call and no message until it is let go.

use domain::WalletId;
use domain::adjustment::AdjustmentRefusal;
use domain::call::{CallRefusal, FreezeReason};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::{Error, Fault};
use crate::{Ledger, books, refill};

/// Since when a wallet is frozen, and what the customer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    pub at: OffsetDateTime,
    pub reason: String,
}

impl Ledger {
    /// Freezes a wallet; one that is frozen already keeps its first reason. Running calls get no more
    /// time, new ones do not start, messages wait, nothing is refilled; top-ups still come in.
    pub async fn freeze(&self, wallet_id: WalletId, reason: &str) -> Result<(), Error> {
        let reason = reason.trim().to_owned();
        if !(3..=500).contains(&reason.chars().count()) {
            return Err(Fault::from(AdjustmentRefusal::Reason).into());
        }
        self.act(move |ledger| {
            let reason = reason.clone();
            async move {
                let mut tx = ledger.web().begin().await?;
                books::lock(&mut tx, wallet_id).await?;
                sqlx::query!(
                    "update wallet set frozen_at = $2, frozen_reason = $3
                     where wallet_id = $1 and frozen_at is null",
                    wallet_id as WalletId,
                    ledger.clock().now(),
                    reason
                )
                .execute(&mut *tx)
                .await?;
                tx.commit().await?;
                ledger.changes().tell(wallet_id);
                Ok(())
            }
        })
        .await
    }

    /// Lets a wallet go; again changes nothing.
    pub async fn unfreeze(&self, wallet_id: WalletId) -> Result<(), Error> {
        self.act(move |ledger| async move {
            let mut tx = ledger.web().begin().await?;
            books::lock(&mut tx, wallet_id).await?;
            sqlx::query!(
                "update wallet set frozen_at = null, frozen_reason = null where wallet_id = $1",
                wallet_id as WalletId
            )
            .execute(&mut *tx)
            .await?;
            refill::look_now(&mut tx, wallet_id, ledger.clock().now()).await?;
            tx.commit().await?;
            ledger.changes().tell(wallet_id);
            Ok(())
        })
        .await
    }

    /// Whether a wallet is frozen, and why.
    pub async fn frozen(&self, wallet_id: WalletId) -> Result<Option<Frozen>, Error> {
        let row = sqlx::query!(
            "select frozen_at, frozen_reason from wallet where wallet_id = $1",
            wallet_id as WalletId
        )
        .fetch_optional(self.web())
        .await?
        .ok_or(Error::NotFound)?;
        Ok(row
            .frozen_at
            .zip(row.frozen_reason)
            .map(|(at, reason)| Frozen { at, reason }))
    }
}

/// Refuses a call of a frozen wallet.
pub(crate) async fn check(
    connection: &mut PgConnection,
    wallet_id: WalletId,
) -> Result<Result<(), CallRefusal>, Fault> {
    let is_frozen = is_frozen(connection, wallet_id).await?;
    Ok(if is_frozen {
        Err(CallRefusal::WalletFrozen {
            reason: FreezeReason::Support,
        })
    } else {
        Ok(())
    })
}

pub(crate) async fn is_frozen(
    connection: &mut PgConnection,
    wallet_id: WalletId,
) -> Result<bool, Fault> {
    Ok(sqlx::query_scalar!(
        r#"select frozen_at is not null as "is_frozen!" from wallet where wallet_id = $1"#,
        wallet_id as WalletId
    )
    .fetch_optional(connection)
    .await?
    .unwrap_or(false))
}
