//! Money on its way back to the card, and money a bank took back. Only the books: asking Stripe and
//! deciding how much is due is the doors' work.

use domain::lots::about;
use domain::wallet::Move;
use domain::{Account, Money, Subject, TopUpId, TransferKind, Wallet, WalletId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::books::{self, Draft};
use crate::error::{Error, Fault};
use crate::{Ledger, lots};

/// A refund of a part of one purchase, by its own id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRef {
    pub wallet_id: WalletId,
    pub top_up_id: TopUpId,
    /// Ours, or Stripe's for one made in its dashboard.
    pub refund_id: String,
}

/// A dispute of one purchase, by Stripe's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeRef {
    pub wallet_id: WalletId,
    pub top_up_id: TopUpId,
    pub dispute_id: String,
}

/// A part of a thing to be posted.
struct Part {
    kind: TransferKind,
    from: Account,
    to: Account,
    amount: Money,
    promotional: Money,
}

impl Ledger {
    /// Sets a refund aside from paid credit that no call holds, together with the bonus it no longer
    /// earns. False if there is not that much, or the wallet owes. Again changes nothing.
    pub async fn hold_refund(
        &self,
        refund: RefundRef,
        amount: Money,
        clawback: Money,
    ) -> Result<bool, Error> {
        self.act(move |ledger| {
            let refund = refund.clone();
            async move {
                let thing = Thing::refund(&refund);
                ledger
                    .post_once(&thing, TransferKind::RefundHold, |wallet, _| {
                        let all = amount + clawback;
                        let is_covered = wallet.paid - wallet.held >= amount
                            && wallet.available() >= all
                            && wallet.debt.is_zero();
                        is_covered.then(|| {
                            vec![plain(
                                TransferKind::RefundHold,
                                Account::Available,
                                Account::Held,
                                all,
                            )]
                        })
                    })
                    .await
            }
        })
        .await
    }

    /// The refund reached Stripe: the amount leaves, and the bonus set aside with it is taken back,
    /// from given credit as far as there is some. Again changes nothing.
    pub async fn finish_refund(&self, refund: RefundRef, amount: Money) -> Result<bool, Error> {
        self.act(move |ledger| {
            let refund = refund.clone();
            async move {
                let thing = Thing::refund(&refund);
                ledger
                    .post_once(&thing, TransferKind::Refund, |wallet, set_aside| {
                        let clawback = set_aside - amount;
                        (!clawback.is_negative() && amount.is_positive()).then(|| {
                            vec![
                                plain(
                                    TransferKind::Refund,
                                    Account::Held,
                                    Account::StripeClearing,
                                    amount,
                                ),
                                plain(
                                    TransferKind::Release,
                                    Account::Held,
                                    Account::Available,
                                    clawback,
                                ),
                                Part {
                                    promotional: clawback.min(wallet.promotional),
                                    ..plain(
                                        TransferKind::Clawback,
                                        Account::Available,
                                        Account::PromotionExpense,
                                        clawback,
                                    )
                                },
                            ]
                        })
                    })
                    .await
            }
        })
        .await
    }

    /// Stripe refused the refund: all that was set aside comes back. Again changes nothing.
    pub async fn release_refund(&self, refund: RefundRef) -> Result<bool, Error> {
        self.act(move |ledger| {
            let refund = refund.clone();
            async move {
                let thing = Thing::refund(&refund);
                ledger
                    .post_once(&thing, TransferKind::Release, |_, set_aside| {
                        set_aside.is_positive().then(|| {
                            vec![plain(
                                TransferKind::Release,
                                Account::Held,
                                Account::Available,
                                set_aside,
                            )]
                        })
                    })
                    .await
            }
        })
        .await
    }

    /// A bank withdrew disputed money: it leaves what is available, paid credit first; what is missing
    /// becomes debt. Again changes nothing.
    pub async fn withdraw_dispute(
        &self,
        dispute: DisputeRef,
        amount: Money,
    ) -> Result<bool, Error> {
        self.act(move |ledger| {
            let dispute = dispute.clone();
            async move {
                let thing = Thing::dispute(&dispute);
                ledger
                    .post_once(&thing, TransferKind::Dispute, |wallet, _| {
                        let taken = amount.min(wallet.available());
                        let promotional = (taken - wallet.paid).max(Money::ZERO);
                        let (free, house) = (Account::Available, Account::StripeClearing);
                        Some(vec![
                            Part {
                                promotional,
                                ..plain(TransferKind::Dispute, free, house, taken)
                            },
                            plain(TransferKind::Dispute, Account::Debt, house, amount - taken),
                        ])
                    })
                    .await
            }
        })
        .await
    }

    /// A dispute was won: gives back exactly what it took, the debt first. False if it took nothing.
    /// Again changes nothing.
    pub async fn win_dispute(&self, dispute: DisputeRef) -> Result<bool, Error> {
        self.act(move |ledger| {
            let dispute = dispute.clone();
            async move {
                let mut thing = Thing::dispute(&dispute);
                let Some(taken) = taken(&mut *ledger.worker().acquire().await?, &thing).await?
                else {
                    return Ok(false);
                };
                thing.expires_at = taken.spendable_until;
                ledger
                    .post_once(&thing, TransferKind::DisputeWon, |wallet, _| {
                        // A debt that was paid in the meantime was paid with the customer's money.
                        let forgiven = taken.amount.min(wallet.debt);
                        let back = taken.amount - forgiven;
                        let (kind, house) = (TransferKind::DisputeWon, Account::StripeClearing);
                        Some(vec![
                            plain(kind, house, Account::Debt, forgiven),
                            Part {
                                promotional: taken.promotional.min(back),
                                ..plain(kind, house, Account::Available, back)
                            },
                        ])
                    })
                    .await
            }
        })
        .await
    }

    /// Posts the parts of a thing in one transaction, unless it has this kind already: then nothing
    /// happens and the answer is the same. None from `decide`, which sees the wallet and what the
    /// thing has set aside, posts nothing.
    async fn post_once(
        &self,
        thing: &Thing,
        kind: TransferKind,
        decide: impl FnOnce(&Wallet, Money) -> Option<Vec<Part>> + Send,
    ) -> Result<bool, Fault> {
        let mut tx = self.worker().begin().await?;
        let wallet = books::lock(&mut tx, thing.wallet_id).await?;
        let so_far = sqlx::query!(
            r#"select coalesce(sum(case 'held' when to_account then amount when from_account then -amount end), 0)
                          as "set_aside!: Money",
                      count(*) filter (where kind = $4) > 0
                          and not ($4 = 'release' and count(*) filter (where kind = 'refund') > 0) as "is_done!"
               from transfer where wallet_id = $1 and subject = $2 and subject_id = $3"#,
            thing.wallet_id as WalletId,
            thing.subject.word(),
            thing.subject_id,
            kind.word()
        )
        .fetch_one(&mut *tx)
        .await?;
        if so_far.is_done {
            return Ok(true);
        }
        let Some(parts) = decide(&wallet, so_far.set_aside) else {
            return Ok(false);
        };
        let drafts: Vec<Draft> = parts
            .iter()
            .filter(|part| part.amount.is_positive())
            .zip(0..)
            .map(|(part, number)| part.draft(thing, number))
            .collect();
        books::post(&mut tx, thing.wallet_id, wallet, &drafts).await?;
        tx.commit().await?;
        self.changes().tell(thing.wallet_id);
        Ok(true)
    }
}

/// What parts belong to.
struct Thing {
    wallet_id: WalletId,
    subject: Subject,
    subject_id: String,
    /// Until when given credit that comes back may be spent.
    expires_at: Option<OffsetDateTime>,
}

impl Thing {
    fn refund(refund: &RefundRef) -> Self {
        Self {
            wallet_id: refund.wallet_id,
            subject: Subject::Refund,
            subject_id: about(&refund.top_up_id.to_string(), &refund.refund_id),
            expires_at: None,
        }
    }

    fn dispute(dispute: &DisputeRef) -> Self {
        Self {
            wallet_id: dispute.wallet_id,
            subject: Subject::Dispute,
            subject_id: about(&dispute.top_up_id.to_string(), &dispute.dispute_id),
            expires_at: None,
        }
    }
}

impl Part {
    fn draft(&self, thing: &Thing, number: i32) -> Draft {
        Draft {
            step: Move {
                kind: self.kind,
                from: self.from,
                to: self.to,
                amount: self.amount,
                promotional: self.promotional,
            },
            subject: thing.subject,
            subject_id: thing.subject_id.clone(),
            number,
            expires_at: thing.expires_at.filter(|_| self.promotional.is_positive()),
        }
    }
}

fn plain(kind: TransferKind, from: Account, to: Account, amount: Money) -> Part {
    Part {
        kind,
        from,
        to,
        amount,
        promotional: Money::ZERO,
    }
}

/// What a dispute took in all, how much of it was given credit, and until when that could be spent.
struct Taken {
    amount: Money,
    promotional: Money,
    spendable_until: Option<OffsetDateTime>,
}

async fn taken(connection: &mut PgConnection, thing: &Thing) -> Result<Option<Taken>, Fault> {
    let rows = sqlx::query!(
        r#"select seq, amount as "amount: Money", promotional as "promotional: Money" from transfer
           where wallet_id = $1 and subject = 'dispute' and subject_id = $2 and kind = 'dispute'
           order by seq"#,
        thing.wallet_id as WalletId,
        thing.subject_id
    )
    .fetch_all(&mut *connection)
    .await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let promotional: Money = rows.iter().map(|row| row.promotional).sum();
    let spendable_until = if promotional.is_positive() {
        lots::last_expiry_spent(connection, thing.wallet_id, first.seq).await?
    } else {
        None
    };
    let amount = rows.iter().map(|row| row.amount).sum();
    Ok(Some(Taken {
        amount,
        promotional,
        spendable_until,
    }))
}
