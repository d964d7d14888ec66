//! How a balance came to be what it is, day by day: for the line on the wallet page.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::top_up::TopUpSource;
use domain::{Money, WalletId};
use time::{Duration, OffsetDateTime};

use crate::Ledger;
use crate::error::Error;

/// Far more wallets than one server shows in a day; beyond it the memory starts anew.
const MOST: usize = 20_000;
/// Longer than any act takes: what was written before a moment so long ago is there to be read.
const SETTLED: Duration = Duration::minutes(1);

/// Credit that was bought within the time of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bought {
    pub at: OffsetDateTime,
    pub amount: Money,
    pub source: TopUpSource,
}

/// What a wallet had at moments that are over: it does not change, so a memory of it is never wrong.
#[derive(Default)]
pub(crate) struct PastBalances(Mutex<HashMap<WalletId, Past>>);

#[derive(Clone)]
struct Past {
    moments: Vec<OffsetDateTime>,
    available: Vec<Money>,
}

impl PastBalances {
    fn find(&self, wallet_id: WalletId, moments: &[OffsetDateTime]) -> Option<Vec<Money>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let past = kept.get(&wallet_id)?;
        (past.moments == moments).then(|| past.available.clone())
    }

    fn keep(&self, wallet_id: WalletId, past: Past) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(wallet_id, past);
    }
}

impl Ledger {
    /// What could be spent just before each of these moments, which are in order and over.
    ///
    /// Each is found by halving, like a single one; a line that was asked for is remembered, so that
    /// a page looked at often costs nothing.
    pub async fn available_before(
        &self,
        wallet_id: WalletId,
        moments: &[OffsetDateTime],
    ) -> Result<Vec<Money>, Error> {
        if let Some(available) = self.inner.past_balances.find(wallet_id, moments) {
            return Ok(available);
        }
        let available = sqlx::query_scalar!(
            r#"select coalesce(last.available_after, 0) as "available!: Money"
               from unnest($2::timestamptz[]) with ordinality as moment (at, number)
               left join lateral (
                   with recursive half (low, high) as (
                       select 0::bigint, version from wallet where wallet_id = $1
                       union all
                       select case when created_at < moment.at then seq else low end,
                              case when created_at < moment.at then high else seq - 1 end
                       from half join transfer on transfer.wallet_id = $1 and seq = (low + high + 1) / 2
                       where low < high
                   )
                   select available_after
                   from half join transfer on transfer.wallet_id = $1 and seq = low
                   where low = high
               ) as last on true
               order by moment.number"#,
            wallet_id as WalletId,
            moments
        )
        .fetch_all(self.web())
        .await?;
        let latest = moments.iter().max();
        if latest.is_some_and(|latest| *latest + SETTLED < self.clock().now()) {
            let past = Past {
                moments: moments.to_vec(),
                available: available.clone(),
            };
            self.inner.past_balances.keep(wallet_id, past);
        }
        Ok(available)
    }

    /// What was bought since a moment, oldest first.
    pub async fn bought_since(
        &self,
        wallet_id: WalletId,
        since: OffsetDateTime,
    ) -> Result<Vec<Bought>, Error> {
        // A top-up settles after it was started, at most some days later.
        let started = since - Duration::days(8);
        Ok(sqlx::query_as!(
            Bought,
            r#"select settled_at as "at!", amount as "amount: Money", source as "source: TopUpSource"
               from top_up
               where wallet_id = $1 and started_at >= $2 and state = 'settled' and settled_at >= $3
               order by settled_at"#,
            wallet_id as WalletId,
            started,
            since
        )
        .fetch_all(self.web())
        .await?)
    }
}
