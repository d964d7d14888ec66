//! Postings that are about one purchase: refunds and disputes are made of parts, each a transfer.

use domain::lots::about;
use domain::wallet::Move;
use domain::{Account, Money, Subject, TopUpId, TransferKind, Wallet, WalletId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::books::{self, Draft};
use crate::error::Fault;

/// A part of a thing to be posted; one of zero is left out.
pub(crate) struct Part {
    pub(crate) kind: TransferKind,
    pub(crate) from: Account,
    pub(crate) to: Account,
    pub(crate) amount: Money,
    pub(crate) promotional: Money,
    /// Until when given credit that comes back may be spent.
    pub(crate) expires_at: Option<OffsetDateTime>,
}

impl Part {
    /// A part without given credit.
    pub(crate) fn new(kind: TransferKind, from: Account, to: Account, amount: Money) -> Self {
        Self {
            kind,
            from,
            to,
            amount,
            promotional: Money::ZERO,
            expires_at: None,
        }
    }
}

/// What parts belong to: a refund or a dispute of a purchase.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) wallet_id: WalletId,
    subject: Subject,
    subject_id: String,
}

/// What a thing has moved so far.
pub(crate) struct SoFar {
    /// Set aside and neither sent nor released.
    pub(crate) set_aside: Money,
    /// Left to Stripe, less what came back.
    pub(crate) sent: Money,
    /// How much of that the wallet owed for.
    pub(crate) owed: Money,
    /// Bonus taken back, less what was given again; and how much of that was given credit.
    pub(crate) clawed_back: Money,
    pub(crate) clawed_back_given: Money,
    entries: i32,
}

impl Thing {
    pub(crate) fn refund(wallet_id: WalletId, top_up_id: TopUpId, refund_id: &str) -> Self {
        Self {
            wallet_id,
            subject: Subject::Refund,
            subject_id: about(&top_up_id.to_string(), refund_id),
        }
    }

    pub(crate) fn dispute(wallet_id: WalletId, top_up_id: TopUpId, dispute_id: &str) -> Self {
        Self {
            wallet_id,
            subject: Subject::Dispute,
            subject_id: about(&top_up_id.to_string(), dispute_id),
        }
    }

    pub(crate) fn subject_id(&self) -> &str {
        &self.subject_id
    }

    pub(crate) async fn so_far(&self, tx: &mut PgConnection) -> Result<SoFar, Fault> {
        Ok(sqlx::query_as!(
            SoFar,
            r#"select coalesce(sum(case 'held' when to_account then amount when from_account then -amount end), 0)
                          as "set_aside!: Money",
                      coalesce(sum(case 'stripe_clearing' when to_account then amount when from_account then -amount end), 0)
                          as "sent!: Money",
                      coalesce(sum(case 'debt' when from_account then amount when to_account then -amount end), 0)
                          as "owed!: Money",
                      coalesce(sum(case when kind <> 'clawback' then 0 when from_account = 'available' then amount
                                        else -amount end), 0) as "clawed_back!: Money",
                      coalesce(sum(case when kind <> 'clawback' then 0 when from_account = 'available' then promotional
                                        else -promotional end), 0) as "clawed_back_given!: Money",
                      count(*)::integer as "entries!"
               from transfer where wallet_id = $1 and subject = $2 and subject_id = $3"#,
            self.wallet_id as WalletId,
            self.subject.word(),
            self.subject_id
        )
        .fetch_one(tx)
        .await?)
    }

    /// Posts the parts, numbered after what the thing has moved so far. The wallet is locked.
    pub(crate) async fn post(
        &self,
        tx: &mut PgConnection,
        wallet: Wallet,
        so_far: &SoFar,
        parts: impl IntoIterator<Item = Part>,
    ) -> Result<Wallet, Fault> {
        let drafts: Vec<Draft> = parts
            .into_iter()
            .filter(|part| part.amount.is_positive())
            .zip(so_far.entries..)
            .map(|(part, number)| self.draft(part, number))
            .collect();
        if drafts.is_empty() {
            return Ok(wallet);
        }
        books::post(tx, self.wallet_id, wallet, &drafts).await
    }

    fn draft(&self, part: Part, number: i32) -> Draft {
        Draft {
            step: Move {
                kind: part.kind,
                from: part.from,
                to: part.to,
                amount: part.amount,
                promotional: part.promotional,
            },
            subject: self.subject,
            subject_id: self.subject_id.clone(),
            number,
            expires_at: part.expires_at.filter(|_| part.promotional.is_positive()),
        }
    }
}
