//! Early fraud warnings: a card network suspects a payment before anybody disputes it.
//!
//! No money moves. Auto-refill stops, for the next charge would be disputed as well, and the payment is
//! marked for the desk: sending it back in time prevents the dispute.

use domain::refill::SuspendReason;
use domain::{TopUpId, WalletId};

use crate::error::Fault;
use crate::settle::Outcome;
use crate::{Ledger, books, refill};

const ALARM: &str = "early fraud warning: a refund now prevents a dispute";

impl Ledger {
    /// Notes the warning about a charge; again changes nothing.
    pub(crate) async fn apply_fraud_warning(&self, charge_id: &str) -> Result<Outcome, Fault> {
        let Some(payment_id) = self.stripe().payment_of_charge(charge_id).await? else {
            return Ok(Outcome::Foreign);
        };
        let Some((wallet_id, top_up_id)) = self.purchase_of_payment(&payment_id).await? else {
            return Ok(Outcome::Foreign);
        };
        self.note_fraud_warning(wallet_id, top_up_id).await?;
        Ok(Outcome::Agreed)
    }

    async fn note_fraud_warning(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
    ) -> Result<(), Fault> {
        let mut tx = self.worker().begin().await?;
        books::lock(&mut tx, wallet_id).await?;
        let noted = sqlx::query!(
            "update top_up set alarm = $3
             where wallet_id = $1 and top_up_id = $2 and alarm is distinct from $3",
            wallet_id as WalletId,
            top_up_id as TopUpId,
            ALARM
        )
        .execute(&mut *tx)
        .await?;
        if noted.rows_affected() == 0 {
            return Ok(());
        }
        let now = self.clock().now();
        refill::suspend(&mut tx, wallet_id, SuspendReason::Dispute, now).await?;
        tx.commit().await?;
        tracing::error!(%wallet_id, %top_up_id, "early fraud warning: a person must look");
        self.changes().tell(wallet_id);
        Ok(())
    }
}
