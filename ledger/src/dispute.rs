//! Disputes, by retrieving them: what a bank asks, takes and gives back.
//!
//! Money moves once for each dispute, when Stripe's balance moved, and comes back as it went. In which
//! order events told of it does not matter.

use domain::dispute::DisputeState;
use domain::notice::{DisputeStage, Notice};
use domain::{Account, Money, TopUpId, TransferKind, Wallet, WalletId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::error::{Error, Fault};
use crate::parts::{Part, SoFar, Thing};
use crate::settle::Outcome;
use crate::stripe::{DisputeAnswer, DisputeFact};
use crate::{Ledger, books, lots, referral, refill, refund};

/// How often an open dispute is looked at: banks take weeks, and events tell of most steps.
const CHECK_EVERY: Duration = Duration::hours(6);
/// Disputes the reconciler looks at in one round.
const BATCH: i64 = 50;

impl Ledger {
    /// Brings the books in line with a dispute that was just retrieved. Again changes nothing.
    pub(crate) async fn apply_dispute(&self, fact: DisputeFact) -> Result<Outcome, Fault> {
        let payment_id = match &fact.payment_id {
            Some(payment_id) => payment_id.clone(),
            None => match self.stripe().payment_of_charge(&fact.charge_id).await? {
                Some(payment_id) => payment_id,
                None => return Ok(Outcome::Foreign),
            },
        };
        let Some((wallet_id, top_up_id)) = self.purchase_of_payment(&payment_id).await? else {
            return Ok(Outcome::Foreign);
        };
        if !fact.is_usd {
            let dispute_id = fact.dispute_id.as_str();
            tracing::error!(%wallet_id, dispute_id, "dispute not booked: the currency differs");
            return Ok(Outcome::Alarm("the currency differs"));
        }
        let mut tx = self.worker().begin().await?;
        let wallet = books::lock(&mut tx, wallet_id).await?;
        let before = note(&mut tx, wallet_id, top_up_id, &fact, self.clock().now()).await?;
        let thing = Thing::dispute(wallet_id, top_up_id, &fact.dispute_id);
        // An answer that was read before the dispute was won, and comes here after it: what came back stays.
        if before == Some(DisputeState::Won)
            && fact.answer != DisputeAnswer::Won
            && fact.withdrawals <= withdrawals(&mut tx, &thing).await?
        {
            return Ok(Outcome::Agreed);
        }
        let so_far = thing.so_far(&mut tx).await?;
        let after = follow(&mut tx, &thing, wallet, &so_far, &fact).await?;
        let state = state_of(&fact);
        let is_over = !state.is_open();
        sqlx::query!(
            "update dispute set state = $3, withdrawn = $4, due_by = $5, next_check_at = $6,
                 ended_at = case when $7 then coalesce(ended_at, $8) end
             where wallet_id = $1 and dispute_id = $2",
            wallet_id as WalletId,
            fact.dispute_id,
            state.word(),
            thing.so_far(&mut tx).await?.sent as Money,
            fact.due_by,
            self.clock().now() + CHECK_EVERY,
            is_over,
            self.clock().now()
        )
        .execute(&mut *tx)
        .await?;
        if state == DisputeState::Open && before != Some(DisputeState::Open) {
            refill::turn_off(&mut tx, wallet_id, self.clock().now()).await?;
        }
        self.tell_dispute(&mut tx, wallet_id, top_up_id, &fact, before, &so_far, after)
            .await?;
        referral::look_now(&mut tx, wallet_id).await?;
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(Outcome::Agreed)
    }

    /// Looks at open disputes that were not looked at for hours; returns how many.
    pub async fn reconcile_disputes(&self) -> Result<usize, Error> {
        let now = self.inner.clock.now();
        let due = sqlx::query_scalar!(
            "update dispute set next_check_at = $2 where (wallet_id, dispute_id) in (
                 select wallet_id, dispute_id from dispute
                 where state in ('inquiry', 'open') and next_check_at <= $1
                 order by next_check_at limit $3 for update skip locked
             ) returning dispute_id",
            now,
            now + CHECK_EVERY,
            BATCH
        )
        .fetch_all(self.worker())
        .await?;
        let mut looked_at = 0;
        for dispute_id in due {
            let looked = self
                .act(move |ledger| {
                    let dispute_id = dispute_id.clone();
                    async move {
                        let fact = ledger.stripe().dispute(&dispute_id).await?;
                        ledger.apply_dispute(fact).await
                    }
                })
                .await;
            looked_at += usize::from(looked.is_ok());
        }
        Ok(looked_at)
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "what the customer hears depends on all of before and after"
    )]
    async fn tell_dispute(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        fact: &DisputeFact,
        before: Option<DisputeState>,
        so_far: &SoFar,
        wallet: Wallet,
    ) -> Result<(), Fault> {
        let is_withdrawn = fact.cents_withdrawn > 0;
        let stage = match state_of(fact) {
            DisputeState::Inquiry => DisputeStage::Inquiry,
            DisputeState::Open if is_withdrawn => DisputeStage::Withdrawn,
            DisputeState::Open => return Ok(()),
            DisputeState::Lost => DisputeStage::Lost,
            // Of a dispute that took nothing nobody needs to hear that it gave back nothing.
            DisputeState::Won if so_far.sent.is_zero() && before.is_none() => return Ok(()),
            DisputeState::Won => DisputeStage::Won,
        };
        let notice = Notice::Dispute {
            top_up_id,
            amount: Money::from_cents(fact.cents),
            stage,
            debt: wallet.debt,
        };
        let event = format!("{} {}", fact.dispute_id, stage.word());
        let is_new = self.notify(tx, wallet_id, &event, &notice).await?;
        if is_new {
            let dispute_id = fact.dispute_id.as_str();
            tracing::warn!(%wallet_id, dispute_id, stage = stage.word(), due_by = ?fact.due_by, "dispute");
        }
        Ok(())
    }
}

fn state_of(fact: &DisputeFact) -> DisputeState {
    match fact.answer {
        DisputeAnswer::Inquiry => DisputeState::Inquiry,
        DisputeAnswer::Open => DisputeState::Open,
        DisputeAnswer::Won => DisputeState::Won,
        DisputeAnswer::Lost => DisputeState::Lost,
    }
}

/// Writes down a dispute that was not known; tells how it stood before.
async fn note(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    top_up_id: TopUpId,
    fact: &DisputeFact,
    now: OffsetDateTime,
) -> Result<Option<DisputeState>, Fault> {
    let before = sqlx::query_scalar!(
        r#"select state as "state: DisputeState" from dispute where wallet_id = $1 and dispute_id = $2"#,
        wallet_id as WalletId,
        fact.dispute_id
    )
    .fetch_optional(&mut *tx)
    .await?;
    if before.is_none() {
        sqlx::query!(
            "insert into dispute (wallet_id, dispute_id, top_up_id, state, amount, reason, due_by, opened_at,
                 next_check_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            wallet_id as WalletId,
            fact.dispute_id,
            top_up_id as TopUpId,
            state_of(fact).word(),
            Money::from_cents(fact.cents) as Money,
            fact.reason,
            fact.due_by,
            now,
            now + CHECK_EVERY
        )
        .execute(tx)
        .await?;
    }
    Ok(before)
}

/// Posts what the bank took or gave back since the books last heard of it.
async fn follow(
    tx: &mut PgConnection,
    thing: &Thing,
    wallet: Wallet,
    so_far: &SoFar,
    fact: &DisputeFact,
) -> Result<Wallet, Fault> {
    let due = if fact.answer == DisputeAnswer::Won {
        // Won is won, also when Stripe's balance shows it a moment later.
        Money::ZERO
    } else {
        Money::from_cents(fact.cents_withdrawn.max(0))
    };
    if due > so_far.sent && so_far.sent.is_zero() {
        withdraw(tx, thing, wallet, so_far, due).await
    } else if due.is_zero() && so_far.sent.is_positive() {
        give_back(tx, thing, wallet, so_far).await
    } else {
        Ok(wallet)
    }
}

/// How often the books followed the bank when it took something.
async fn withdrawals(tx: &mut PgConnection, thing: &Thing) -> Result<usize, Fault> {
    let taken = sqlx::query_scalar!(
        r#"with entry as (
               select kind, lag(kind) over (order by seq) as before from transfer
               where wallet_id = $1 and subject = 'dispute' and subject_id = $2
           )
           select count(*) as "taken!" from entry
           where kind = 'dispute' and before is distinct from 'dispute'"#,
        thing.wallet_id as WalletId,
        thing.subject_id()
    )
    .fetch_one(tx)
    .await?;
    Ok(usize::try_from(taken).unwrap_or(usize::MAX))
}

/// The money leaves what is available, paid credit first, but for what refunds set aside; what is missing
/// becomes debt.
async fn withdraw(
    tx: &mut PgConnection,
    thing: &Thing,
    wallet: Wallet,
    so_far: &SoFar,
    amount: Money,
) -> Result<Wallet, Fault> {
    let taken = amount.min(wallet.available());
    let paid = wallet.paid - refund::set_aside(&mut *tx, thing.wallet_id).await?;
    let promotional = (taken - paid).max(Money::ZERO);
    let (kind, house) = (TransferKind::Dispute, Account::StripeClearing);
    let parts = [
        Part {
            promotional: promotional.min(taken).min(wallet.promotional),
            ..Part::new(kind, Account::Available, house, taken)
        },
        Part::new(kind, Account::Debt, house, amount - taken),
    ];
    thing.post(tx, wallet, so_far, parts).await
}

/// Gives back exactly what was taken, the debt that is left of it first: a debt that was paid in the
/// meantime was paid with the customer's money.
async fn give_back(
    tx: &mut PgConnection,
    thing: &Thing,
    wallet: Wallet,
    so_far: &SoFar,
) -> Result<Wallet, Fault> {
    let forgiven = so_far.owed.min(wallet.debt);
    let back = so_far.sent - forgiven;
    let given = given(&mut *tx, thing).await?;
    let (kind, house) = (TransferKind::DisputeWon, Account::StripeClearing);
    let parts = [
        Part::new(kind, house, Account::Debt, forgiven),
        Part {
            promotional: given.promotional.min(back),
            expires_at: given.spendable_until,
            ..Part::new(kind, house, Account::Available, back)
        },
    ];
    thing.post(tx, wallet, so_far, parts).await
}

/// How much given credit a dispute took, and until when that could be spent.
struct Given {
    promotional: Money,
    spendable_until: Option<OffsetDateTime>,
}

async fn given(tx: &mut PgConnection, thing: &Thing) -> Result<Given, Fault> {
    let taken = sqlx::query!(
        r#"select seq, promotional as "promotional: Money" from transfer
           where wallet_id = $1 and subject = 'dispute' and subject_id = $2 and kind = 'dispute'
             and promotional > 0
           order by seq desc limit 1"#,
        thing.wallet_id as WalletId,
        thing.subject_id()
    )
    .fetch_optional(&mut *tx)
    .await?;
    Ok(match taken {
        Some(taken) => Given {
            promotional: taken.promotional,
            spendable_until: lots::last_expiry_spent(tx, thing.wallet_id, taken.seq).await?,
        },
        None => Given {
            promotional: Money::ZERO,
            spendable_until: None,
        },
    })
}
