//! Whether a card is charged now: decided with the wallet locked, kept in the same transaction.

use domain::refill::{Decision, RefillState, SuspendReason, Wait};
use domain::top_up::TopUpSource;
use domain::{Money, TopUpId, WalletId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::row::{self, RuleRow};
use super::{Step, go, note};
use crate::Ledger;
use crate::card::default_card;
use crate::error::{Error, Fault};
use crate::{books, freeze};

/// Wallets decided about in one round.
const BATCH: i64 = 50;
/// How long a top-up that is a refill stays pending at the most: its outcome is known long before.
const OPEN_FOR: Duration = Duration::days(2);

impl Ledger {
    /// Decides about wallets whose balance fell or whose wait is over; returns how many. Any number
    /// of servers may: each locks the wallet and looks again.
    pub async fn decide_refills(&self) -> Result<usize, Error> {
        let due = sqlx::query_scalar!(
            r#"select wallet_id as "wallet_id: WalletId" from refill_due
               where next_at <= $1 order by next_at limit $2"#,
            self.inner.clock.now(),
            BATCH
        )
        .fetch_all(self.worker())
        .await?;
        let mut decided = 0;
        for wallet_id in due {
            let outcome = self.decide_refill(wallet_id).await;
            // One that fails must not keep the others waiting.
            decided += usize::from(outcome.is_ok());
        }
        Ok(decided)
    }

    /// Decides about one wallet now. Tells the attempt that is under way afterwards, if there is one.
    pub(super) async fn decide_refill(
        &self,
        wallet_id: WalletId,
    ) -> Result<Option<TopUpId>, Error> {
        self.act(move |ledger| async move { ledger.decide_due(wallet_id).await })
            .await
    }

    async fn decide_due(&self, wallet_id: WalletId) -> Result<Option<TopUpId>, Fault> {
        let now = self.clock().now();
        let mut tx = self.worker().begin().await?;
        let wallet = books::lock(&mut tx, wallet_id).await?;
        let fell_at = sqlx::query_scalar!(
            "delete from refill_due where wallet_id = $1 returning fell_at",
            wallet_id as WalletId
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(rule) = row::find(&mut tx, wallet_id).await? else {
            tx.commit().await?;
            return Ok(None);
        };
        if freeze::is_frozen(&mut tx, wallet_id).await? {
            // Whoever lets the wallet go has it decided about.
            if rule.state == RefillState::Charging && row::open(&mut tx, wallet_id).await?.is_none()
            {
                go(&mut tx, wallet_id, Step::to(RefillState::Armed), now).await?;
            }
            tx.commit().await?;
            return Ok(None);
        }
        let incoming = row::incoming(&mut tx, wallet_id, now).await?;
        let rules = &self.rules().refill;
        let declines = rule.declines();
        let attempt = match rules.decide(&rule.rule(), &wallet, &incoming, &declines, now) {
            Decision::Refill(amount) => {
                let fell_at = fell_at.unwrap_or(now);
                self.insert_attempt(&mut tx, wallet_id, amount, fell_at, now)
                    .await?
            }
            Decision::Wait(Wait::UnderWay) => row::open(&mut tx, wallet_id).await?,
            Decision::Wait(wait) => {
                self.wait(&mut tx, wallet_id, &rule, wait, now).await?;
                None
            }
        };
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(attempt)
    }

    /// Writes why nothing is charged, and when to look again.
    async fn wait(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        rule: &RuleRow,
        wait: Wait,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let step = match wait {
            Wait::Off | Wait::Suspended | Wait::NeedsCustomer | Wait::UnderWay => return Ok(()),
            Wait::Owes => Step::suspended(SuspendReason::Dispute),
            Wait::Fuse => Step::suspended(SuspendReason::Fuse),
            Wait::Enough => Step::to(RefillState::Armed),
            Wait::Capped { until } => Step::until(RefillState::Capped, until),
            Wait::BackingOff { until } => Step::until(RefillState::BackingOff, until),
            Wait::Cooldown { until } | Wait::DayFull { until } => {
                Step::until(RefillState::Cooldown, until)
            }
        };
        go(&mut *tx, wallet_id, step, now).await?;
        if let Some(until) = wait.until() {
            note(&mut *tx, wallet_id, until).await?;
        }
        if wait == Wait::Fuse {
            self.tell_fuse(tx, wallet_id, rule.amount, now).await?;
        }
        Ok(())
    }

    /// Keeps the decision to charge, with all that the request will say. None if there is no card.
    async fn insert_attempt(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        amount: Money,
        fell_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<Option<TopUpId>, Fault> {
        let Some(card) = default_card(&mut *tx, wallet_id).await? else {
            let step = Step::suspended(SuspendReason::CardRemoved);
            go(tx, wallet_id, step, now).await?;
            return Ok(None);
        };
        let top_up_id = TopUpId(Uuid::now_v7());
        let key = format!("refill:{top_up_id}");
        sqlx::query!(
            "insert into top_up (wallet_id, top_up_id, source, amount, bonus, idempotency_key,
                 checkout_expires_at, return_origin, next_check_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $7)",
            wallet_id as WalletId,
            top_up_id as TopUpId,
            TopUpSource::Refill.word(),
            amount as Money,
            Money::ZERO as Money,
            key,
            now + OPEN_FOR,
            self.inner.public_origin
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "insert into refill_attempt (wallet_id, top_up_id, amount, payment_method_id, idempotency_key,
                 fell_at, decided_at, next_at)
             values ($1, $2, $3, $4, $5, $6, $7, $7)",
            wallet_id as WalletId,
            top_up_id as TopUpId,
            amount as Money,
            card.payment_method_id,
            key,
            fell_at,
            now
        )
        .execute(&mut *tx)
        .await?;
        go(tx, wallet_id, Step::to(RefillState::Charging), now).await?;
        Ok(Some(top_up_id))
    }
}
