//! Corrections by support.

use domain::adjustment::{self, AdjustmentRefusal, AdjustmentState};
use domain::wallet::Move;
use domain::{Account, Money, Subject, TransferKind, Wallet, WalletId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Ledger;
use crate::books::{self, Draft};
use crate::error::{Error, Fault};

/// What support asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjust {
    pub wallet_id: WalletId,
    /// Made before the click: a repeat carries the same one.
    pub adjustment_id: Uuid,
    /// Positive gives, negative takes.
    pub amount: Money,
    /// The customer reads it.
    pub reason: String,
    pub author: String,
    /// Credit given with a date is promotional, without one it is as good as paid.
    pub credit_expires_at: Option<OffsetDateTime>,
}

/// A correction as the desk lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdjustmentRow {
    pub wallet_id: WalletId,
    pub adjustment_id: Uuid,
    pub state: AdjustmentState,
    pub amount: Money,
    pub reason: String,
    pub author: String,
    pub approver: Option<String>,
    pub asked_at: OffsetDateTime,
}

struct Stored {
    state: AdjustmentState,
    amount: Money,
    reason: String,
    author: String,
    approver: Option<String>,
    credit_expires_at: Option<OffsetDateTime>,
}

impl Ledger {
    /// Posts a correction, or lets it wait for a second person above $50. Again, the same state again.
    pub async fn adjust(&self, ask: Adjust) -> Result<AdjustmentState, Error> {
        adjustment::check(ask.amount, &ask.reason, &ask.author).map_err(Fault::from)?;
        self.act(move |ledger| {
            let ask = ask.clone();
            async move { ledger.ask_adjustment(&ask).await }
        })
        .await
    }

    /// The second person's word on a waiting correction. Approving twice posts once.
    pub async fn decide_adjustment(
        &self,
        wallet_id: WalletId,
        adjustment_id: Uuid,
        approver: &str,
        approve: bool,
    ) -> Result<AdjustmentState, Error> {
        let approver = approver.trim().to_owned();
        self.act(move |ledger| {
            let approver = approver.clone();
            async move {
                ledger
                    .decide(wallet_id, adjustment_id, &approver, approve)
                    .await
            }
        })
        .await
    }

    /// Corrections that wait for a second person, oldest first, those asked for after this moment.
    pub async fn waiting_adjustments(
        &self,
        after: Option<OffsetDateTime>,
    ) -> Result<Vec<AdjustmentRow>, Error> {
        Ok(sqlx::query_as!(
            AdjustmentRow,
            r#"select wallet_id as "wallet_id: WalletId", adjustment_id, state as "state: AdjustmentState",
                      amount as "amount: Money", reason, author, approver, asked_at
               from adjustment where state = 'waiting' and ($1::timestamptz is null or asked_at > $1)
               order by asked_at limit 50"#,
            after
        )
        .fetch_all(self.web())
        .await?)
    }

    /// Corrections of one wallet, newest first.
    pub async fn adjustments(&self, wallet_id: WalletId) -> Result<Vec<AdjustmentRow>, Error> {
        Ok(sqlx::query_as!(
            AdjustmentRow,
            r#"select wallet_id as "wallet_id: WalletId", adjustment_id, state as "state: AdjustmentState",
                      amount as "amount: Money", reason, author, approver, asked_at
               from adjustment where wallet_id = $1 order by asked_at desc limit 50"#,
            wallet_id as WalletId
        )
        .fetch_all(self.web())
        .await?)
    }

    async fn ask_adjustment(&self, ask: &Adjust) -> Result<AdjustmentState, Fault> {
        let mut tx = self.web().begin().await?;
        let wallet = books::lock(&mut tx, ask.wallet_id).await?;
        if let Some(known) = find(&mut tx, ask.wallet_id, ask.adjustment_id).await? {
            return if known.is(ask) {
                Ok(known.state)
            } else {
                Err(AdjustmentRefusal::Changed.into())
            };
        }
        let waits = adjustment::needs_approval(ask.amount);
        let state = if waits {
            AdjustmentState::Waiting
        } else {
            AdjustmentState::Posted
        };
        let now = self.clock().now();
        sqlx::query!(
            "insert into adjustment (wallet_id, adjustment_id, state, amount, reason, author,
                 credit_expires_at, asked_at, decided_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            ask.wallet_id as WalletId,
            ask.adjustment_id,
            state.word(),
            ask.amount as Money,
            ask.reason.trim(),
            ask.author.trim(),
            ask.credit_expires_at,
            now,
            (!waits).then_some(now)
        )
        .execute(&mut *tx)
        .await?;
        if !waits {
            let (id, expires_at) = (ask.adjustment_id, ask.credit_expires_at);
            post(&mut tx, ask.wallet_id, wallet, id, ask.amount, expires_at).await?;
        }
        tx.commit().await?;
        self.changes().tell(ask.wallet_id);
        Ok(state)
    }

    async fn decide(
        &self,
        wallet_id: WalletId,
        adjustment_id: Uuid,
        approver: &str,
        approve: bool,
    ) -> Result<AdjustmentState, Fault> {
        let mut tx = self.web().begin().await?;
        let wallet = books::lock(&mut tx, wallet_id).await?;
        let known = find(&mut tx, wallet_id, adjustment_id)
            .await?
            .ok_or(Fault::NotFound)?;
        let state = if approve {
            AdjustmentState::Posted
        } else {
            AdjustmentState::Refused
        };
        if known.state != AdjustmentState::Waiting {
            let is_same = known.state == state && known.approver.as_deref() == Some(approver);
            return if is_same {
                Ok(state)
            } else {
                Err(AdjustmentRefusal::Decided.into())
            };
        }
        if approver.is_empty() || approver.to_lowercase() == known.author.to_lowercase() {
            return Err(AdjustmentRefusal::SamePerson.into());
        }
        sqlx::query!(
            "update adjustment set state = $3, approver = $4, decided_at = $5
             where wallet_id = $1 and adjustment_id = $2",
            wallet_id as WalletId,
            adjustment_id,
            state.word(),
            approver,
            self.clock().now()
        )
        .execute(&mut *tx)
        .await?;
        if approve {
            let (amount, expires_at) = (known.amount, known.credit_expires_at);
            post(
                &mut tx,
                wallet_id,
                wallet,
                adjustment_id,
                amount,
                expires_at,
            )
            .await?;
        }
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(state)
    }
}

impl Stored {
    fn is(&self, ask: &Adjust) -> bool {
        self.amount == ask.amount
            && self.reason == ask.reason.trim()
            && self.author == ask.author.trim()
            && self.credit_expires_at == ask.credit_expires_at
    }
}

async fn find(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    adjustment_id: Uuid,
) -> Result<Option<Stored>, Fault> {
    Ok(sqlx::query_as!(
        Stored,
        r#"select state as "state: AdjustmentState", amount as "amount: Money", reason, author, approver,
                  credit_expires_at
           from adjustment where wallet_id = $1 and adjustment_id = $2"#,
        wallet_id as WalletId,
        adjustment_id
    )
    .fetch_optional(tx)
    .await?)
}

async fn post(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    wallet: Wallet,
    adjustment_id: Uuid,
    amount: Money,
    expires_at: Option<OffsetDateTime>,
) -> Result<(), Fault> {
    let size = amount.abs();
    if amount.is_negative() && wallet.available() < size {
        let available = wallet.available();
        return Err(AdjustmentRefusal::Short { available }.into());
    }
    let step = if amount.is_negative() {
        Move {
            kind: TransferKind::Adjustment,
            from: Account::Available,
            to: Account::Adjustments,
            amount: size,
            promotional: adjustment::promotional_part(&wallet, size),
        }
    } else {
        Move {
            kind: TransferKind::Adjustment,
            from: Account::Adjustments,
            to: Account::Available,
            amount: size,
            promotional: if expires_at.is_some() {
                size
            } else {
                Money::ZERO
            },
        }
    };
    let draft = Draft {
        step,
        subject: Subject::Adjustment,
        subject_id: adjustment_id.to_string(),
        number: 0,
        expires_at: expires_at.filter(|_| amount.is_positive()),
    };
    books::post(tx, wallet_id, wallet, &[draft]).await?;
    Ok(())
}
