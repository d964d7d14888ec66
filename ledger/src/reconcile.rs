//! The safety net below the webhook: asks Stripe how pending top-ups stand.

use domain::{TopUpId, WalletId};
use time::Duration;

use crate::Ledger;
use crate::error::{Error, Fault};
use crate::settle::Outcome;
use crate::top_up;

/// How often the reconciler looks at a pending top-up. A lost webhook is healed within this time
/// and the worker's own pause.
const CHECK_EVERY: Duration = Duration::seconds(30);
/// The status page may ask Stripe sooner, but not more often than this.
const NUDGE_EVERY: Duration = Duration::seconds(3);
/// Top-ups the reconciler looks at in one round.
const BATCH: i64 = 50;

impl Ledger {
    /// Asks Stripe how a pending top-up stands, at most every three seconds.
    pub async fn nudge_top_up(&self, wallet_id: WalletId, top_up_id: TopUpId) -> Result<(), Error> {
        self.act(move |ledger| async move {
            if ledger
                .claim_check(wallet_id, top_up_id, NUDGE_EVERY)
                .await?
            {
                ledger.check(wallet_id, top_up_id).await?;
            }
            Ok(())
        })
        .await
    }

    /// Looks at the pending top-ups that are due; returns how many were looked at.
    pub async fn reconcile_top_ups(&self) -> Result<usize, Error> {
        let due = sqlx::query!(
            r#"select wallet_id as "wallet_id: WalletId", top_up_id as "top_up_id: TopUpId"
               from top_up where state = 'pending' and source = 'manual' and next_check_at <= $1 order by next_check_at limit $2"#,
            self.inner.clock.now(),
            BATCH
        )
        .fetch_all(self.worker())
        .await?;
        let mut looked_at = 0;
        for row in due {
            let looked = self
                .act(move |ledger| async move {
                    if !ledger
                        .claim_check(row.wallet_id, row.top_up_id, CHECK_EVERY)
                        .await?
                    {
                        return Ok(false);
                    }
                    ledger.check(row.wallet_id, row.top_up_id).await?;
                    Ok(true)
                })
                .await;
            // One that fails must not keep the others from being healed.
            looked_at += usize::from(looked.unwrap_or(false));
        }
        Ok(looked_at)
    }

    /// Whether this caller may look now: `spacing` has passed since the last look. The next look
    /// is set in the same statement, so two servers do not both look.
    async fn claim_check(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        spacing: Duration,
    ) -> Result<bool, Fault> {
        let now = self.clock().now();
        let claimed = sqlx::query!(
            "update top_up set next_check_at = $3, checks = checks + 1
             where wallet_id = $1 and top_up_id = $2 and state = 'pending' and next_check_at <= $4
               -- A refill has no page; whoever sends it asks.
               and source = 'manual'",
            wallet_id as WalletId,
            top_up_id as TopUpId,
            now + CHECK_EVERY,
            now + CHECK_EVERY - spacing
        )
        .execute(self.worker())
        .await?;
        Ok(claimed.rows_affected() == 1)
    }

    async fn check(&self, wallet_id: WalletId, top_up_id: TopUpId) -> Result<Outcome, Fault> {
        let row = top_up::find(&mut *self.worker().acquire().await?, wallet_id, top_up_id).await?;
        match &row.session_id {
            Some(session_id) => {
                self.apply_session(self.stripe().session(session_id).await?)
                    .await
            }
            // Without a session nobody was ever sent to a payment page.
            None if row.checkout_expires_at < self.clock().now() => {
                self.close(wallet_id, top_up_id).await?;
                Ok(Outcome::Agreed)
            }
            None => Ok(Outcome::Waiting),
        }
    }
}
