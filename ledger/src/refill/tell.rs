//! What the customer hears of auto-refill, each event once.

use domain::notice::Notice;
use domain::{Money, TopUpId, WalletId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::row::{self, RuleRow};
use crate::Ledger;
use crate::card;
use crate::error::Fault;
use crate::stripe::PaymentFact;

impl Ledger {
    #[expect(clippy::too_many_arguments, reason = "what a refill came to")]
    pub(super) async fn tell_charged(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        rule: &RuleRow,
        amount: Money,
        used_before: Money,
        payment: &PaymentFact,
    ) -> Result<(), Fault> {
        let card = payment.card.as_ref();
        let notice = Notice::RefillSucceeded {
            top_up_id,
            amount,
            card: card.map_or_else(|| "your card".into(), |fact| fact.card.name()),
        };
        let event = top_up_id.to_string();
        self.notify(&mut *tx, wallet_id, &event, &notice).await?;
        let (terms, used) = (rule.terms(), used_before + amount);
        if self
            .rules()
            .refill
            .comes_near_cap(&terms, used_before, used)
        {
            let notice = Notice::RefillCapNear {
                used,
                cap: terms.monthly_cap,
            };
            self.notify(tx, wallet_id, &event, &notice).await?;
        }
        Ok(())
    }

    /// Tells that auto-refill stopped by itself because it charged too often.
    pub(super) async fn tell_fuse(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        amount: Money,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let event = format!("fuse {}", now.unix_timestamp());
        let reason = "It charged your card twice within an hour and stopped, so that you can look.";
        self.tell_failed(tx, wallet_id, &event, amount, reason, None)
            .await
    }

    /// Tells that auto-refill stopped because its card was removed, elsewhere than here.
    pub(crate) async fn tell_card_gone(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        payment_method_id: &str,
    ) -> Result<(), Fault> {
        let Some(rule) = row::find(&mut *tx, wallet_id).await? else {
            return Ok(());
        };
        let event = format!("card gone {payment_method_id}");
        let reason = "The card was removed at the payment processor. Nothing was charged.";
        self.tell_failed(tx, wallet_id, &event, rule.amount, reason, None)
            .await
    }

    pub(super) async fn tell_failed(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        event: &str,
        amount: Money,
        reason: &str,
        again_at: Option<OffsetDateTime>,
    ) -> Result<(), Fault> {
        let notice = Notice::RefillFailed {
            amount,
            card: card_name(&mut *tx, wallet_id).await?,
            reason: reason.to_owned(),
            again_at,
        };
        self.notify(tx, wallet_id, event, &notice).await?;
        Ok(())
    }
}

/// What the card that is charged is called.
pub(super) async fn card_name(tx: &mut PgConnection, wallet_id: WalletId) -> Result<String, Fault> {
    let card = card::default_card(tx, wallet_id).await?;
    Ok(card.map_or_else(|| "your card".into(), |saved| saved.card.name()))
}
