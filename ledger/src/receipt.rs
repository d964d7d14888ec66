//! The number printed on Stripe's receipt, which people quote. Stripe writes it with the receipt, a moment
//! after the payment, and tells by an event of the charge.

use crate::Ledger;
use crate::error::Fault;
use crate::settle::Outcome;

impl Ledger {
    /// Keeps the number of a charge's receipt, once there is one; again changes nothing.
    pub(crate) async fn apply_receipt(&self, charge_id: &str) -> Result<Outcome, Fault> {
        let Some(receipt_number) = self.stripe().receipt_number(charge_id).await? else {
            return Ok(Outcome::Waiting);
        };
        let kept = sqlx::query!(
            "update top_up set receipt_number = $2 where stripe_charge_id = $1",
            charge_id,
            receipt_number
        )
        .execute(self.worker())
        .await?;
        if kept.rows_affected() == 0 {
            return Ok(Outcome::Foreign);
        }
        Ok(Outcome::Agreed)
    }
}
