//! Hints that a wallet changed, for pages that are open. Never a fact: whoever hears one asks again.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::WalletId;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// The channel all servers of one database listen on.
const CHANNEL: &str = "wallet_changed";
/// Hints kept for a slow listener; one who lags behind is told so and asks again.
const KEPT: usize = 1024;
/// How long changes are gathered before the other servers are told. `notify` makes commits wait
/// for each other, so it stays out of every act's transaction and goes out in batches.
const GATHER: Duration = Duration::from_millis(100);

/// Tells the pages of this server at once, and those of the others within a moment.
pub struct Changes {
    /// To the pages of this server.
    heard: broadcast::Sender<WalletId>,
    /// From the acts of this server.
    made: broadcast::Sender<WalletId>,
    database: PgConnectOptions,
}

impl Changes {
    pub(crate) fn new(database: PgConnectOptions) -> Self {
        Self {
            heard: broadcast::channel(KEPT).0,
            made: broadcast::channel(KEPT).0,
            database,
        }
    }

    /// Says that this wallet changed. Called after the commit; losing the hint loses nothing.
    pub(crate) fn tell(&self, wallet_id: WalletId) {
        // An error means that nobody listens.
        let _ = self.heard.send(wallet_id);
        let _ = self.made.send(wallet_id);
    }

    /// Wallets that changed from now on, here or at another server.
    pub fn listen(&self) -> broadcast::Receiver<WalletId> {
        self.heard.subscribe()
    }

    /// Carries hints between the servers of one database until stopped. Reconnects by itself.
    pub async fn relay(&self, stop: CancellationToken) {
        let outgoing = self.send_batches(&stop);
        let incoming = self.receive(&stop);
        tokio::join!(outgoing, incoming);
    }

    async fn send_batches(&self, stop: &CancellationToken) {
        // One connection of its own, and a direct one: poolers do not pass notifications on.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(self.database.clone());
        let mut made = self.made.subscribe();
        loop {
            let first = tokio::select! {
                () = stop.cancelled() => return,
                first = made.recv() => first,
            };
            let mut batch = BTreeSet::from_iter(first.ok().map(|id| id.to_string()));
            tokio::time::sleep(GATHER).await;
            while let Ok(more) = made.try_recv() {
                batch.insert(more.to_string());
            }
            let ids: Vec<String> = batch.into_iter().collect();
            let sent = sqlx::query("select pg_notify($1, id) from unnest($2::text[]) as id")
                .bind(CHANNEL)
                .bind(&ids)
                .execute(&pool)
                .await;
            if let Err(error) = sent {
                tracing::warn!(%error, "changes not passed on; open pages elsewhere ask again by themselves");
            }
        }
    }

    async fn receive(&self, stop: &CancellationToken) {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(self.database.clone());
        while !stop.is_cancelled() {
            let ended = tokio::select! {
                () = stop.cancelled() => return,
                ended = self.receive_until_broken(&pool) => ended,
            };
            if let Err(error) = ended {
                tracing::warn!(%error, "changes of other servers not heard; trying again");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn receive_until_broken(&self, pool: &sqlx::PgPool) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        loop {
            let hint = listener.recv().await?;
            if let Ok(wallet_id) = hint.payload().parse() {
                let _ = self.heard.send(wallet_id);
            }
        }
    }
}
