//! All that the wallet page shows of a wallet, as it stood at one moment.

use std::sync::Arc;

use domain::history::{Cursor, HistoryFilter, HistoryPage, TopUpItem};
use domain::notice::LOW_BALANCE;
use domain::rate::Rate;
use domain::{CustomerId, Money, Wallet, WalletId};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

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
    /// How the first page of history, without a filter, stood for whoever still has it: as long as it stands
    /// so, it is not read again.
    pub known: Option<PageMark>,
}

impl Wanted {
    fn is_first_page(&self) -> bool {
        let first = |(filter, after): &(HistoryFilter, _)| {
            *filter == HistoryFilter::default() && Option::is_none(after)
        };
        self.history.as_ref().is_some_and(first)
    }
}

/// How a page of history stands: which versions of which rows it is read from, and the version of the wallet,
/// by which no transfer is missing. A page that stands as it stood has not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageMark([u8; 32]);

impl PageMark {
    fn of(version: i64, places: &[String]) -> Self {
        let mut sum = Sha256::new_with_prefix(version.to_be_bytes());
        for place in places {
            // No id has a line break.
            sum.update(place);
            sum.update("\n");
        }
        Self(sum.finalize().into())
    }
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
    /// Not there either where the caller knows it.
    pub history: Option<HistoryPage>,
    /// How the first page of history stands, where that is the one that is wanted.
    pub mark: Option<PageMark>,
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
        // One statement sees one moment by itself, and is all it takes where nothing has changed.
        if wanted.known.is_some() {
            let mut lane = self.look().await?;
            let row = self.row(lane.connection(), customer_id, wallet_id, wanted);
            let row = row.await;
            let row = found(lane.done(row))?;
            if !row.needs_more() && wanted.known == row.mark() {
                return self.told(row, Further::default()).await;
            }
        }
        let mut tx = self.snapshot().await?;
        let row = found(self.row(&mut tx, customer_id, wallet_id, wanted).await)?;
        let further = self.further(&mut tx, wallet_id, wanted, &row).await?;
        tx.commit().await?;
        self.told(row, further).await
    }

    async fn row(
        &self,
        connection: &mut PgConnection,
        customer_id: CustomerId,
        wallet_id: WalletId,
        wanted: &Wanted,
    ) -> Result<Row, sqlx::Error> {
        sqlx::query_file_as!(
            Row,
            "src/overview.sql",
            wallet_id as WalletId,
            customer_id as CustomerId,
            started_since(wanted.bought_since),
            wanted.bought_since,
            self.clock().now() - Duration::seconds(DIALED_SECONDS),
            notice::SHOWN,
            wanted.is_first_page()
        )
        .fetch_one(connection)
        .await
    }

    async fn further(
        &self,
        tx: &mut PgConnection,
        wallet_id: WalletId,
        wanted: &Wanted,
        row: &Row,
    ) -> Result<Further, Fault> {
        let mut further = Further::default();
        if !row.pending.is_empty() {
            further.pending = top_up::items(&mut *tx, wallet_id, &row.pending).await?;
        }
        if row.has_calls {
            further.calls = self.live_calls_in(tx, wallet_id, None).await?;
        }
        if let Some((filter, after)) = &wanted.history
            && (wanted.known.is_none() || wanted.known != row.mark())
        {
            let page = history::page(tx, wallet_id, filter, after.as_ref()).await?;
            further.history = Some(page);
        }
        Ok(further)
    }

    async fn told(&self, row: Row, further: Further) -> Result<Overview, Error> {
        let mark = row.mark();
        let talk_rate = match row.talk_prefix {
            Some(prefix) => self.rate_by(row.price_list, &prefix).await?,
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
            pending: further.pending,
            notices: notices
                .filter_map(|(notice_id, facts)| UnreadNotice::read(notice_id, facts))
                .collect(),
            calls: further.calls,
            bought: bought.map(|(at, amount)| Bought { at, amount }).collect(),
            level: row.level.unwrap_or(LOW_BALANCE),
            talk_rate,
            history: further.history,
            mark,
        })
    }
}

fn found(row: Result<Row, sqlx::Error>) -> Result<Row, Fault> {
    row.map_err(|error| match error {
        sqlx::Error::RowNotFound => Fault::NotFound,
        error => error.into(),
    })
}

/// What `overview.sql` says.
struct Row {
    paid: Money,
    promotional: Money,
    held: Money,
    debt: Money,
    version: i64,
    pending: Vec<Uuid>,
    has_calls: bool,
    notice_ids: Vec<Uuid>,
    notice_facts: Vec<serde_json::Value>,
    bought_at: Vec<OffsetDateTime>,
    bought: Vec<Money>,
    level: Option<Money>,
    talk_prefix: Option<String>,
    price_list: Option<i64>,
    first_page: Option<Vec<String>>,
}

impl Row {
    /// Whether something is there that this row only counts.
    fn needs_more(&self) -> bool {
        self.has_calls || !self.pending.is_empty()
    }

    fn mark(&self) -> Option<PageMark> {
        let places = self.first_page.as_deref()?;
        Some(PageMark::of(self.version, places))
    }
}

/// What it takes further statements to read.
#[derive(Default)]
struct Further {
    pending: Vec<TopUpItem>,
    calls: Vec<LiveCall>,
    history: Option<HistoryPage>,
}
