//! How fast the books are, on a throw-away cluster with fsync on: lifecycles of calls beside the
//! limit of the database in the same run and driver, growth, and the check. The last line is JSON.
//!
//! `cargo run -p ledger --release --example bench_ledger -- [seconds] [transfers]`

// Figures are printed, never booked.
#![allow(clippy::float_arithmetic, clippy::unwrap_used)]

#[path = "../../tests/support/cluster.rs"]
#[allow(dead_code)]
mod cluster;
mod grow;
mod load;

use std::time::Duration;

use domain::call::CallRules;
use domain::spend::SpendRules;
use ledger::stripe::{Stripe, StripeConfig};
use ledger::{Clock, Config, Ledger, MIGRATOR, Rules};
use sqlx::postgres::PgPoolOptions;

/// Callers at once.
const CONNECTIONS: u32 = 16;
/// Wallets that call in turn.
const WALLETS: i64 = 10_000;

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|text| text.parse::<u64>().ok());
    let seconds = Duration::from_secs(numbers.next().unwrap_or(10));
    let transfers = numbers.next().unwrap_or(10_000_000);
    let _ = rustls::crypto::ring::default_provider().install_default();

    println!("starting a throw-away cluster, fsync on");
    let cluster = cluster::Cluster::start(&[
        "fsync=on",
        "synchronous_commit=on",
        "shared_buffers=1GB",
        "max_wal_size=8GB",
        "checkpoint_timeout=30min",
        "max_connections=80",
    ]);
    let owner = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .connect_with(cluster.options())
        .await
        .unwrap();
    MIGRATOR.run(&owner).await.unwrap();
    let ledger = open(&cluster).await;
    grow::rates(&owner).await;
    let growth = grow::Growth::begin(&owner, &ledger).await;
    let wallets = grow::wallets(&owner, WALLETS).await;
    println!(
        "{} wallets, {CONNECTIONS} connections, {seconds:?} each",
        wallets.len()
    );

    // A warm-up fills the caches of both and is not counted.
    load::lifecycles(&ledger, &wallets, Duration::from_secs(2), "warm").await;
    let mut limits = load::Limits::prepare(&owner, &wallets).await;
    limits.run(&wallets, Duration::from_secs(2)).await;

    let limit = limits.run(&wallets, seconds).await;
    limit.print("limit: two commits, each a guarded update and an insert");
    let calls = load::lifecycles(&ledger, &wallets, seconds, "all").await;
    calls.print("lifecycle: authorize, end");
    let hot_limit = limits.run(&wallets[..1], seconds).await;
    hot_limit.print("limit on one row");
    let hot = load::lifecycles(&ledger, &wallets[..1], seconds, "hot").await;
    hot.print("lifecycle on one wallet");

    let growth = growth.finish(&owner, &ledger, &wallets, transfers).await;
    println!(
        "{{\"lifecycles_per_s\":{:.0},\"limit_per_s\":{:.0},\"ratio\":{:.2},\"hot_wallet_per_s\":{:.0},\
         \"hot_limit_per_s\":{:.0},\"hot_ratio\":{:.2},\"p50_ms\":{:.2},\"p99_ms\":{:.2},{growth}}}",
        calls.per_second(),
        limit.per_second(),
        calls.per_second() / limit.per_second(),
        hot.per_second(),
        hot_limit.per_second(),
        hot.per_second() / hot_limit.per_second(),
        calls.percentile(50),
        calls.percentile(99),
    );
}

async fn open(cluster: &cluster::Cluster) -> Ledger {
    let stripe = Stripe::new(StripeConfig {
        secret_key: "sk_test_sandbox".into(),
        api_base: "http://127.0.0.1:9/".into(),
        webhook_secrets: vec![],
        environment: "bench".into(),
    })
    .unwrap();
    // One wallet for all callers: the limit of calls at once would be all that is measured.
    let call = CallRules {
        calls_at_once: 1_000,
        ..CallRules::default()
    };
    Ledger::connect(Config {
        database: cluster.options(),
        stripe,
        rules: Rules {
            call,
            spend: SpendRules::none(),
            ..Rules::default()
        },
        clock: Clock::default(),
        public_origin: "http://localhost".into(),
        originate: None,
    })
    .await
    .unwrap()
}
