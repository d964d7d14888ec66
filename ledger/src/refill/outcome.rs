//! What became of a charge: noted once, whoever hears of it first.

use domain::notice::Notice;
use domain::refill::{AfterDecline, DeclineKind, RefillState, SuspendReason, decline_reason};
use domain::{Money, TopUpId, WalletId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::row::{self, RuleRow};
use super::tell::card_name;
use super::{Step, go, note};
use crate::Ledger;
use crate::books;
use crate::error::Fault;
use crate::stripe::PaymentFact;

impl Ledger {
    /// A top-up was just settled, in this transaction and with the wallet locked: ends the attempt it
    /// may be, and lets a rule go on whose question to the customer it answers.
    pub(crate) async fn refill_settled(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        payment: &PaymentFact,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let Some(rule) = row::find(&mut *tx, wallet_id).await? else {
            return Ok(());
        };
        let before = row::incoming(&mut *tx, wallet_id, now).await?;
        let amount = sqlx::query_scalar!(
            r#"update refill_attempt set state = 'succeeded', ended_at = $3, stripe_payment_id = $4,
                   decline_code = null, advice_code = null, lease_until = null
               where wallet_id = $1 and top_up_id = $2 and state <> 'succeeded'
               returning amount as "amount: Money""#,
            wallet_id as WalletId,
            top_up_id as TopUpId,
            now,
            payment.payment_id
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(amount) = amount else {
            return self.answered(tx, wallet_id, top_up_id, &rule, now).await;
        };
        forgive(&mut *tx, wallet_id).await?;
        if rule.goes_on() {
            let until = now + self.rules().refill.cooldown;
            go(
                &mut *tx,
                wallet_id,
                Step::until(RefillState::Cooldown, until),
                now,
            )
            .await?;
            note(&mut *tx, wallet_id, until).await?;
        }
        let used = before.in_month_of(now);
        self.tell_charged(tx, wallet_id, top_up_id, &rule, amount, used, payment)
            .await
    }

    /// The customer paid on Stripe's page what the bank would not let us charge: the bank knows the
    /// card now, and auto-refill goes on.
    async fn answered(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        rule: &RuleRow,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        if rule.state != RefillState::ActionRequired || rule.answer_top_up_id != Some(top_up_id) {
            return Ok(());
        }
        forgive(&mut *tx, wallet_id).await?;
        go(&mut *tx, wallet_id, Step::to(RefillState::Armed), now).await?;
        note(tx, wallet_id, now).await
    }

    /// A payment was looked at that did not succeed and waits for nobody: ends the attempt it may be.
    pub(crate) async fn refill_not_paid(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        payment: &PaymentFact,
    ) -> Result<(), Fault> {
        let is_refill = sqlx::query_scalar!(
            r#"select exists(select from refill_attempt where wallet_id = $1 and top_up_id = $2
                   and state in ('created', 'sent', 'unknown', 'processing')) as "is_refill!""#,
            wallet_id as WalletId,
            top_up_id as TopUpId
        )
        .fetch_one(self.worker())
        .await?;
        if !is_refill {
            return Ok(());
        }
        // Without a decline it is the bank that waits, for the customer.
        let code = payment.decline_code.as_deref();
        let code = code.unwrap_or("authentication_required");
        let advice = payment.advice_code.as_deref();
        let kind = DeclineKind::of(code, advice);
        self.refill_declined((wallet_id, top_up_id), kind, code, advice)
            .await?;
        self.end_payment(&payment.payment_id).await;
        Ok(())
    }

    /// Has Stripe end a payment that was declined. If that fails it stays declined: only this program
    /// could confirm it again, and never does.
    pub(super) async fn end_payment(&self, payment_id: &str) {
        if let Err(trouble) = self.stripe().cancel_payment(payment_id).await {
            tracing::warn!(%trouble, payment_id, "declined refill not canceled at Stripe");
        }
    }

    /// The bank said no: noted once, with what follows from it.
    pub(super) async fn refill_declined(
        &self,
        (wallet_id, top_up_id): (WalletId, TopUpId),
        kind: DeclineKind,
        code: &str,
        advice: Option<&str>,
    ) -> Result<(), Fault> {
        let now = self.clock().now();
        let mut tx = self.worker().begin().await?;
        books::lock(&mut tx, wallet_id).await?;
        let decline = (Some(code), advice);
        let Some(amount) = end(&mut tx, wallet_id, top_up_id, "declined", decline, now).await?
        else {
            return Ok(());
        };
        let Some(rule) = row::find(&mut tx, wallet_id).await? else {
            return Err(Fault::Inconsistent("a refill without a rule"));
        };
        let in_a_row = rule.declines.unsigned_abs() + u32::from(kind == DeclineKind::Soft);
        count_declines(&mut tx, wallet_id, in_a_row, now).await?;
        let after = self.rules().refill.after_decline(kind, in_a_row, now);
        if rule.goes_on() {
            self.follow_decline(&mut tx, wallet_id, after, now).await?;
        }
        let event = top_up_id.to_string();
        let again_at = match after {
            AfterDecline::BackOff { until } if rule.goes_on() => Some(until),
            _ => None,
        };
        if kind == DeclineKind::NeedsCustomer {
            let card = card_name(&mut tx, wallet_id).await?;
            let notice = Notice::RefillNeedsYou { amount, card };
            self.notify(&mut tx, wallet_id, &event, &notice).await?;
        } else {
            self.tell_failed(
                &mut tx,
                wallet_id,
                &event,
                amount,
                decline_reason(code),
                again_at,
            )
            .await?;
        }
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(())
    }

    async fn follow_decline(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        after: AfterDecline,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let step = match after {
            AfterDecline::BackOff { until } => Step::until(RefillState::BackingOff, until),
            AfterDecline::AskCustomer { until } => Step::until(RefillState::ActionRequired, until),
            AfterDecline::Suspend(reason) => Step::suspended(reason),
        };
        go(&mut *tx, wallet_id, step, now).await?;
        if let AfterDecline::BackOff { until } = after {
            note(tx, wallet_id, until).await?;
        }
        Ok(())
    }

    /// Stripe refused the request itself: nothing was charged, and nothing will be like this.
    pub(super) async fn refill_refused(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
    ) -> Result<(), Fault> {
        let now = self.clock().now();
        let mut tx = self.worker().begin().await?;
        books::lock(&mut tx, wallet_id).await?;
        let nothing = (None, None);
        let Some(amount) = end(&mut tx, wallet_id, top_up_id, "closed", nothing, now).await? else {
            return Ok(());
        };
        super::suspend(&mut tx, wallet_id, SuspendReason::Refused, now).await?;
        let reason = "The saved card can no longer be charged.";
        self.tell_failed(
            &mut tx,
            wallet_id,
            &top_up_id.to_string(),
            amount,
            reason,
            None,
        )
        .await?;
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(())
    }

    /// Stripe has no payment of it, well after the last request: nothing was charged, and the wallet
    /// is decided about anew. Only by the worker whose fence it is.
    pub(super) async fn refill_never_was(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        fence: i64,
    ) -> Result<(), Fault> {
        let now = self.clock().now();
        let mut tx = self.worker().begin().await?;
        books::lock(&mut tx, wallet_id).await?;
        let is_ours = sqlx::query_scalar!(
            r#"select exists(select from refill_attempt
               where wallet_id = $1 and top_up_id = $2 and fence = $3) as "is_ours!""#,
            wallet_id as WalletId,
            top_up_id as TopUpId,
            fence
        )
        .fetch_one(&mut *tx)
        .await?;
        let nothing = (None, None);
        if !is_ours
            || end(&mut tx, wallet_id, top_up_id, "closed", nothing, now)
                .await?
                .is_none()
        {
            return Ok(());
        }
        note(&mut tx, wallet_id, now).await?;
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(())
    }
}

impl RuleRow {
    /// Whether the rule still follows what becomes of its charges: the customer may have turned it
    /// off meanwhile, or something suspended it.
    fn goes_on(&self) -> bool {
        !matches!(
            self.state,
            RefillState::Off | RefillState::Suspended | RefillState::ActionRequired
        )
    }
}

/// Ends an attempt that moved no money, and the top-up it is. None if it is over already.
async fn end(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    top_up_id: TopUpId,
    state: &str,
    (decline_code, advice_code): (Option<&str>, Option<&str>),
    now: OffsetDateTime,
) -> Result<Option<Money>, Fault> {
    Ok(sqlx::query_scalar!(
        r#"with ended as (
               update refill_attempt set state = $3, ended_at = $4, decline_code = $5, advice_code = $6,
                   lease_until = null
               where wallet_id = $1 and top_up_id = $2 and state in ('created', 'sent', 'unknown', 'processing')
               returning amount
           ), failed as (
               update top_up set state = 'failed', decline_code = coalesce($5, decline_code)
               where wallet_id = $1 and top_up_id = $2 and state = 'pending' and exists (select from ended)
           )
           select amount as "amount: Money" from ended"#,
        wallet_id as WalletId,
        top_up_id as TopUpId,
        state,
        now,
        decline_code,
        advice_code
    )
    .fetch_optional(tx)
    .await?)
}

async fn count_declines(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    in_a_row: u32,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update refill_rule set declines = $2, declined_at = $3 where wallet_id = $1",
        wallet_id as WalletId,
        in_a_row.cast_signed(),
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Declines before a success count no longer.
async fn forgive(tx: &mut PgConnection, wallet_id: WalletId) -> Result<(), Fault> {
    sqlx::query!(
        "update refill_rule set declines = 0, declined_at = null where wallet_id = $1",
        wallet_id as WalletId
    )
    .execute(tx)
    .await?;
    Ok(())
}
