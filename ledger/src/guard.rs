//! What operators forbid and bound while the service runs: destinations nobody may call, and what
//! calls may take. They stand beside the price list, so that the next list lifts nothing.

use domain::call::CallRules;
use domain::price_list::PriceRefusal;
use domain::spend::SpendRules;
use domain::{Declined, Money};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::{Error, Fault};
use crate::{Ledger, Rules};

/// Rows of one page.
const PAGE: i64 = 50;
/// The most a limit can say.
const LARGEST: Money = Money::from_dollars(1_000_000);

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

/// What a server has in force: read with the prices, under the same version.
#[derive(Clone, Debug)]
pub(crate) struct Guards {
    /// Prefixes nobody may call.
    pub(crate) blocked: Vec<String>,
    pub(crate) call: CallRules,
    pub(crate) spend: SpendRules,
}

impl Guards {
    /// As configured.
    pub(crate) fn of(rules: &Rules) -> Self {
        Self {
            blocked: Vec::new(),
            call: rules.call.clone(),
            spend: rules.spend.clone(),
        }
    }

    /// Whether a number, or everything below a prefix, may not be called.
    pub(crate) fn block(&self, digits: &str) -> bool {
        self.blocked.iter().any(|prefix| digits.starts_with(prefix))
    }

    fn bound(&mut self, limits: &CallLimits) {
        let CallLimits {
            calls_at_once,
            per_day,
            new_per_day,
            dear_per_minute,
            dear_per_day,
        } = *limits;
        self.call.calls_at_once = calls_at_once.unwrap_or(self.call.calls_at_once);
        self.spend.per_day = per_day.unwrap_or(self.spend.per_day);
        self.spend.new_per_day = new_per_day.unwrap_or(self.spend.new_per_day);
        self.spend.dear_per_minute = dear_per_minute.unwrap_or(self.spend.dear_per_minute);
        self.spend.dear_per_day = dear_per_day.unwrap_or(self.spend.dear_per_day);
    }
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

fn refused(why: PriceRefusal) -> Error {
    Error::Declined(Declined::Prices(why))
}

fn reason(text: &str) -> Result<String, Error> {
    let text = text.trim().to_owned();
    if (3..=500).contains(&text.chars().count()) {
        Ok(text)
    } else {
        Err(refused(PriceRefusal::Reason))
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
                let last = last_limits(&mut tx).await?;
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

    /// Has every server read its book again before the next call: a version that changes no price.
    async fn announce(&self, tx: &mut PgConnection, what: &str, by: &str) -> Result<i64, Fault> {
        Ok(sqlx::query_scalar!(
            r#"insert into price_list (price_list_id, name, source, author, changes, imported_at)
               select coalesce(max(price_list_id), 0) + 1, $1, 'guard', $2, 0,
                   now() + $3::bigint * interval '1 microsecond' from price_list returning price_list_id"#,
            what,
            by,
            self.offset()
        )
        .fetch_one(tx)
        .await?)
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

/// Reads what is in force; part of reading the book.
pub(crate) async fn read(connection: &mut PgConnection, rules: &Rules) -> Result<Guards, Fault> {
    let mut guards = Guards::of(rules);
    guards.blocked =
        sqlx::query_scalar!("select prefix from blocked_destination where lifted_at is null")
            .fetch_all(&mut *connection)
            .await?;
    if let Some(row) = last_limits(connection).await? {
        guards.bound(&row.limits);
    }
    Ok(guards)
}

async fn last_limits(connection: &mut PgConnection) -> Result<Option<LimitsRow>, Fault> {
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
