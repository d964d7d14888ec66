//! A refill before a refusal: a call that is short waits for the card for a few seconds.

use std::time::Duration;

use domain::call::CallRefusal;
use domain::refill::{Decision, Wait};
use domain::{TopUpId, Wallet, WalletId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::row;
use crate::Ledger;
use crate::error::Fault;

/// How often a waiting call looks whether the charge of another server is over.
const LOOK_EVERY: Duration = Duration::from_millis(200);

impl Ledger {
    /// Whether a refill is under way, or would be decided now: for whom a short balance is refused.
    async fn refill_possible(
        &self,
        connection: &mut PgConnection,
        wallet_id: WalletId,
        wallet: &Wallet,
        now: OffsetDateTime,
    ) -> Result<bool, Fault> {
        let Some(rule) = row::find(&mut *connection, wallet_id).await? else {
            return Ok(false);
        };
        let incoming = row::incoming(connection, wallet_id, now).await?;
        let rules = &self.rules().refill;
        let decision = rules.decide(&rule.rule(), wallet, &incoming, &rule.declines(), now);
        Ok(matches!(
            decision,
            Decision::Refill(_) | Decision::Wait(Wait::UnderWay)
        ))
    }

    /// The refusal, saying whether auto-refill can help where a balance is short.
    pub(crate) async fn with_refill(
        &self,
        connection: &mut PgConnection,
        wallet_id: WalletId,
        wallet: &Wallet,
        mut refusal: CallRefusal,
        now: OffsetDateTime,
    ) -> Result<CallRefusal, Fault> {
        if let CallRefusal::BelowMinimum {
            refill_possible, ..
        } = &mut refusal
        {
            *refill_possible = self
                .refill_possible(connection, wallet_id, wallet, now)
                .await?;
        }
        Ok(refusal)
    }

    /// Refills a wallet whose balance is short for a call, and waits for what becomes of it, at most
    /// eight seconds. Holds no connection meanwhile; the charge goes on without the waiter.
    pub async fn refill_for_call(&self, wallet_id: WalletId) {
        let waits = self.rules().refill.call_waits.unsigned_abs();
        let until = Instant::now() + waits;
        let charge = async {
            if let Ok(Some(top_up_id)) = self.decide_refill(wallet_id).await {
                // Trouble is logged where it happens; the attempt stays, and is taken up again.
                let _ = self.send_refill(wallet_id, top_up_id).await;
                self.refill_over(wallet_id, top_up_id).await;
            }
        };
        // Time running out is an answer too: the call is decided by what there is then.
        let _ = tokio::time::timeout_at(until, charge).await;
    }

    /// Returns when the attempt is not under way any more.
    async fn refill_over(&self, wallet_id: WalletId, top_up_id: TopUpId) {
        loop {
            let open = async {
                let mut connection = self.worker().acquire().await?;
                row::open(&mut connection, wallet_id).await
            };
            match open.await {
                Ok(open) if open != Some(top_up_id) => return,
                _ => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }
}
