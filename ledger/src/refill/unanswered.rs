//! The bank's question to the customer has a day; after it auto-refill is suspended.

use domain::WalletId;
use domain::refill::{RefillState, SuspendReason};

use super::row::{self, RuleRow};
use super::{Step, go};
use crate::error::{Error, Fault};
use crate::{Ledger, books};

/// Rules looked at in one round.
const BATCH: i64 = 100;

impl Ledger {
    /// Suspends rules whose question the customer did not answer in time; returns how many.
    pub async fn end_unanswered_refills(&self) -> Result<usize, Error> {
        let due = sqlx::query_scalar!(
            r#"select wallet_id as "wallet_id: WalletId" from refill_rule
               where state = 'action_required' and wait_until <= $1 limit $2"#,
            self.inner.clock.now(),
            BATCH
        )
        .fetch_all(self.worker())
        .await?;
        let mut ended = 0;
        for wallet_id in due {
            let outcome = self
                .act(move |ledger| async move { ledger.end_unanswered(wallet_id).await })
                .await;
            ended += usize::from(outcome.is_ok());
        }
        Ok(ended)
    }

    async fn end_unanswered(&self, wallet_id: WalletId) -> Result<(), Fault> {
        let now = self.clock().now();
        let mut tx = self.worker().begin().await?;
        books::lock(&mut tx, wallet_id).await?;
        let rule = row::find(&mut tx, wallet_id).await?;
        let unanswered = |rule: &RuleRow| {
            rule.state == RefillState::ActionRequired && rule.wait_until.is_some_and(|at| at <= now)
        };
        let Some(rule) = rule.filter(unanswered) else {
            return Ok(());
        };
        let step = Step::suspended(SuspendReason::NotConfirmed);
        go(&mut tx, wallet_id, step, now).await?;
        let event = format!(
            "not confirmed {}",
            rule.wait_until.unwrap_or(now).unix_timestamp()
        );
        let reason = "Your bank’s question was not answered in time.";
        self.tell_failed(&mut tx, wallet_id, &event, rule.amount, reason, None)
            .await?;
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(())
    }
}
