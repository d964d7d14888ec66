//! Refunds: from the click to the card, and those that Stripe's dashboard made.
//!
//! The row and what is set aside are committed before Stripe is asked, under a key that is kept. An
//! outcome that is not known is asked for again under the same key, then looked for; the money is
//! released only when Stripe says no, or has none of it long after the last try.

mod all;
mod ask;
mod books;
mod send;

use domain::notice::{Notice, RefundOutcome};
use domain::refund::{Purchased, RefundState};
use domain::{Money, TopUpId, Wallet, WalletId};
use sqlx::PgConnection;

use crate::error::Fault;
use crate::parts::Thing;
use crate::settle::Outcome;
use crate::stripe::{RefundAnswer, RefundFact};
use crate::{Ledger, books as wallets, lots, referral};

pub use ask::{AskRefund, RefundBy, RefundDraft};
pub(crate) use books::set_aside;

/// A row of `refund`, as much of it as acts need.
struct RefundRow {
    refund_id: String,
    top_up_id: TopUpId,
    state: RefundState,
    amount: Money,
}

impl Ledger {
    /// Brings the books in line with a refund that was just retrieved: ours, or one that was made at
    /// Stripe. Again changes nothing.
    pub(crate) async fn apply_refund(&self, fact: RefundFact) -> Result<Outcome, Fault> {
        let Some((wallet_id, top_up_id)) = self.purchase_of_payment(&fact.payment_id).await? else {
            return Ok(Outcome::Foreign);
        };
        if !fact.is_usd {
            return Ok(alarm(wallet_id, &fact, "the currency differs"));
        }
        let mut tx = self.worker().begin().await?;
        let wallet = match wallets::lock(&mut tx, wallet_id).await {
            Err(Fault::NotFound) => return Ok(alarm(wallet_id, &fact, "no such wallet")),
            locked => locked?,
        };
        let (row, wallet) = match find(&mut tx, wallet_id, &fact).await? {
            Some(row) => (row, wallet),
            None => {
                if let Some(refund_id) = &fact.refund_id {
                    // A row forgotten by a restored database, or one that has its refund: this one left too.
                    let stripe_refund_id = fact.stripe_refund_id.as_str();
                    tracing::error!(%wallet_id, stripe_refund_id, refund_id, "a refund says that it is one it is not");
                }
                self.note_foreign(&mut tx, wallet_id, top_up_id, &fact, wallet)
                    .await?
            }
        };
        if row.amount != Money::from_cents(fact.cents) {
            return Ok(alarm(wallet_id, &fact, "the amount differs"));
        }
        let state = follow(&mut tx, wallet_id, &row, &fact, wallet).await?;
        mark(&mut tx, wallet_id, &row, &fact, state, self.clock().now()).await?;
        self.tell_refund(&mut tx, wallet_id, &row, state).await?;
        referral::look_now(&mut tx, wallet_id).await?;
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(if state == RefundState::Pending {
            Outcome::Waiting
        } else {
            Outcome::Agreed
        })
    }

    /// A refund that was made at Stripe: the money has left, so the books follow at once.
    async fn note_foreign(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        fact: &RefundFact,
        wallet: Wallet,
    ) -> Result<(RefundRow, Wallet), Fault> {
        let now = self.clock().now();
        let amount = Money::from_cents(fact.cents);
        let purchased = purchased(&mut *tx, wallet_id, top_up_id).await?;
        let refund = purchased.follow(amount, &self.rules().top_up);
        sqlx::query!(
            "insert into refund (wallet_id, refund_id, top_up_id, source, state, credit, clawback, amount,
                 idempotency_key, stripe_payment_id, stripe_refund_id, asked_at, next_at)
             values ($1, $2, $3, 'stripe', 'pending', $4, $5, $4, $2, $6, $2, $7, $7)",
            wallet_id as WalletId,
            fact.stripe_refund_id,
            top_up_id as TopUpId,
            amount as Money,
            refund.clawback as Money,
            fact.payment_id,
            now
        )
        .execute(&mut *tx)
        .await?;
        let row = RefundRow {
            refund_id: fact.stripe_refund_id.clone(),
            top_up_id,
            state: RefundState::Pending,
            amount,
        };
        if fact.answer == RefundAnswer::Failed {
            return Ok((row, wallet));
        }
        let thing = Thing::refund(wallet_id, top_up_id, &row.refund_id);
        let so_far = thing.so_far(&mut *tx).await?;
        let wallet = books::take(tx, &thing, wallet, &so_far, amount, refund.clawback).await?;
        Ok((row, wallet))
    }

    /// The purchase behind a payment of ours, which is settled first if it was not. Words on a refund or
    /// a dispute are not asked: anybody with access to Stripe can write them.
    pub(crate) async fn purchase_of_payment(
        &self,
        payment_id: &str,
    ) -> Result<Option<(WalletId, TopUpId)>, Fault> {
        let known = sqlx::query!(
            r#"select wallet_id as "wallet_id: WalletId", top_up_id as "top_up_id: TopUpId" from top_up
               where stripe_payment_id = $1 and state = 'settled'"#,
            payment_id
        )
        .fetch_optional(self.worker())
        .await?;
        if let Some(known) = known {
            return Ok(Some((known.wallet_id, known.top_up_id)));
        }
        let payment = self.stripe().payment(payment_id).await?;
        let tags = payment.tags;
        if self.apply_payment(payment).await? != Outcome::Agreed {
            return Ok(None);
        }
        Ok(tags.and_then(|tags| Some((tags.wallet_id, tags.top_up_id?))))
    }

    async fn tell_refund(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        row: &RefundRow,
        state: RefundState,
    ) -> Result<(), Fault> {
        let outcome = match state {
            RefundState::Succeeded => RefundOutcome::Sent,
            RefundState::Refused | RefundState::Failed => RefundOutcome::GivenBack,
            RefundState::Due | RefundState::Pending => return Ok(()),
        };
        let notice = Notice::Refund {
            top_up_id: row.top_up_id,
            amount: row.amount,
            outcome,
        };
        let event = format!("{} {}", row.refund_id, outcome.word());
        self.notify(tx, wallet_id, &event, &notice).await?;
        Ok(())
    }
}

/// Posts what the step from our state to Stripe's is; tells the new state.
async fn follow(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    row: &RefundRow,
    fact: &RefundFact,
    wallet: Wallet,
) -> Result<RefundState, Fault> {
    use RefundState::{Due, Failed, Pending, Refused, Succeeded};
    let thing = Thing::refund(wallet_id, row.top_up_id, &row.refund_id);
    let so_far = thing.so_far(&mut *tx).await?;
    let is_set_aside = so_far.set_aside.is_positive();
    Ok(match (row.state, fact.answer) {
        // What came back stays back: an older answer was read later.
        (Failed, _) | (Refused, RefundAnswer::Failed) => row.state,
        (Succeeded, RefundAnswer::Succeeded | RefundAnswer::Pending) => Succeeded,
        (Due | Pending, RefundAnswer::Pending) => Pending,
        (Due | Pending, RefundAnswer::Succeeded) if is_set_aside => {
            books::finish(tx, &thing, wallet, &so_far, row.top_up_id, row.amount).await?;
            Succeeded
        }
        (Due | Pending, RefundAnswer::Succeeded) => Succeeded,
        (Due | Pending, RefundAnswer::Failed) if is_set_aside => {
            books::release(tx, &thing, wallet, &so_far).await?;
            Refused
        }
        (Refused, _) => {
            tracing::error!(%wallet_id, refund_id = row.refund_id, "a refund that was given up left after all");
            books::take(tx, &thing, wallet, &so_far, row.amount, Money::ZERO).await?;
            Succeeded
        }
        (Due | Pending | Succeeded, RefundAnswer::Failed) => {
            books::give_back(tx, &thing, wallet, &so_far, row.top_up_id).await?;
            Failed
        }
    })
}

/// What is left of a purchase, and what of it went back before.
async fn purchased(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    top_up_id: TopUpId,
) -> Result<Purchased, Fault> {
    let row = sqlx::query!(
        r#"select amount as "amount: Money", bonus as "bonus: Money" from top_up
           where wallet_id = $1 and top_up_id = $2"#,
        wallet_id as WalletId,
        top_up_id as TopUpId
    )
    .fetch_optional(&mut *connection)
    .await?
    .ok_or(Fault::NotFound)?;
    let before = sqlx::query!(
        r#"with part as (
               select kind, case when from_account in ('held', 'available', 'debt') then 1 else -1 end as sign,
                      amount, promotional
               from transfer
               where wallet_id = $1 and subject = 'refund' and subject_id like $2 and kind in ('refund', 'clawback')
           )
           select coalesce(sum(sign * (amount - promotional)), 0) as "returned!: Money",
                  coalesce(sum(sign * amount) filter (where kind = 'clawback'), 0) as "clawed_back!: Money"
           from part"#,
        wallet_id as WalletId,
        format!("{top_up_id}/%")
    )
    .fetch_one(&mut *connection)
    .await?;
    let (lots, _) = lots::fold(connection, wallet_id, i64::MAX).await?;
    let purchase = top_up_id.to_string();
    Ok(Purchased {
        bought: row.amount,
        bonus: row.bonus,
        returned: before.returned,
        clawed_back: before.clawed_back,
        paid_left: lots.paid_left(&purchase),
        bonus_left: lots.given_left(&purchase),
    })
}

/// Our row of a refund, locked with its wallet: by Stripe's name of it, else by ours and its amount, as long
/// as Stripe's is not known. One of ours that has its refund at Stripe is no other's.
async fn find(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    fact: &RefundFact,
) -> Result<Option<RefundRow>, Fault> {
    Ok(sqlx::query_as!(
        RefundRow,
        r#"select refund_id, top_up_id as "top_up_id: TopUpId", state as "state: RefundState",
                  amount as "amount: Money"
           from refund where wallet_id = $1 and (stripe_refund_id = $3 or refund_id = $2 and stripe_refund_id is null and amount = $4)
           order by stripe_refund_id is null limit 1"#,
        wallet_id as WalletId,
        fact.refund_id,
        fact.stripe_refund_id,
        Money::from_cents(fact.cents) as Money
    )
    .fetch_optional(tx)
    .await?)
}

async fn mark(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    row: &RefundRow,
    fact: &RefundFact,
    state: RefundState,
    now: time::OffsetDateTime,
) -> Result<(), Fault> {
    let is_over = !matches!(state, RefundState::Due | RefundState::Pending);
    sqlx::query!(
        "update refund set state = $3, stripe_refund_id = $4, failure_code = coalesce($5, failure_code),
             ended_at = case when $6 then coalesce(ended_at, $7) end, next_at = $8, lease_until = null, alarm = null
         where wallet_id = $1 and refund_id = $2",
        wallet_id as WalletId,
        row.refund_id,
        state.word(),
        fact.stripe_refund_id,
        fact.failure_code,
        is_over,
        now,
        now + send::LOOK_AGAIN
    )
    .execute(tx)
    .await?;
    Ok(())
}

fn alarm(wallet_id: WalletId, fact: &RefundFact, reason: &'static str) -> Outcome {
    let stripe_refund_id = fact.stripe_refund_id.as_str();
    tracing::error!(%wallet_id, stripe_refund_id, reason, "refund not booked: a person must look");
    Outcome::Alarm(reason)
}
