//! Campaigns: what an operator promises to whoever types a code.

use domain::campaign::{Campaign, CampaignRefusal, Code};
use domain::{Money, WalletId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Ledger;
use crate::error::{Error, Fault};

/// Campaigns of one page.
const PAGE: i64 = 50;

/// A campaign and what was taken of its budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignRow {
    pub campaign_id: Uuid,
    pub terms: Campaign,
    pub taken_count: u32,
    pub taken_sum: Money,
    pub created_by: String,
    pub stopped_at: Option<OffsetDateTime>,
}

pub(crate) struct Stored {
    pub(crate) campaign_id: Uuid,
    pub(crate) code: String,
    pub(crate) reason: String,
    pub(crate) amount: Money,
    pub(crate) starts_at: OffsetDateTime,
    pub(crate) ends_at: OffsetDateTime,
    pub(crate) budget_count: i32,
    pub(crate) budget_sum: Money,
    pub(crate) taken_count: i32,
    pub(crate) taken_sum: Money,
    pub(crate) first_top_up_only: bool,
    pub(crate) smallest_top_up: Option<Money>,
    pub(crate) credit_days: i32,
    pub(crate) created_by: String,
    pub(crate) stopped_at: Option<OffsetDateTime>,
}

impl From<Stored> for CampaignRow {
    fn from(row: Stored) -> Self {
        Self {
            campaign_id: row.campaign_id,
            taken_count: row.taken_count.unsigned_abs(),
            taken_sum: row.taken_sum,
            created_by: row.created_by,
            stopped_at: row.stopped_at,
            terms: Campaign {
                code: row.code,
                reason: row.reason,
                amount: row.amount,
                starts_at: row.starts_at,
                ends_at: row.ends_at,
                budget_count: row.budget_count.unsigned_abs(),
                budget_sum: row.budget_sum,
                first_top_up_only: row.first_top_up_only,
                smallest_top_up: row.smallest_top_up,
                credit_days: row.credit_days.unsigned_abs(),
            },
        }
    }
}

impl Ledger {
    /// Starts a campaign under an id made before the click; again changes nothing.
    pub async fn create_campaign(
        &self,
        campaign_id: Uuid,
        terms: Campaign,
        by: &str,
    ) -> Result<(), Error> {
        let code = terms.check(self.clock().now()).map_err(Fault::from)?;
        let by = by.to_owned();
        self.act(move |ledger| {
            let (terms, code, by) = (terms.clone(), code.clone(), by.clone());
            async move {
                ledger
                    .insert_campaign(campaign_id, &terms, &code, &by)
                    .await
            }
        })
        .await
    }

    async fn insert_campaign(
        &self,
        campaign_id: Uuid,
        terms: &Campaign,
        code: &Code,
        by: &str,
    ) -> Result<(), Fault> {
        let count = i32::try_from(terms.budget_count).map_err(|_| CampaignRefusal::Budget)?;
        let days = i32::try_from(terms.credit_days).map_err(|_| CampaignRefusal::CreditDays)?;
        let mut tx = self.web().begin().await?;
        let is_invitation = sqlx::query_scalar!(
            r#"select exists(select from referral_code where code = $1) as "is!""#,
            code.as_str()
        )
        .fetch_one(&mut *tx)
        .await?;
        if is_invitation {
            return Err(CampaignRefusal::CodeTaken.into());
        }
        let done = sqlx::query!(
            "insert into campaign (campaign_id, code, code_key, reason, amount, starts_at, ends_at, budget_count,
                 budget_sum, first_top_up_only, smallest_top_up, credit_days, created_by, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             on conflict do nothing",
            campaign_id,
            terms.code.trim(),
            code.as_str(),
            terms.reason.trim(),
            terms.amount as Money,
            terms.starts_at,
            terms.ends_at,
            count,
            terms.budget_sum as Money,
            terms.first_top_up_only,
            terms.smallest_top_up as Option<Money>,
            days,
            by,
            self.clock().now()
        )
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            let known = sqlx::query_scalar!(
                "select code_key from campaign where campaign_id = $1",
                campaign_id
            )
            .fetch_optional(&mut *tx)
            .await?;
            return if known.as_deref() == Some(code.as_str()) {
                Ok(())
            } else {
                Err(CampaignRefusal::CodeTaken.into())
            };
        }
        tx.commit().await?;
        Ok(())
    }

    /// Ends a campaign at once; what was promised with top-ups under way is kept. Again changes
    /// nothing; *not found* if no campaign has this code.
    pub async fn stop_campaign(&self, code: &str) -> Result<(), Error> {
        let code = Code::read(code).ok_or(Error::NotFound)?;
        let done = sqlx::query!(
            "update campaign set stopped_at = coalesce(stopped_at, $2) where code_key = $1",
            code.as_str(),
            self.clock().now()
        )
        .execute(self.web())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Error::NotFound);
        }
        Ok(())
    }

    /// All campaigns, newest first, those before this id.
    pub async fn campaigns(&self, before: Option<Uuid>) -> Result<Vec<CampaignRow>, Error> {
        let rows = sqlx::query_as!(
            Stored,
            r#"select campaign_id, code, reason, amount as "amount: Money", starts_at, ends_at, budget_count,
                      budget_sum as "budget_sum: Money", taken_count, taken_sum as "taken_sum: Money",
                      first_top_up_only, smallest_top_up as "smallest_top_up: Money", credit_days, created_by,
                      stopped_at
               from campaign where $1::uuid is null or campaign_id < $1
               order by campaign_id desc limit $2"#,
            before,
            PAGE
        )
        .fetch_all(self.web())
        .await?;
        Ok(rows.into_iter().map(CampaignRow::from).collect())
    }

    /// What a wallet took of campaigns, newest first.
    pub async fn promo_claims(&self, wallet_id: WalletId) -> Result<Vec<PromoClaim>, Error> {
        Ok(sqlx::query_as!(
            PromoClaim,
            r#"select code, promo_claim.state, promo_claim.amount as "amount: Money", claimed_at
               from promo_claim join campaign using (campaign_id)
               where wallet_id = $1 order by claimed_at desc limit $2"#,
            wallet_id as WalletId,
            PAGE
        )
        .fetch_all(self.web())
        .await?)
    }
}

/// A code a wallet redeemed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromoClaim {
    pub code: String,
    pub state: String,
    pub amount: Money,
    pub claimed_at: OffsetDateTime,
}
