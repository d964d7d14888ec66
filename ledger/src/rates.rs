//! The price book in memory: rates are read a thousand times for each time they change.
//!
//! Never trusted by itself: the statement that authorizes a call compares the version, so a server
//! that has not heard of an import reads the rates again before it sells by them.

use std::collections::HashMap;
use std::sync::Arc;

use domain::Money;
use domain::rate::{Pricing, Rate, RateKind, UncheckedPricing};
use rust_decimal::Decimal;
use time::OffsetDateTime;
use tokio::sync::RwLock;

use crate::Ledger;
use crate::error::{Error, Fault};

/// The longest prefix there is: the digits of an E.164 number.
const LONGEST_PREFIX: usize = 15;

/// A rate and when it is valid.
struct Timed {
    rate: Arc<Rate>,
    from: OffsetDateTime,
    to: Option<OffsetDateTime>,
}

/// All rates of one version.
#[derive(Default)]
pub(crate) struct Book {
    /// The newest price list in it; none before the first import.
    pub(crate) version: Option<i64>,
    by_prefix: HashMap<String, Vec<Timed>>,
}

/// The book that is open now.
#[derive(Default)]
pub(crate) struct Rates(RwLock<Arc<Book>>);

impl Book {
    /// The rate of the longest prefix that is valid now, for a number of E.164 digits.
    pub(crate) fn find(&self, digits: &str, now: OffsetDateTime) -> Option<Arc<Rate>> {
        (1..=digits.len().min(LONGEST_PREFIX))
            .rev()
            .find_map(|length| {
                let timed = self.by_prefix.get(digits.get(..length)?)?;
                let valid = timed
                    .iter()
                    .find(|timed| timed.from <= now && timed.to.is_none_or(|to| now < to))?;
                Some(valid.rate.clone())
            })
    }
}

impl Ledger {
    /// The rate for a number of E.164 digits at this moment.
    pub async fn rate(&self, digits: &str) -> Result<Option<Arc<Rate>>, Error> {
        let newest = self.newest_price_list().await?;
        let mut book = self.book().await;
        if book.version != newest {
            book = self.read_book().await?;
        }
        Ok(book.find(digits, self.clock().now()))
    }

    /// The book as this server knows it.
    pub(crate) async fn book(&self) -> Arc<Book> {
        self.inner.rates.0.read().await.clone()
    }

    pub(crate) async fn newest_price_list(&self) -> Result<Option<i64>, Fault> {
        Ok(
            sqlx::query_scalar!("select max(price_list_id) from price_list")
                .fetch_one(self.switch())
                .await?,
        )
    }

    /// Reads all rates that are valid now or later, and keeps them.
    pub(crate) async fn read_book(&self) -> Result<Arc<Book>, Fault> {
        let mut place = self.inner.rates.0.write().await;
        // The version first: rates that come after it make the version stale, never the rates.
        let version = self.newest_price_list().await?;
        if version.is_some() && place.version == version {
            return Ok(place.clone());
        }
        let rows = sqlx::query!(
            r#"select prefix, valid_from, valid_to, destination, kind as "kind: RateKind", per_minute,
                      connection_fee as "connection_fee: Money", initial_seconds, increment_seconds,
                      max_seconds, blocked
               from rate where valid_to is null or valid_to > $1"#,
            self.clock().now()
        )
        .fetch_all(self.switch())
        .await?;
        let mut by_prefix: HashMap<String, Vec<Timed>> = HashMap::with_capacity(rows.len());
        for row in rows {
            let pricing = pricing(
                row.per_minute,
                row.connection_fee,
                [row.initial_seconds, row.increment_seconds, row.max_seconds],
            )?;
            let rate = Rate {
                prefix: row.prefix.clone(),
                destination: row.destination,
                kind: row.kind,
                pricing,
                blocked: row.blocked,
            };
            by_prefix.entry(row.prefix).or_default().push(Timed {
                rate: Arc::new(rate),
                from: row.valid_from,
                to: row.valid_to,
            });
        }
        *place = Arc::new(Book { version, by_prefix });
        Ok(place.clone())
    }
}

/// A price as it stands in a row; its constraints are those of the rules.
pub(crate) fn pricing(
    per_minute: Decimal,
    connection_fee: Money,
    [initial, increment, max]: [i32; 3],
) -> Result<Pricing, Fault> {
    Pricing::try_from(UncheckedPricing {
        per_minute,
        connection_fee,
        initial_seconds: initial.unsigned_abs(),
        increment_seconds: increment.unsigned_abs(),
        max_seconds: max.unsigned_abs(),
    })
    .map_err(|_| Fault::Inconsistent("a stored price is not a price"))
}
