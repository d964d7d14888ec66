//! The price book in memory: rates are read a thousand times for each time they change.
//!
//! Never trusted by itself: the statement that authorizes a call compares the version, so a server
//! that has not heard of an import reads the rates again before it sells by them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::Money;
use domain::rate::{Pricing, Rate, RateKind, UncheckedPricing};
use rust_decimal::Decimal;
use time::OffsetDateTime;
use tokio::sync::RwLock;

use crate::error::{Error, Fault};
use crate::guard::{self, Guards};
use crate::rate_search::Offers;
use crate::{Ledger, Rules};

/// The longest prefix there is: the digits of an E.164 number.
const LONGEST_PREFIX: usize = 15;

/// A rate and when it is valid.
pub(crate) struct Timed {
    pub(crate) rate: Arc<Rate>,
    pub(crate) from: OffsetDateTime,
    pub(crate) to: Option<OffsetDateTime>,
}

impl Timed {
    pub(crate) fn is_valid(&self, now: OffsetDateTime) -> bool {
        self.from <= now && self.to.is_none_or(|to| now < to)
    }
}

/// All rates of one version, and what operators forbid and bound beside them.
pub(crate) struct Book {
    /// The newest price list in it; none before the first import.
    pub(crate) version: Option<i64>,
    pub(crate) guards: Guards,
    by_prefix: HashMap<String, Vec<Timed>>,
    /// The public list made from it, when somebody asked.
    offers: Mutex<Option<Arc<Offers>>>,
}

/// The book that is open now.
pub(crate) struct Rates(RwLock<Arc<Book>>);

impl Rates {
    /// Nothing is sold before the book was read.
    pub(crate) fn unread(rules: &Rules) -> Self {
        Self(RwLock::new(Arc::new(Book {
            version: None,
            guards: Guards::of(rules),
            by_prefix: HashMap::new(),
            offers: Mutex::default(),
        })))
    }
}

impl Book {
    /// The rate of the longest prefix that is valid now, for a number of E.164 digits.
    pub(crate) fn find(&self, digits: &str, now: OffsetDateTime) -> Option<Arc<Rate>> {
        (1..=digits.len().min(LONGEST_PREFIX))
            .rev()
            .find_map(|length| {
                let timed = self.by_prefix.get(digits.get(..length)?)?;
                let valid = timed.iter().find(|timed| timed.is_valid(now))?;
                Some(valid.rate.clone())
            })
            .map(|rate| self.unless_blocked(rate, digits))
    }

    /// The rate, marked as blocked if operators let nobody call this number.
    fn unless_blocked(&self, rate: Arc<Rate>, digits: &str) -> Arc<Rate> {
        if rate.blocked || !self.guards.block(digits) {
            return rate;
        }
        Arc::new(Rate {
            blocked: true,
            ..(*rate).clone()
        })
    }

    /// The prices of each prefix.
    pub(crate) fn timelines(&self) -> impl Iterator<Item = (&String, &[Timed])> {
        self.by_prefix
            .iter()
            .map(|(prefix, timed)| (prefix, timed.as_slice()))
    }

    /// The public list, made again when a price begins or ends.
    pub(crate) fn offers(&self, now: OffsetDateTime) -> Arc<Offers> {
        let mut made = self.offers.lock().unwrap_or_else(PoisonError::into_inner);
        match &*made {
            Some(offers) if offers.is_valid(now) => offers.clone(),
            _ => made.insert(Arc::new(Offers::of(self, now))).clone(),
        }
    }
}

impl Ledger {
    /// The rate for a number of E.164 digits at this moment.
    pub async fn rate(&self, digits: &str) -> Result<Option<Arc<Rate>>, Error> {
        let book = self.newest_book().await?;
        Ok(book.find(digits, self.clock().now()))
    }

    /// The same by the price list that was seen to be the newest.
    pub(crate) async fn rate_by(
        &self,
        newest: Option<i64>,
        digits: &str,
    ) -> Result<Option<Arc<Rate>>, Fault> {
        let book = self.book_of(newest).await?;
        Ok(book.find(digits, self.clock().now()))
    }

    pub(crate) async fn newest_book(&self) -> Result<Arc<Book>, Fault> {
        let newest = self.newest_price_list().await?;
        self.book_of(newest).await
    }

    async fn book_of(&self, newest: Option<i64>) -> Result<Arc<Book>, Fault> {
        let book = self.book().await;
        if book.version == newest {
            return Ok(book);
        }
        self.read_book().await
    }

    /// The book as this server knows it.
    pub(crate) async fn book(&self) -> Arc<Book> {
        self.inner.rates.0.read().await.clone()
    }

    /// The number of the newest price list; none before the first.
    pub async fn price_list(&self) -> Result<Option<i64>, Error> {
        Ok(self.newest_price_list().await?)
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
        let mut connection = self.switch().acquire().await?;
        let guards = guard::read(&mut connection, self.rules()).await?;
        let rows = sqlx::query!(
            r#"select prefix, valid_from, valid_to, destination, kind as "kind: RateKind", per_minute,
                      connection_fee as "connection_fee: Money", initial_seconds, increment_seconds,
                      max_seconds, blocked
               from rate where valid_to is null or valid_to > $1"#,
            self.clock().now()
        )
        .fetch_all(&mut *connection)
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
                // Everything below a blocked prefix is not sold, and the public list says so.
                blocked: row.blocked || guards.block(&row.prefix),
            };
            by_prefix.entry(row.prefix).or_default().push(Timed {
                rate: Arc::new(rate),
                from: row.valid_from,
                to: row.valid_to,
            });
        }
        *place = Arc::new(Book {
            version,
            guards,
            by_prefix,
            offers: Mutex::default(),
        });
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
