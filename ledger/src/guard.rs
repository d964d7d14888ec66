//! What operators forbid and bound while the service runs: destinations nobody may call, and what
//! calls may take. They stand beside the price list, so that the next list lifts nothing.

mod block;
mod limit;

use domain::Declined;
use domain::call::CallRules;
use domain::price_list::PriceRefusal;
use domain::spend::SpendRules;
use sqlx::PgConnection;

use crate::error::{Error, Fault};
use crate::{Ledger, Rules};

pub use block::{Block, ListedBlock};
pub use limit::{CallLimits, LimitsRow};

/// Rows of one page.
const PAGE: i64 = 50;

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

impl Ledger {
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
}

/// Reads what is in force; part of reading the book.
pub(crate) async fn read(connection: &mut PgConnection, rules: &Rules) -> Result<Guards, Fault> {
    let mut guards = Guards::of(rules);
    guards.blocked =
        sqlx::query_scalar!("select prefix from blocked_destination where lifted_at is null")
            .fetch_all(&mut *connection)
            .await?;
    if let Some(row) = limit::last(connection).await? {
        guards.bound(&row.limits);
    }
    Ok(guards)
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
