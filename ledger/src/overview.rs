//! All that the wallet page shows of a wallet, as it stood at one moment.

use std::sync::Arc;

use domain::history::{Cursor, HistoryFilter, HistoryPage, TopUpItem};
use domain::notice::LOW_BALANCE;
use domain::rate::Rate;
use domain::{CustomerId, Money, Wallet, WalletId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use crate::balance_line::{Bought, started_since};
use crate::error::{Error, Fault};
use crate::history;
use crate::live_call::{DIALED_SECONDS, LiveCall};
use crate::notice::{self, UnreadNotice};
use crate::{Ledger, top_up};

/// What is asked of an overview beside the wallet itself.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Since when purchases are told.
    pub bought_since: OffsetDateTime,
    /// The page of history beside it, if there is to be one.
    pub history: Option<(HistoryFilter, Option<Cursor>)>,
}

/// A wallet with what belongs beside its balance; nothing in it is older or newer than the rest.
#[derive(Clone, Debug)]
pub struct Overview {
    pub wallet: Wallet,
    /// Top-ups that wait for the customer or the bank, newest first.
    pub pending: Vec<TopUpItem>,
    /// What was not dismissed yet, newest first, three at most.
    pub notices: Vec<UnreadNotice>,
    /// The running calls, oldest first, and those that were just asked for.
    pub calls: Vec<LiveCall>,
    /// What was bought since the moment asked for, oldest first.
    pub bought: Vec<Bought>,
    /// Below which balance the customer wants to be told; zero for never.
    pub level: Money,
    /// What the customer measures the balance by, where one is chosen that is sold.
    pub talk_rate: Option<Arc<Rate>>,
    pub history: Option<HistoryPage>,
}

impl Ledger {
    /// Reads it on one snapshot: one statement for what every look needs, further ones only for what
    /// that one says is there.
    pub async fn overview(
        &self,
        customer_id: CustomerId,
        wallet_id: WalletId,
        wanted: &Wanted,
    ) -> Result<Overview, Error> {
        let mut tx = self.snapshot().await?;
        let overview = self.read_overview(&mut tx, customer_id, wallet_id, wanted);
        let overview = overview.await?;
        tx.commit().await?;
        Ok(overview)
    }

    async fn read_overview(
        &self,
        tx: &mut PgConnection,
        customer_id: CustomerId,
        wallet_id: WalletId,
        wanted: &Wanted,
    ) -> Result<Overview, Fault> {
        let row = sqlx::query_file!(
            "src/overview.sql",
            wallet_id as WalletId,
            customer_id as CustomerId,
            started_since(wanted.bought_since),
            wanted.bought_since,
            self.clock().now() - Duration::seconds(DIALED_SECONDS),
            notice::SHOWN
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Fault::NotFound)?;
        let pending = if row.pending.is_empty() {
            Vec::new()
        } else {
            top_up::items(&mut *tx, wallet_id, &row.pending).await?
        };
        let calls = if row.has_calls {
            self.live_calls_in(tx, wallet_id, None).await?
        } else {
            Vec::new()
        };
        let talk_rate = match row.talk_prefix {
            Some(prefix) => self.rate_by(row.price_list, &prefix).await?,
            None => None,
        };
        let history = match &wanted.history {
            Some((filter, after)) => {
                Some(history::page(tx, wallet_id, filter, after.as_ref()).await?)
            }
            None => None,
        };
        let notices = row.notice_ids.into_iter().zip(row.notice_facts);
        let bought = row.bought_at.into_iter().zip(row.bought);
        Ok(Overview {
            wallet: Wallet {
                paid: row.paid,
                promotional: row.promotional,
                held: row.held,
                debt: row.debt,
                version: row.version,
            },
            pending,
            notices: notices
                .filter_map(|(notice_id, facts)| UnreadNotice::read(notice_id, facts))
                .collect(),
            calls,
            bought: bought.map(|(at, amount)| Bought { at, amount }).collect(),
            level: row.level.unwrap_or(LOW_BALANCE),
            talk_rate,
            history,
        })
    }
}
