//! How a balance came to be what it is, day by day: for the line on the wallet page.

use domain::{Money, WalletId};
use time::{Duration, OffsetDateTime};

use crate::Ledger;
use crate::error::Error;
use crate::memory::Memory;

/// Longer than any act takes: what was written before a moment so long ago is there to be read.
const SETTLED: Duration = Duration::minutes(1);

/// Credit that was bought within the time of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bought {
    pub at: OffsetDateTime,
    pub amount: Money,
}

/// What a wallet had at moments that are over.
pub(crate) type PastBalances = Memory<Vec<OffsetDateTime>, Vec<Money>>;

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
        let key = moments.to_vec();
        if let Some(available) = self.inner.past_balances.find(wallet_id, &key) {
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
            self.inner
                .past_balances
                .keep(wallet_id, key, available.clone());
        }
        Ok(available)
    }
}

/// A top-up settles after it was started, at most some days later: none that was started before this
/// was settled since.
pub(crate) fn started_since(settled_since: OffsetDateTime) -> OffsetDateTime {
    settled_since - Duration::days(8)
}
