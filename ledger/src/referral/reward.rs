//! Giving rewards, and taking them back: what the rules say about an invitation, made so.

use domain::referral::{Standing, look_again, standing};
use domain::wallet::Move;
use domain::{Account, Money, Subject, TopUpId, TransferKind, WalletId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::facts;
use crate::books::{self, Draft};
use crate::error::{Error, Fault};
use crate::{GrantCredit, GrantSource, Ledger};

/// Invitations looked at in one round.
const BATCH: i64 = 100;

pub(super) struct Row {
    pub(super) referral_id: Uuid,
    pub(super) friend: WalletId,
    pub(super) inviter: WalletId,
    pub(super) state: String,
    pub(super) entered_at: OffsetDateTime,
    pub(super) top_up_id: Option<TopUpId>,
    pub(super) reward: Option<Money>,
    pub(super) rewarded_at: Option<OffsetDateTime>,
    pub(super) taken_back_at: Option<OffsetDateTime>,
}

impl Ledger {
    /// Looks at invitations whose time has come. A worker does this; any number of them may. Returns
    /// how many were looked at.
    pub async fn settle_referrals(&self) -> Result<usize, Error> {
        let due = sqlx::query_scalar!(
            "select referral_id from referral where next_check_at <= $1
             order by next_check_at limit $2",
            self.clock().now(),
            BATCH
        )
        .fetch_all(self.worker())
        .await?;
        for &referral_id in &due {
            if let Err(error) = self.settle_referral(referral_id).await {
                tracing::warn!(%error, %referral_id, "invitation not settled, trying again");
            }
        }
        Ok(due.len())
    }

    /// Decides about one invitation, then does what was decided, also before a crash.
    async fn settle_referral(&self, referral_id: Uuid) -> Result<(), Error> {
        self.act(move |ledger| async move { ledger.decide_referral(referral_id).await })
            .await?;
        let mut connection = self.worker().acquire().await?;
        let row = read(&mut connection, referral_id).await?;
        drop(connection);
        match row.state.as_str() {
            "rewarding" => self.give_rewards(&row).await,
            "taking_back" => self.take_rewards_back(&row).await,
            _ => Ok(()),
        }
    }

    /// What the rules say now, written down. The inviter's wallet is locked, so that two friends who
    /// are looked at at once do not both get the last reward of the month.
    async fn decide_referral(&self, referral_id: Uuid) -> Result<(), Fault> {
        let (rules, now) = (&self.rules().referral, self.clock().now());
        let mut tx = self.worker().begin().await?;
        let inviter = read(&mut tx, referral_id).await?.inviter;
        books::lock(&mut tx, inviter).await?;
        let row = read(&mut tx, referral_id).await?;
        if !matches!(row.state.as_str(), "open" | "rewarded") {
            return Ok(());
        }
        let (known, top_up_id) = facts::of(&mut tx, &row, rules, now).await?;
        let stands = standing(&known, rules, now);
        match (stands, top_up_id) {
            (Standing::Due, Some(top_up_id)) if facts::claim_numbers(&mut tx, &row).await? => {
                mark_rewarding(&mut tx, referral_id, top_up_id, rules.reward, now).await?;
            }
            (Standing::Due, _) => look_at(&mut tx, referral_id, None).await?,
            (Standing::Spoiled, _) => mark_taking_back(&mut tx, referral_id, now).await?,
            _ => {
                let next = look_again(stands, &known, rules, now);
                look_at(&mut tx, referral_id, next).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    async fn give_rewards(&self, row: &Row) -> Result<(), Error> {
        let now = self.clock().now();
        for (wallet_id, reason) in [
            (row.friend, "You accepted a friend's invitation"),
            (row.inviter, "A friend accepted your invitation"),
        ] {
            self.grant_credit(GrantCredit {
                wallet_id,
                grant_id: grant_id(row.referral_id),
                source: GrantSource::Referral,
                amount: row.reward.unwrap_or_default(),
                reason: reason.into(),
                expires_at: Some(now + self.rules().referral.credit_for),
            })
            .await?;
        }
        sqlx::query!(
            "update referral set state = 'rewarded', next_check_at = $2
             where referral_id = $1 and state = 'rewarding'",
            row.referral_id,
            now
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }

    async fn take_rewards_back(&self, row: &Row) -> Result<(), Error> {
        let (amount, grant_id) = (row.reward.unwrap_or_default(), grant_id(row.referral_id));
        for wallet_id in [row.friend, row.inviter] {
            let grant_id = grant_id.clone();
            self.act(move |ledger| {
                let grant_id = grant_id.clone();
                async move { ledger.take_reward_back(wallet_id, &grant_id, amount).await }
            })
            .await?;
        }
        sqlx::query!(
            "update referral set state = 'taken_back', next_check_at = null
             where referral_id = $1 and state = 'taking_back'",
            row.referral_id
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }

    /// Takes one reward back: given credit first, then paid, never more than is free. Again changes
    /// nothing.
    async fn take_reward_back(
        &self,
        wallet_id: WalletId,
        grant_id: &str,
        amount: Money,
    ) -> Result<(), Fault> {
        let mut tx = self.worker().begin().await?;
        let wallet = books::lock(&mut tx, wallet_id).await?;
        let is_done = sqlx::query_scalar!(
            r#"select exists(select from transfer where wallet_id = $1 and subject = 'campaign'
                   and subject_id = $2 and kind = 'clawback') as "is!""#,
            wallet_id as WalletId,
            grant_id
        )
        .fetch_one(&mut *tx)
        .await?;
        let taken = amount.min(wallet.available());
        if is_done || !taken.is_positive() {
            return Ok(());
        }
        let draft = Draft {
            step: Move {
                kind: TransferKind::Clawback,
                from: Account::Available,
                to: Account::ReferralExpense,
                amount: taken,
                promotional: taken.min(wallet.promotional),
            },
            subject: Subject::Campaign,
            subject_id: grant_id.to_owned(),
            number: 0,
            expires_at: None,
        };
        books::post(&mut tx, wallet_id, wallet, &[draft]).await?;
        tx.commit().await?;
        self.changes().tell(wallet_id);
        Ok(())
    }
}

/// The name of both grants; each wallet has its own.
fn grant_id(referral_id: Uuid) -> String {
    format!("referral-{referral_id}")
}

pub(super) async fn read(tx: &mut PgConnection, referral_id: Uuid) -> Result<Row, Fault> {
    sqlx::query_as!(
        Row,
        r#"select referral_id, friend_wallet_id as "friend: WalletId", inviter_wallet_id as "inviter: WalletId",
                  state, entered_at, top_up_id as "top_up_id: TopUpId", reward as "reward: Money", rewarded_at,
                  taken_back_at
           from referral where referral_id = $1"#,
        referral_id
    )
    .fetch_optional(tx)
    .await?
    .ok_or(Fault::NotFound)
}

async fn mark_rewarding(
    tx: &mut PgConnection,
    referral_id: Uuid,
    top_up_id: TopUpId,
    reward: Money,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update referral set state = 'rewarding', top_up_id = $2, reward = $3, rewarded_at = $4,
             next_check_at = $4
         where referral_id = $1",
        referral_id,
        top_up_id as TopUpId,
        reward as Money,
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn mark_taking_back(
    tx: &mut PgConnection,
    referral_id: Uuid,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    sqlx::query!(
        "update referral set state = 'taking_back', taken_back_at = $2, next_check_at = $2
         where referral_id = $1",
        referral_id,
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn look_at(
    tx: &mut PgConnection,
    referral_id: Uuid,
    next: Option<OffsetDateTime>,
) -> Result<(), Fault> {
    sqlx::query!(
        "update referral set next_check_at = $2 where referral_id = $1",
        referral_id,
        next
    )
    .execute(tx)
    .await?;
    Ok(())
}
