//! From Stripe's word to the books. The webhook, the status page and the reconciler all come
//! here, in any order and any number of times; the money moves once.

use domain::notice::Notice;
use domain::top_up::{BONUS_VALID_FOR, TopUpSource, TopUpState};
use domain::wallet::Move;
use domain::{Account, Money, Subject, TopUpId, TransferKind, Wallet, WalletId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::Ledger;
use crate::books::{self, Draft};
use crate::card;
use crate::error::Fault;
use crate::stripe::{PaymentFact, PaymentState, SessionFact, SessionState, Tags};
use crate::top_up::{self, TopUpRow};
use crate::{promo, referral};

/// After an alarm a person must look; Stripe is asked rarely.
const CHECK_ALARMED_EVERY: Duration = Duration::hours(1);
/// What became of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The books say what Stripe says.
    Agreed,
    /// Nothing is decided yet.
    Waiting,
    /// Not one of our objects.
    Foreign,
    /// What Stripe says contradicts our row: nothing was credited, a person must look.
    Alarm(&'static str),
}

impl Ledger {
    /// Brings the books in line with a session that was just retrieved.
    pub(crate) async fn apply_session(&self, session: SessionFact) -> Result<Outcome, Fault> {
        if let Some(tags) = session.tags
            && let Some(card_setup_id) = tags.card_setup_id
        {
            let is_expired = session.state == SessionState::Expired;
            let saved = session.saved.as_ref();
            return self
                .apply_setup(tags.wallet_id, card_setup_id, saved, is_expired)
                .await;
        }
        let Some(Tags {
            wallet_id,
            top_up_id: Some(top_up_id),
            ..
        }) = session.tags
        else {
            return Ok(Outcome::Foreign);
        };
        if session.asks_no_payment {
            return self
                .alarm(wallet_id, top_up_id, "the session asked for no payment")
                .await;
        }
        let is_over = session.is_over();
        let outcome = match session.payment {
            Some(payment) => self.apply_payment(payment).await?,
            None => Outcome::Waiting,
        };
        if outcome == Outcome::Waiting && is_over {
            self.close(wallet_id, top_up_id).await?;
            return Ok(Outcome::Agreed);
        }
        Ok(outcome)
    }

    /// Brings the books in line with a payment that was just retrieved.
    pub(crate) async fn apply_payment(&self, payment: PaymentFact) -> Result<Outcome, Fault> {
        let Some(Tags {
            wallet_id,
            top_up_id: Some(top_up_id),
            ..
        }) = payment.tags
        else {
            return Ok(Outcome::Foreign);
        };
        match payment.state {
            PaymentState::Succeeded => self.settle_top_up(wallet_id, top_up_id, &payment).await,
            PaymentState::Canceled => {
                self.refill_not_paid(wallet_id, top_up_id, &payment).await?;
                self.note_decline(wallet_id, top_up_id, &payment).await?;
                self.close(wallet_id, top_up_id).await?;
                Ok(Outcome::Agreed)
            }
            PaymentState::Processing => Ok(Outcome::Waiting),
            PaymentState::Open => {
                self.refill_not_paid(wallet_id, top_up_id, &payment).await?;
                self.note_decline(wallet_id, top_up_id, &payment).await?;
                Ok(Outcome::Waiting)
            }
        }
    }

    /// Credits a succeeded payment, with its bonus, in one transaction; again changes nothing.
    ///
    /// Debt is paid first. A payment that came after the top-up was closed is credited all the same.
    async fn settle_top_up(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        payment: &PaymentFact,
    ) -> Result<Outcome, Fault> {
        let now = self.clock().now();
        let mut tx = self.worker().begin().await?;
        let wallet = match books::lock(&mut tx, wallet_id).await {
            Err(Fault::NotFound) => return Ok(Outcome::Alarm("no such wallet")),
            locked => locked?,
        };
        let row = match top_up::find(&mut tx, wallet_id, top_up_id).await {
            Err(Fault::NotFound) => return Ok(Outcome::Alarm("no such top-up")),
            found => found?,
        };
        if row.state == TopUpState::Settled {
            let is_same = row.payment_id.as_deref() == Some(&payment.payment_id);
            return Ok(if is_same {
                Outcome::Agreed
            } else {
                Outcome::Alarm("paid twice")
            });
        }
        if let Some(difference) = self.difference(&mut tx, wallet_id, &row, payment).await? {
            drop(tx);
            return self.alarm(wallet_id, top_up_id, difference).await;
        }
        books::post(
            &mut tx,
            wallet_id,
            wallet,
            &drafts(&wallet, top_up_id, &row, now),
        )
        .await?;
        mark_settled(&mut tx, wallet_id, top_up_id, payment, now).await?;
        if let (Some(consent), Some(fact)) = (&row.card_consent, &payment.card) {
            card::keep(&mut tx, wallet_id, fact, consent, row.started_at, now).await?;
        }
        self.refill_settled(&mut tx, wallet_id, top_up_id, payment, now)
            .await?;
        promo::top_up_settled(&mut tx, wallet_id, top_up_id).await?;
        referral::look_now(&mut tx, wallet_id).await?;
        self.tell_settled(&mut tx, wallet_id, top_up_id, &row, wallet.debt)
            .await?;
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(Outcome::Agreed)
    }

    async fn tell_settled(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        row: &TopUpRow,
        debt: Money,
    ) -> Result<(), Fault> {
        let notice = Notice::TopUpSettled {
            top_up_id,
            amount: row.amount,
            bonus: row.bonus,
            debt_paid: debt.min(row.amount),
        };
        // A refill says more than that: it tells of its own.
        if row.source == TopUpSource::Manual {
            self.notify(tx, wallet_id, &top_up_id.to_string(), &notice)
                .await?;
        }
        Ok(())
    }

    /// What speaks against crediting this payment for this row, if anything does.
    async fn difference(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        row: &TopUpRow,
        payment: &PaymentFact,
    ) -> Result<Option<&'static str>, Fault> {
        let customer_id = sqlx::query_scalar!(
            "select stripe_customer_id from customer where wallet_id = $1",
            wallet_id as WalletId
        )
        .fetch_optional(tx)
        .await?
        .flatten();
        Ok(if payment.livemode != self.stripe().livemode() {
            Some("live and test mode differ")
        } else if !payment.is_usd {
            Some("the currency differs")
        } else if Money::from_cents(payment.cents_received) != row.amount {
            Some("the amount differs")
        } else if payment.customer_id.is_none() || payment.customer_id != customer_id {
            Some("the customer differs")
        } else {
            None
        })
    }

    async fn alarm(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        reason: &'static str,
    ) -> Result<Outcome, Fault> {
        tracing::error!(%wallet_id, %top_up_id, reason, "payment not credited: a person must look");
        sqlx::query!(
            "update top_up set alarm = $3, next_check_at = $4 where wallet_id = $1 and top_up_id = $2",
            wallet_id as WalletId,
            top_up_id as TopUpId,
            reason,
            self.clock().now() + CHECK_ALARMED_EVERY
        )
        .execute(self.worker())
        .await?;
        Ok(Outcome::Alarm(reason))
    }

    async fn note_decline(
        &self,
        wallet_id: WalletId,
        top_up_id: TopUpId,
        payment: &PaymentFact,
    ) -> Result<(), Fault> {
        let noted = sqlx::query!(
            "update top_up set decline_code = $3
             where wallet_id = $1 and top_up_id = $2 and state = 'pending' and $3::text is not null
               and decline_code is distinct from $3",
            wallet_id as WalletId,
            top_up_id as TopUpId,
            payment.decline_code.as_deref()
        )
        .execute(self.worker())
        .await?;
        if noted.rows_affected() > 0 {
            self.changes().tell(wallet_id);
        }
        Ok(())
    }

    /// Ends a top-up that was not paid: failed if a card was declined, expired if nothing was tried.
    pub(crate) async fn close(&self, wallet_id: WalletId, top_up_id: TopUpId) -> Result<(), Fault> {
        sqlx::query!(
            "update top_up set state = case when decline_code is null then 'expired' else 'failed' end
             where wallet_id = $1 and top_up_id = $2 and state = 'pending'",
            wallet_id as WalletId,
            top_up_id as TopUpId
        )
        .execute(self.worker())
        .await?;
        self.changes().tell(wallet_id);
        Ok(())
    }
}

/// The transfers of a settled top-up: what was paid, what of it pays debt, and the promised bonus.
fn drafts(wallet: &Wallet, top_up_id: TopUpId, row: &TopUpRow, now: OffsetDateTime) -> Vec<Draft> {
    let draft = |kind, from, to, amount, promotional, expires_at| Draft {
        step: Move {
            kind,
            from,
            to,
            amount,
            promotional,
        },
        subject: Subject::TopUp,
        subject_id: top_up_id.to_string(),
        number: 0,
        expires_at,
    };
    let mut drafts = vec![draft(
        TransferKind::TopUp,
        Account::StripeClearing,
        Account::Available,
        row.amount,
        Money::ZERO,
        None,
    )];
    let owed = wallet.debt.min(row.amount);
    if owed.is_positive() {
        drafts.push(draft(
            TransferKind::DebtPayment,
            Account::Available,
            Account::Debt,
            owed,
            Money::ZERO,
            None,
        ));
    }
    if row.bonus.is_positive() {
        let until = Some(now + BONUS_VALID_FOR);
        drafts.push(draft(
            TransferKind::Bonus,
            Account::PromotionExpense,
            Account::Available,
            row.bonus,
            row.bonus,
            until,
        ));
    }
    drafts
}

async fn mark_settled(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    top_up_id: TopUpId,
    payment: &PaymentFact,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update top_up set state = 'settled', settled_at = $3, stripe_payment_id = $4, stripe_charge_id = $5,
             card_brand = $6, card_last4 = $7, card_fingerprint = $8, receipt_number = $9, decline_code = null, alarm = null
         where wallet_id = $1 and top_up_id = $2",
        wallet_id as WalletId,
        top_up_id as TopUpId,
        now,
        payment.payment_id,
        payment.charge_id.as_deref(),
        payment.card_brand.as_deref(),
        payment.card_last4.as_deref(),
        payment.card_fingerprint.as_deref(),
        payment.receipt_number.as_deref()
    )
    .execute(tx)
    .await?;
    Ok(())
}
