//! Prefixes nobody may call.

use domain::price_list::PriceRefusal;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{PAGE, reason, refused};
use crate::Ledger;
use crate::error::{Error, Fault};

/// A prefix nobody may call, or could not until it was lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub block_id: Uuid,
    pub prefix: String,
    pub reason: String,
    pub blocked_by: String,
    pub blocked_at: OffsetDateTime,
    pub lifted_reason: Option<String>,
    pub lifted_by: Option<String>,
    pub lifted_at: Option<OffsetDateTime>,
}

/// A destination that the price list itself blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedBlock {
    pub prefix: String,
    pub destination: String,
}

impl Ledger {
    /// Lets nobody call numbers that begin like this, from now on and whatever price lists say. Running
    /// calls go on. One that is blocked already keeps its first reason.
    pub async fn block_destination(&self, typed: &str, why: &str, by: &str) -> Result<(), Error> {
        let (prefix, why, by) = (prefix(typed)?, reason(why)?, by.to_owned());
        self.act(move |ledger| {
            let (prefix, why, by) = (prefix.clone(), why.clone(), by.clone());
            async move {
                let mut tx = ledger.worker().begin().await?;
                let what = format!("Blocked +{prefix}");
                ledger.announce(&mut tx, &what, &by).await?;
                let done = sqlx::query!(
                    "insert into blocked_destination (block_id, prefix, reason, blocked_by, blocked_at)
                     values ($1, $2, $3, $4, $5)
                     on conflict (prefix) where lifted_at is null do nothing",
                    Uuid::now_v7(),
                    prefix,
                    why,
                    by,
                    ledger.clock().now()
                )
                .execute(&mut *tx)
                .await?;
                if done.rows_affected() == 1 {
                    tx.commit().await?;
                }
                Ok(())
            }
        })
        .await
    }

    /// Lets people call there again, if the price list does. One that is not blocked is *not found*.
    pub async fn lift_block(&self, typed: &str, why: &str, by: &str) -> Result<(), Error> {
        let (prefix, why, by) = (prefix(typed)?, reason(why)?, by.to_owned());
        self.act(move |ledger| {
            let (prefix, why, by) = (prefix.clone(), why.clone(), by.clone());
            async move {
                let mut tx = ledger.worker().begin().await?;
                let what = format!("Lifted the block of +{prefix}");
                ledger.announce(&mut tx, &what, &by).await?;
                let done = sqlx::query!(
                    "update blocked_destination set lifted_reason = $2, lifted_by = $3, lifted_at = $4
                     where prefix = $1 and lifted_at is null",
                    prefix,
                    why,
                    by,
                    ledger.clock().now()
                )
                .execute(&mut *tx)
                .await?;
                if done.rows_affected() == 0 {
                    return Err(Fault::NotFound);
                }
                tx.commit().await?;
                Ok(())
            }
        })
        .await
    }

    /// Blocked prefixes and those that were, the last blocked first; with an id, those before it.
    pub async fn blocks(&self, before: Option<Uuid>) -> Result<Vec<Block>, Error> {
        Ok(sqlx::query_as!(
            Block,
            "select block_id, prefix, reason, blocked_by, blocked_at, lifted_reason, lifted_by, lifted_at
             from blocked_destination where $1::uuid is null or block_id < $1
             order by block_id desc limit $2",
            before,
            PAGE
        )
        .fetch_all(self.web())
        .await?)
    }

    /// What the price list blocks by itself, by prefix; with a prefix, what comes after it.
    pub async fn listed_blocks(&self, after: Option<&str>) -> Result<Vec<ListedBlock>, Error> {
        Ok(sqlx::query_as!(
            ListedBlock,
            "select prefix, destination from rate
             where blocked and valid_from <= $1 and (valid_to is null or valid_to > $1)
               and ($2::text is null or prefix > $2)
             order by prefix limit $3",
            self.clock().now(),
            after,
            PAGE
        )
        .fetch_all(self.web())
        .await?)
    }
}

/// The digits of a prefix as people write it: `+881`.
fn prefix(typed: &str) -> Result<String, Error> {
    let digits: String = typed
        .trim()
        .trim_start_matches('+')
        .chars()
        .filter(|c| !matches!(c, ' ' | '-'))
        .collect();
    let is_prefix = (1..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    if is_prefix {
        Ok(digits)
    } else {
        Err(refused(PriceRefusal::Prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_read_as_people_write_it() {
        for (typed, digits) in [
            ("+881", Some("881")),
            (" 52 55-12 ", Some("525512")),
            ("", None),
            ("+", None),
            ("00881", None),
            ("88x", None),
            ("1234567890123456", None),
        ] {
            assert_eq!(prefix(typed).ok().as_deref(), digits, "{typed:?}");
        }
    }
}
