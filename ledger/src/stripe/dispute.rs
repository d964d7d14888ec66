//! Disputes at Stripe: a bank asks about a payment, or takes it back.

use stripe_core::dispute::{ListDispute, RetrieveDispute};
use stripe_shared::{Dispute, DisputeStatus};
use stripe_types::{Currency, RangeQueryTs};
use time::OffsetDateTime;

use super::{Stripe, Trouble, pages};

/// How a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DisputeAnswer {
    /// The bank only asks.
    Inquiry,
    Open,
    /// Won, prevented, or an inquiry that was closed.
    Won,
    Lost,
}

/// A dispute as Stripe has it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DisputeFact {
    pub(crate) dispute_id: String,
    pub(crate) payment_id: Option<String>,
    pub(crate) charge_id: String,
    pub(crate) cents: i64,
    /// What left our balance at Stripe for it, less what came back; fees are ours and not in it.
    pub(crate) cents_withdrawn: i64,
    /// How often something left it. Stripe's list only grows, so this tells which of two answers is older.
    pub(crate) withdrawals: usize,
    pub(crate) is_usd: bool,
    pub(crate) answer: DisputeAnswer,
    pub(crate) reason: String,
    pub(crate) due_by: Option<OffsetDateTime>,
    pub(crate) opened_at: OffsetDateTime,
}

impl Stripe {
    pub(crate) async fn dispute(&self, dispute_id: &str) -> Result<DisputeFact, Trouble> {
        let dispute = RetrieveDispute::new(dispute_id).send(&self.client).await?;
        Ok(dispute_fact(&dispute))
    }

    /// Every dispute opened in a period.
    pub(crate) async fn disputes_between(
        &self,
        from: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Vec<DisputeFact>, Trouble> {
        let disputes = pages(|after: Option<String>| {
            let mut list = ListDispute::new()
                .created(RangeQueryTs::gte(from.unix_timestamp()))
                .limit(100);
            if let Some(after) = after {
                list = list.starting_after(after);
            }
            async move { list.send(&self.client).await }
        })
        .await?;
        Ok(disputes
            .iter()
            .filter(|dispute| dispute.created < until.unix_timestamp())
            .map(dispute_fact)
            .collect())
    }
}

fn dispute_fact(dispute: &Dispute) -> DisputeFact {
    let moved: i64 = dispute
        .balance_transactions
        .iter()
        .map(|transaction| transaction.amount)
        .sum();
    let moment = |seconds: i64| OffsetDateTime::from_unix_timestamp(seconds).ok();
    DisputeFact {
        dispute_id: dispute.id.to_string(),
        payment_id: dispute
            .payment_intent
            .as_ref()
            .map(|payment| payment.id().to_string()),
        charge_id: dispute.charge.id().to_string(),
        cents: dispute.amount,
        cents_withdrawn: -moved,
        withdrawals: (dispute.balance_transactions.iter())
            .filter(|transaction| transaction.amount < 0)
            .count(),
        is_usd: dispute.currency == Currency::USD,
        answer: match dispute.status {
            DisputeStatus::Won | DisputeStatus::WarningClosed | DisputeStatus::Prevented => {
                DisputeAnswer::Won
            }
            DisputeStatus::Lost => DisputeAnswer::Lost,
            DisputeStatus::WarningNeedsResponse | DisputeStatus::WarningUnderReview => {
                DisputeAnswer::Inquiry
            }
            // A state of a newer version, an appeal for one, is open.
            _ => DisputeAnswer::Open,
        },
        reason: dispute.reason.clone(),
        due_by: dispute.evidence_details.due_by.and_then(moment),
        opened_at: moment(dispute.created).unwrap_or(OffsetDateTime::UNIX_EPOCH),
    }
}
