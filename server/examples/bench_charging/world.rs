//! The server on a port, its database beside it, and the books to look into.

use std::fmt::Write;
use std::time::Instant;

use ledger::{ImportRates, Ledger, MIGRATOR};
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use crate::cluster::Cluster;
use crate::serve::{self, Server};

/// So many that hardly any has two calls at once.
const WALLETS: i64 = 200_000;
const RATES: u32 = 50_000;

pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) server: Server,
    pub(crate) key: String,
    pub(crate) wallets: Vec<Uuid>,
    /// Thrown away with the world, after the server.
    _cluster: Cluster,
}

impl World {
    pub(crate) async fn start() -> Self {
        let cluster = Cluster::start(&[
            "fsync=on",
            "synchronous_commit=on",
            "shared_buffers=1GB",
            "max_wal_size=8GB",
            "checkpoint_timeout=30min",
            "max_connections=80",
        ]);
        let owner = PgPoolOptions::new()
            .max_connections(2)
            .connect_with(cluster.options())
            .await
            .unwrap();
        MIGRATOR.run(&owner).await.unwrap();
        let ledger = serve::open(cluster.options()).await;
        ledger.import_rates(prices()).await.unwrap();
        let wallets = wallets(&owner).await;
        let key = ledger.create_switch_key("bench", "bench").await.unwrap();
        Self {
            ledger,
            server: Server::start(cluster.options().get_socket().unwrap()),
            key: key.unwrap(),
            wallets,
            _cluster: cluster,
        }
    }

    /// Milliseconds of the middle quote and the middle search among 50,000 rates.
    pub(crate) async fn read_figures(&self) -> (f64, f64) {
        let (mut quotes, mut searches) = (Vec::new(), Vec::new());
        for n in 0..400_usize {
            let wallet_id = domain::WalletId(self.wallets[n % self.wallets.len()]);
            let begun = Instant::now();
            self.ledger
                .quote_for_switch(wallet_id, &number(n))
                .await
                .unwrap();
            quotes.push(begun.elapsed().as_secs_f64() * 1e3);
            let begun = Instant::now();
            let name = format!("land {}", n % 500);
            assert!(!self.ledger.rates_search(&name).await.unwrap().is_empty());
            searches.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        for list in [&mut quotes, &mut searches] {
            list.sort_by(f64::total_cmp);
        }
        (quotes[200], searches[200])
    }

    pub(crate) async fn assert_clean(&self) {
        let report = self.ledger.verify(None).await.unwrap();
        // These wallets were filled without a purchase: only what calls did is looked at.
        let wrong: Vec<_> = report
            .checked
            .iter()
            .filter(|check| check.violations > 0 && check.name != "V10" && check.name != "V11")
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

/// A number that has a price.
pub(crate) fn number(n: usize) -> String {
    format!("{}12345", 1_000_000 + n * 7 % RATES as usize)
}

fn prices() -> ImportRates {
    let mut text = "prefix,destination,rate\n".to_owned();
    for n in 0..RATES {
        let _ = writeln!(
            text,
            "{},Land {} area {n},0.0{}",
            1_000_000 + n,
            n % 500,
            n % 9 + 1
        );
    }
    ImportRates {
        name: "bench".into(),
        text,
        effective: None,
        complete: false,
        author: "test".into(),
        dry_run: false,
    }
}

/// Wallets with a thousand dollars each, older than a month.
async fn wallets(owner: &sqlx::PgPool) -> Vec<Uuid> {
    sqlx::query_scalar(
        "with made as (
             insert into wallet (wallet_id, paid, version, created_at)
             select gen_random_uuid(), 1000, 1, now() - interval '31 days' from generate_series(1, $1)
             returning wallet_id
         ), entry as (
             insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
                 available_after, held_after, promotional_after, debt_after, subject, subject_id)
             select wallet_id, 1, 'top_up', 'stripe_clearing', 'available', 1000, 0, 1000, 0, 0, 0, 'top_up',
                 wallet_id::text from made
         )
         select wallet_id from made",
    )
    .bind(WALLETS)
    .fetch_all(owner)
    .await
    .unwrap()
}
