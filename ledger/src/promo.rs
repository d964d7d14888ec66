//! Redeeming a code. The claim takes the budget; the credit follows in a transaction of its own, so
//! that one transaction never waits for the campaign and writes the books.

use domain::campaign::{CampaignRefusal, Code, PromoRefusal, Redeemer, redeem};
use domain::{Money, TopUpId, WalletId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::attempt::Limit;
use crate::campaign::{CampaignRow, Stored};
use crate::error::{Error, Fault};
use crate::{GrantCredit, GrantSource, Ledger, books};

/// Codes are not to be guessed.
const TRIES: Limit = Limit {
    scope: "promo_code",
    most: 20,
    window: Duration::minutes(15),
};
/// A claim whose top-up never started is given back after this time.
const PATIENCE: Duration = Duration::hours(2);
/// Claims looked at in one round.
const BATCH: i64 = 100;

/// What is being bought together with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithTopUp {
    pub top_up_id: TopUpId,
    pub amount: Money,
}

/// What a code came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redeemed {
    /// The credit is in the wallet.
    Given(Money),
    /// It comes when the top-up is paid.
    WithTopUp(Money),
    /// It was a friend's invitation.
    Invited,
}

struct Claim {
    state: String,
    top_up_id: Option<Uuid>,
}

impl Ledger {
    /// Redeems a code as typed: a campaign's, or a friend's invitation. Again with the same top-up,
    /// the same answer; without one, `Used`.
    pub async fn redeem_promo(
        &self,
        wallet_id: WalletId,
        typed: &str,
        with: Option<WithTopUp>,
    ) -> Result<Redeemed, Error> {
        let mut connection = self.web().acquire().await?;
        let now = self.clock().now();
        TRIES
            .count(&mut connection, &wallet_id.to_string(), now)
            .await?;
        drop(connection);
        let code = Code::read(typed).ok_or_else(|| Fault::from(PromoRefusal::Unknown))?;
        let claimed = self.claim_promo(wallet_id, code.clone(), with).await?;
        match claimed {
            Some(Claimed::Due(amount)) => {
                // Not done now, a worker does it.
                self.give_promos_of(wallet_id).await?;
                Ok(Redeemed::Given(amount))
            }
            Some(Claimed::Waiting(amount)) => Ok(Redeemed::WithTopUp(amount)),
            None if self.is_invitation(&code).await? => {
                self.accept_invitation(wallet_id, typed).await?;
                Ok(Redeemed::Invited)
            }
            None => Err(Fault::from(PromoRefusal::Unknown).into()),
        }
    }

    async fn claim_promo(
        &self,
        wallet_id: WalletId,
        code: Code,
        with: Option<WithTopUp>,
    ) -> Result<Option<Claimed>, Error> {
        self.act(move |ledger| {
            let code = code.clone();
            async move { ledger.claim(wallet_id, &code, with).await }
        })
        .await
    }

    async fn claim(
        &self,
        wallet_id: WalletId,
        code: &Code,
        with: Option<WithTopUp>,
    ) -> Result<Option<Claimed>, Fault> {
        let now = self.clock().now();
        let mut tx = self.web().begin().await?;
        books::lock(&mut tx, wallet_id).await?;
        let Some(campaign) = find(&mut tx, code).await? else {
            return Ok(None);
        };
        let known = claim_of(&mut tx, wallet_id, campaign.campaign_id).await?;
        let top_up_id = with.map(|with| with.top_up_id);
        let amount = campaign.terms.amount;
        let claimed = if campaign.terms.needs_purchase() {
            Claimed::Waiting(amount)
        } else {
            Claimed::Due(amount)
        };
        let state = known.as_ref().map_or("new", |claim| claim.state.as_str());
        let is_same = known
            .as_ref()
            .is_some_and(|claim| claim.top_up_id.map(TopUpId) == top_up_id && top_up_id.is_some());
        // A second click on the same top-up meets its own claim.
        if is_same && state != "returned" {
            return Ok(Some(claimed));
        }
        let who = Redeemer {
            has_used: !matches!(state, "new" | "waiting" | "returned"),
            has_bought: has_bought(&mut tx, wallet_id).await?,
            purchase: with.map(|with| with.amount),
        };
        let smallest = self.rules().top_up.smallest;
        let is_stopped = campaign.stopped_at.is_some();
        redeem(&campaign.terms, is_stopped, who, smallest, now)?;
        let waits = state == "waiting";
        let next = match claimed {
            Claimed::Waiting(_) => "waiting",
            Claimed::Due(_) => "due",
        };
        sqlx::query!(
            "insert into promo_claim (wallet_id, campaign_id, state, amount, top_up_id, claimed_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (wallet_id, campaign_id) do update
             set state = excluded.state, top_up_id = excluded.top_up_id, claimed_at = excluded.claimed_at",
            wallet_id as WalletId,
            campaign.campaign_id,
            next,
            amount as Money,
            top_up_id as Option<TopUpId>,
            now
        )
        .execute(&mut *tx)
        .await?;
        // A claim that waits has its part of the budget already.
        if !waits && !take_budget(&mut tx, campaign.campaign_id).await? {
            return Err(PromoRefusal::BudgetGone.into());
        }
        tx.commit().await?;
        Ok(Some(claimed))
    }

    /// Gives what is due in one wallet.
    async fn give_promos_of(&self, wallet_id: WalletId) -> Result<usize, Error> {
        let due = sqlx::query!(
            r#"select campaign_id, code, reason, promo_claim.amount as "amount: Money", credit_days
               from promo_claim join campaign using (campaign_id)
               where wallet_id = $1 and promo_claim.state = 'due'"#,
            wallet_id as WalletId
        )
        .fetch_all(self.worker())
        .await?;
        for claim in &due {
            let now = self.clock().now();
            let granted = self
                .grant_credit(GrantCredit {
                    wallet_id,
                    grant_id: format!("promo-{}", claim.campaign_id),
                    source: GrantSource::Promo,
                    amount: claim.amount,
                    reason: format!("{} ({})", claim.reason, claim.code),
                    expires_at: Some(now + Duration::days(i64::from(claim.credit_days))),
                })
                .await;
            granted?;
            sqlx::query!(
                "update promo_claim set state = 'granted', granted_at = $3
                 where wallet_id = $1 and campaign_id = $2 and state = 'due'",
                wallet_id as WalletId,
                claim.campaign_id,
                now
            )
            .execute(self.worker())
            .await?;
        }
        Ok(due.len())
    }

    /// Gives what is due, gives the budget back of what was not bought. A worker does this; any number
    /// of them may. Returns how many wallets were looked at.
    pub async fn settle_promos(&self) -> Result<usize, Error> {
        let now = self.clock().now();
        let open = sqlx::query!(
            r#"select distinct wallet_id as "wallet_id: WalletId", promo_claim.state
               from promo_claim left join top_up using (wallet_id, top_up_id)
               where promo_claim.state in ('due', 'late')
                  or promo_claim.state = 'waiting'
                     and (top_up.state in ('failed', 'expired') or top_up.state is null and claimed_at < $1)
               limit $2"#,
            now - PATIENCE,
            BATCH
        )
        .fetch_all(self.worker())
        .await?;
        for row in &open {
            let wallet_id = row.wallet_id;
            let outcome = match row.state.as_str() {
                "due" => self.give_promos_of(wallet_id).await.map(|_| ()),
                _ => {
                    self.act(
                        move |ledger| async move { ledger.settle_claims(wallet_id, now).await },
                    )
                    .await
                }
            };
            if let Err(error) = outcome {
                tracing::warn!(%error, %wallet_id, "promo not settled, trying again");
            }
        }
        Ok(open.len())
    }

    /// Claims of one wallet whose top-up was not paid, or was paid after that.
    async fn settle_claims(&self, wallet_id: WalletId, now: OffsetDateTime) -> Result<(), Fault> {
        let mut tx = self.worker().begin().await?;
        books::lock(&mut tx, wallet_id).await?;
        let returned = sqlx::query_scalar!(
            "update promo_claim set state = 'returned' from promo_claim claim
             left join top_up on top_up.wallet_id = claim.wallet_id and top_up.top_up_id = claim.top_up_id
             where promo_claim.wallet_id = $1 and claim.wallet_id = $1
               and claim.campaign_id = promo_claim.campaign_id and promo_claim.state = 'waiting'
               and (top_up.state in ('failed', 'expired') or top_up.state is null and claim.claimed_at < $2)
             returning promo_claim.campaign_id",
            wallet_id as WalletId,
            now - PATIENCE
        )
        .fetch_all(&mut *tx)
        .await?;
        for campaign_id in returned {
            sqlx::query!(
                "update campaign set taken_count = taken_count - 1, taken_sum = taken_sum - amount
                 where campaign_id = $1",
                campaign_id
            )
            .execute(&mut *tx)
            .await?;
        }
        let late = sqlx::query_scalar!(
            "select campaign_id from promo_claim where wallet_id = $1 and state = 'late'",
            wallet_id as WalletId
        )
        .fetch_all(&mut *tx)
        .await?;
        for campaign_id in late {
            let is_left = take_budget(&mut tx, campaign_id).await?;
            sqlx::query!(
                "update promo_claim set state = $3 where wallet_id = $1 and campaign_id = $2",
                wallet_id as WalletId,
                campaign_id,
                if is_left { "due" } else { "returned" }
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

enum Claimed {
    Due(Money),
    Waiting(Money),
}

/// A top-up was paid: what was promised with it is due. In the transaction that settles it.
pub(crate) async fn top_up_settled(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    top_up_id: TopUpId,
) -> Result<(), Fault> {
    sqlx::query!(
        "update promo_claim set state = case state when 'waiting' then 'due' else 'late' end
         where wallet_id = $1 and top_up_id = $2 and state in ('waiting', 'returned')",
        wallet_id as WalletId,
        top_up_id as TopUpId
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes one redemption of the budget, if there is one: the row's own lock makes them queue.
async fn take_budget(tx: &mut PgConnection, campaign_id: Uuid) -> Result<bool, Fault> {
    let done = sqlx::query!(
        "update campaign set taken_count = taken_count + 1, taken_sum = taken_sum + amount
         where campaign_id = $1 and taken_count < budget_count and taken_sum + amount <= budget_sum",
        campaign_id
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn find(tx: &mut PgConnection, code: &Code) -> Result<Option<CampaignRow>, Fault> {
    let row = sqlx::query_as!(
        Stored,
        r#"select campaign_id, code, reason, amount as "amount: Money", starts_at, ends_at, budget_count,
                  budget_sum as "budget_sum: Money", taken_count, taken_sum as "taken_sum: Money",
                  first_top_up_only, smallest_top_up as "smallest_top_up: Money", credit_days, created_by,
                  stopped_at
           from campaign where code_key = $1"#,
        code.as_str()
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(CampaignRow::from))
}

async fn claim_of(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    campaign_id: Uuid,
) -> Result<Option<Claim>, Fault> {
    Ok(sqlx::query_as!(
        Claim,
        "select state, top_up_id from promo_claim where wallet_id = $1 and campaign_id = $2",
        wallet_id as WalletId,
        campaign_id
    )
    .fetch_optional(tx)
    .await?)
}

/// Whether a purchase of this wallet was ever paid.
pub(crate) async fn has_bought(tx: &mut PgConnection, wallet_id: WalletId) -> Result<bool, Fault> {
    Ok(sqlx::query_scalar!(
        r#"select exists(select from top_up where wallet_id = $1 and state = 'settled') as "has!""#,
        wallet_id as WalletId
    )
    .fetch_one(tx)
    .await?)
}

impl From<PromoRefusal> for Fault {
    fn from(refusal: PromoRefusal) -> Self {
        Self::Declined(refusal.into())
    }
}

impl From<CampaignRefusal> for Fault {
    fn from(refusal: CampaignRefusal) -> Self {
        Self::Declined(refusal.into())
    }
}
