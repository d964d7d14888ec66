//! Limits of calls that were set beside the configuration.

use domain::Money;
use domain::call::CallRules;
use domain::price_list::PriceRefusal;
use domain::spend::SpendRules;
use rust_decimal::Decimal;
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{PAGE, reason, refused};
use crate::Ledger;
use crate::error::{Error, Fault};

/// The most a limit can say.
const LARGEST: Money = Money::from_dollars(1_000_000);

/// Limits of calls; none is *as configured*.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallLimits {
    pub calls_at_once: Option<u32>,
    pub per_day: Option<Money>,
    pub new_per_day: Option<Money>,
    pub dear_per_minute: Option<Decimal>,
    pub dear_per_day: Option<Money>,
}

/// Limits as somebody set them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsRow {
    pub limits: CallLimits,
    pub reason: String,
    pub set_by: String,
    pub set_at: OffsetDateTime,
}

impl CallLimits {
    fn check(&self) -> Result<(), PriceRefusal> {
        let amounts = [self.per_day, self.new_per_day, self.dear_per_day];
        let amount_fits = |amount: Option<Money>| {
            amount.is_none_or(|amount| !amount.is_negative() && amount <= LARGEST)
        };
        let price_fits = self
            .dear_per_minute
            .is_none_or(|price| (Decimal::ZERO..=Decimal::ONE_THOUSAND).contains(&price));
        let calls_fit = self.calls_at_once.is_none_or(|calls| calls <= 1_000);
        if amounts.into_iter().all(amount_fits) && price_fits && calls_fit {
            Ok(())
        } else {
            Err(PriceRefusal::Limit)
        }
    }
}

impl Ledger {
    /// Sets what calls may take, for all servers from the next call on. The same again changes nothing.
    pub async fn set_call_limits(
        &self,
        limits: CallLimits,
        why: &str,
        by: &str,
    ) -> Result<(), Error> {
        limits.check().map_err(refused)?;
        let (why, by) = (reason(why)?, by.to_owned());
        self.act(move |ledger| {
            let (why, by) = (why.clone(), by.clone());
            async move {
                let mut tx = ledger.worker().begin().await?;
                let version = ledger.announce(&mut tx, "Limits of calls", &by).await?;
                let last = last(&mut tx).await?;
                if last.map(|row| row.limits).unwrap_or_default() == limits {
                    return Ok(());
                }
                sqlx::query!(
                    "insert into call_limit (call_limit_id, calls_at_once, per_day, new_per_day, dear_per_minute,
                         dear_per_day, reason, set_by, set_at)
                     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                    version,
                    limits.calls_at_once.map(u32::cast_signed),
                    limits.per_day as Option<Money>,
                    limits.new_per_day as Option<Money>,
                    limits.dear_per_minute,
                    limits.dear_per_day as Option<Money>,
                    why,
                    by,
                    ledger.clock().now()
                )
                .execute(&mut *tx)
                .await?;
                tx.commit().await?;
                Ok(())
            }
        })
        .await
    }

    /// Limits as they were set, the last first; none where everything is as configured.
    pub async fn call_limits(&self) -> Result<Vec<LimitsRow>, Error> {
        Ok(read_limits(&mut *self.web().acquire().await?, PAGE).await?)
    }

    /// What is in force for calls: configuration and what was set beside it.
    pub async fn call_rules(&self) -> Result<(CallRules, SpendRules), Error> {
        let book = self.newest_book().await?;
        Ok((book.guards.call.clone(), book.guards.spend.clone()))
    }
}

pub(super) async fn last(connection: &mut PgConnection) -> Result<Option<LimitsRow>, Fault> {
    Ok(read_limits(connection, 1).await?.pop())
}

async fn read_limits(connection: &mut PgConnection, most: i64) -> Result<Vec<LimitsRow>, Fault> {
    let rows = sqlx::query!(
        r#"select calls_at_once, per_day as "per_day: Money", new_per_day as "new_per_day: Money", dear_per_minute,
                  dear_per_day as "dear_per_day: Money", reason, set_by, set_at
           from call_limit order by call_limit_id desc limit $1"#,
        most
    )
    .fetch_all(connection)
    .await?;
    let limits = rows.into_iter().map(|row| LimitsRow {
        limits: CallLimits {
            calls_at_once: row.calls_at_once.map(i32::unsigned_abs),
            per_day: row.per_day,
            new_per_day: row.new_per_day,
            dear_per_minute: row.dear_per_minute.map(|price| price.normalize()),
            dear_per_day: row.dear_per_day,
        },
        reason: row.reason,
        set_by: row.set_by,
        set_at: row.set_at,
    });
    Ok(limits.collect())
}

#[cfg(test)]
mod tests {
    use super::super::Guards;
    use super::*;
    use crate::Rules;

    #[test]
    fn a_limit_bounds_what_it_says_and_leaves_the_rest_as_configured() {
        let mut guards = Guards::of(&Rules::default());
        guards.bound(&CallLimits {
            per_day: Some(Money::from_dollars(7)),
            ..CallLimits::default()
        });
        assert_eq!(guards.spend.per_day, Money::from_dollars(7));
        assert_eq!(guards.spend.new_per_day, SpendRules::default().new_per_day);
        assert_eq!(guards.call, CallRules::default());
        let minus = CallLimits {
            dear_per_day: Some(Money::from_cents(-1)),
            ..CallLimits::default()
        };
        assert_eq!(minus.check(), Err(PriceRefusal::Limit));
    }
}
