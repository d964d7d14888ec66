//! Credit that is given: by campaigns, until its date.

use domain::wallet::Move;
use domain::{Account, Declined, Money, Subject, TransferKind, WalletId};
use time::{Duration, OffsetDateTime};

use crate::books::{self, Draft};
use crate::error::{Error, Fault};
use crate::{Ledger, lots};

/// Wallets whose credit is looked at in one round.
const BATCH: i64 = 100;
/// How far back credit past its date is looked for: a worker is not away for longer.
const LOOK_BACK: Duration = Duration::days(90);

/// A campaign gives credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantCredit {
    pub wallet_id: WalletId,
    /// The campaign's own name of the grant: a repeat carries the same one.
    pub grant_id: String,
    pub source: GrantSource,
    pub amount: Money,
    /// The customer reads it.
    pub reason: String,
    pub expires_at: Option<OffsetDateTime>,
}

/// Who pays for given credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantSource {
    Promo,
    Referral,
}

impl GrantSource {
    fn route(self) -> (TransferKind, Account) {
        match self {
            Self::Promo => (TransferKind::Promo, Account::PromotionExpense),
            Self::Referral => (TransferKind::Referral, Account::ReferralExpense),
        }
    }
}

impl Ledger {
    /// Gives promotional credit once; again changes nothing, with another amount it is `GrantChanged`.
    pub async fn grant_credit(&self, grant: GrantCredit) -> Result<(), Error> {
        self.act(move |ledger| {
            let grant = grant.clone();
            async move { ledger.give(&grant).await }
        })
        .await
    }

    async fn give(&self, grant: &GrantCredit) -> Result<(), Fault> {
        let (kind, from) = grant.source.route();
        let mut tx = self.worker().begin().await?;
        let wallet = books::lock(&mut tx, grant.wallet_id).await?;
        let known = sqlx::query!(
            r#"select amount as "amount: Money", kind from credit_grant where wallet_id = $1 and grant_id = $2"#,
            grant.wallet_id as WalletId,
            grant.grant_id
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(known) = known {
            let is_same = known.amount == grant.amount && known.kind == kind.word();
            return if is_same {
                Ok(())
            } else {
                Err(Declined::GrantChanged.into())
            };
        }
        sqlx::query!(
            "insert into credit_grant (wallet_id, grant_id, kind, amount, reason, expires_at, granted_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            grant.wallet_id as WalletId,
            grant.grant_id,
            kind.word(),
            grant.amount as Money,
            grant.reason,
            grant.expires_at,
            self.clock().now()
        )
        .execute(&mut *tx)
        .await?;
        let draft = Draft {
            step: Move {
                kind,
                from,
                to: Account::Available,
                amount: grant.amount,
                promotional: grant.amount,
            },
            subject: Subject::Campaign,
            subject_id: grant.grant_id.clone(),
            number: 0,
            expires_at: grant.expires_at,
        };
        books::post(&mut tx, grant.wallet_id, wallet, &[draft]).await?;
        tx.commit().await?;
        self.changes().tell(grant.wallet_id);
        Ok(())
    }

    /// Takes back given credit that is past its date; returns how many wallets were looked at.
    ///
    /// What running calls have set aside is left until they end: it still pays for what it covered
    /// when they began. Paid credit never expires.
    pub async fn expire_credit(&self) -> Result<usize, Error> {
        let now = self.clock().now();
        let wallets = sqlx::query_scalar!(
            r#"select distinct transfer.wallet_id as "wallet_id: WalletId" from transfer
               where expires_at <= $1 and expires_at > $2
                 and not exists (select from expired_credit
                                 where expired_credit.wallet_id = transfer.wallet_id
                                   and expired_credit.seq = transfer.seq)
               limit $3"#,
            now,
            now - LOOK_BACK,
            BATCH
        )
        .fetch_all(self.worker())
        .await?;
        let mut looked_at = 0;
        for wallet_id in wallets {
            let outcome = self
                .act(move |ledger| async move { ledger.expire_credit_of(wallet_id, now).await })
                .await;
            looked_at += usize::from(outcome.is_ok());
        }
        Ok(looked_at)
    }

    async fn expire_credit_of(
        &self,
        wallet_id: WalletId,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let mut tx = self.worker().begin().await?;
        let mut wallet = books::lock(&mut tx, wallet_id).await?;
        let (left, _) = lots::fold(&mut tx, wallet_id, wallet.version).await?;
        for lot in left.expired(now) {
            // Holds are counted against given credit, which calls spend first.
            let free = (wallet.promotional - wallet.held).max(Money::ZERO);
            let amount = lot.left.min(free);
            if amount < lot.left {
                break;
            }
            let draft = Draft {
                step: Move {
                    kind: TransferKind::Expiry,
                    from: Account::Available,
                    to: Account::Breakage,
                    amount,
                    promotional: amount,
                },
                subject: lot.subject,
                subject_id: lot.subject_id.clone(),
                // One thing can give credit more than once; the entry tells which.
                number: i32::try_from(lot.seq).unwrap_or(i32::MAX),
                expires_at: None,
            };
            wallet = books::post(&mut tx, wallet_id, wallet, &[draft]).await?;
            note_expired(&mut tx, wallet_id, lot.seq, amount).await?;
        }
        self.note_spent(&mut tx, wallet_id, &left, now).await?;
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(())
    }

    /// Credit past its date of which nothing is left needs no second look.
    async fn note_spent(
        &self,
        tx: &mut sqlx::PgConnection,
        wallet_id: WalletId,
        left: &domain::lots::Lots,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let with_rest: Vec<i64> = left.expired(now).map(|lot| lot.seq).collect();
        sqlx::query!(
            "insert into expired_credit (wallet_id, seq, amount)
             select wallet_id, seq, 0 from transfer
             where wallet_id = $1 and expires_at <= $2 and seq <> all($3)
             on conflict (wallet_id, seq) do nothing",
            wallet_id as WalletId,
            now,
            &with_rest
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}

async fn note_expired(
    tx: &mut sqlx::PgConnection,
    wallet_id: WalletId,
    seq: i64,
    amount: Money,
) -> Result<(), Fault> {
    sqlx::query!(
        "insert into expired_credit (wallet_id, seq, amount) values ($1, $2, $3)",
        wallet_id as WalletId,
        seq,
        amount as Money
    )
    .execute(tx)
    .await?;
    Ok(())
}
