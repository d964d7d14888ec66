//! How fast the desk finds a customer among a million, and shows its lists. The rows are made by SQL,
//! on a throw-away cluster. The last line is JSON.
//!
//! `cargo run -p ledger --release --example bench_desk -- [wallets]`

// Figures are printed, never booked.
#![allow(clippy::float_arithmetic, clippy::unwrap_used)]

#[path = "../../tests/support/cluster.rs"]
#[allow(dead_code)]
mod cluster;

use std::time::Instant;

use ledger::stripe::{Stripe, StripeConfig};
use ledger::{AuditFilter, Clock, Config, Ledger, MIGRATOR, Rules};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

/// Milliseconds that 95 of 100 may take.
const SEARCH_LIMIT: f64 = 50.0;
const LIST_LIMIT: f64 = 80.0;
/// Searches by each key, and first pages of each list.
const TIMES: i64 = 200;

/// A million people with a number, a purchase and two calls each, and what the desk lists.
const ROWS: &[&str] = &[
    "create function pg_temp.id(n bigint) returns uuid immutable language sql
     as $$ select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$",
    "insert into wallet (wallet_id) select pg_temp.id(n) from generate_series(1, $1) n",
    "insert into customer (customer_id, wallet_id, email, stripe_customer_id)
     select pg_temp.id(n), pg_temp.id(n), 'person' || n || '@example.com', 'cus_' || n
     from generate_series(1, $1) n",
    "insert into phone_number (number, wallet_id, kind)
     select (520000000000 + n)::text, pg_temp.id(n), 'registered' from generate_series(1, $1) n",
    "insert into top_up (wallet_id, top_up_id, source, state, amount, bonus, idempotency_key,
         checkout_expires_at, return_origin, next_check_at, settled_at, stripe_payment_id, stripe_charge_id,
         stripe_session_id, receipt_number)
     select pg_temp.id(n), pg_temp.id(n), 'manual', 'settled', 10, 0, 'k' || n, now(), '', now(), now(),
         'pi_' || n, 'ch_' || n, 'cs_' || n, '1000-' || n
     from generate_series(1, $1) n",
    "insert into call (wallet_id, call_id, switch_id, callee, request_hash, prefix, destination, kind, per_minute,
         connection_fee, initial_seconds, increment_seconds, max_seconds, first_held, first_seconds, first_final,
         first_expires_at, held, granted_seconds, is_final, expires_at, authorized_at, state, ended_at,
         talked_seconds, billed_seconds, charge, released)
     select pg_temp.id(n), 'call-' || n || '-' || k, 's', '525512345678', '', '52', 'Mexico', 'landline', 0.1, 0,
         1, 1, 14400, 0.5, 300, false, now(), 0.5, 300, false, now(), now(), 'ended', now(), 60, 60, 0.1, 0.4
     from generate_series(1, $1) n, generate_series(1, 2) k",
    "insert into adjustment (wallet_id, adjustment_id, state, amount, reason, author, asked_at)
     select pg_temp.id(n), pg_temp.id(n), 'waiting', 60, 'an outage', 'ines', now() from generate_series(1, $1 / 100) n",
    "insert into campaign (campaign_id, code, code_key, reason, amount, starts_at, ends_at, budget_count, budget_sum,
         first_top_up_only, credit_days, created_by, created_at)
     select pg_temp.id(n), 'C' || n, lpad(n::text, 8, '0'), 'a gift', 1, now(), now() + interval '1 day', 1, 1, false, 1,
         'olga', now()
     from generate_series(1, $1 / 1000) n",
    "insert into audit (audit_id, actor, act, subject, subject_id, wallet_id, detail)
     select pg_temp.id(n), 'person' || n % 50, 'view_customer', 'wallet', '', pg_temp.id(n), '{}'
     from generate_series(1, $1) n",
];

#[tokio::main]
async fn main() {
    let wallets: i64 = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000);
    let _ = rustls::crypto::ring::default_provider().install_default();
    println!("starting a throw-away cluster");
    let cluster =
        cluster::Cluster::start(&["fsync=off", "shared_buffers=512MB", "max_wal_size=8GB"]);
    let owner = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(cluster.options())
        .await
        .unwrap();
    MIGRATOR.run(&owner).await.unwrap();
    grow(&owner, wallets).await;
    let ledger = open(&cluster).await;
    let search = searches(&ledger, wallets).await;
    let list = lists(&ledger, wallets, &owner).await;
    let is_within = search <= SEARCH_LIMIT && list <= LIST_LIMIT;
    if !is_within {
        println!("over the limits: {SEARCH_LIMIT} ms to search, {LIST_LIMIT} ms for a list");
    }
    println!("{{\"search_p95_ms\":{search:.2},\"list_p95_ms\":{list:.2},\"wallets\":{wallets}}}");
    if !is_within {
        std::process::exit(1);
    }
}

async fn grow(owner: &PgPool, wallets: i64) {
    for rows in ROWS {
        let started = Instant::now();
        let query = sqlx::query(*rows);
        let query = if rows.contains("$1") {
            query.bind(wallets)
        } else {
            query
        };
        query.execute(owner).await.unwrap();
        let table = rows.split_whitespace().nth(2).unwrap_or_default();
        println!("{table}: {:.0?}", started.elapsed());
    }
    sqlx::raw_sql("vacuum analyze")
        .execute(owner)
        .await
        .unwrap();
}

/// A kind of key, and the key of the n-th wallet.
type Key = (&'static str, fn(i64) -> String);

/// The slowest of the 95th percentiles by key.
async fn searches(ledger: &Ledger, wallets: i64) -> f64 {
    let keys: [Key; 8] = [
        ("e-mail", |n| format!("person{n}@example.com")),
        ("start of an e-mail", |n| format!("person{}", n / 10)),
        ("number", |n| format!("+{}", 520_000_000_000 + n)),
        ("wallet", |n| format!("00000000-0000-7000-8000-{n:012}")),
        ("call", |n| format!("call-{n}-1")),
        ("payment", |n| format!("pi_{n}")),
        ("receipt", |n| format!("1000-{n}")),
        ("nothing", |n| format!("nothing-{n}")),
    ];
    let mut slowest: f64 = 0.0;
    for (name, key) in keys {
        let mut times = Vec::new();
        for at in 0..TIMES {
            let text = key(at * 7_919 % wallets + 1);
            let started = Instant::now();
            let found = ledger.find_customers(&text).await.unwrap();
            times.push(started.elapsed().as_secs_f64() * 1_000.0);
            assert_eq!(found.is_empty(), name == "nothing", "{name}: {text}");
        }
        slowest = slowest.max(p95(name, times));
    }
    slowest
}

/// The slowest of the 95th percentiles by list, first pages.
async fn lists(ledger: &Ledger, wallets: i64, owner: &PgPool) -> f64 {
    let mut times: [Vec<f64>; 5] = Default::default();
    for at in 0..TIMES {
        let n = at * 7_919 % (wallets / 100).max(1) + 1;
        let wallet_id: uuid::Uuid = format!("00000000-0000-7000-8000-{n:012}").parse().unwrap();
        let wallet_id = domain::WalletId(wallet_id);
        let by_wallet = AuditFilter {
            wallet_id: Some(wallet_id),
            ..AuditFilter::default()
        };
        let started = Instant::now();
        let mut lap = started;
        let mut note = |times: &mut Vec<f64>| {
            times.push(lap.elapsed().as_secs_f64() * 1_000.0);
            lap = Instant::now();
        };
        assert!(
            !ledger
                .audit_log(&AuditFilter::default())
                .await
                .unwrap()
                .is_empty()
        );
        note(&mut times[0]);
        assert!(!ledger.audit_log(&by_wallet).await.unwrap().is_empty());
        note(&mut times[1]);
        assert!(!ledger.waiting_adjustments(None).await.unwrap().is_empty());
        note(&mut times[2]);
        assert!(!ledger.campaigns(None).await.unwrap().is_empty());
        note(&mut times[3]);
        assert!(!ledger.top_up_traces(wallet_id).await.unwrap().is_empty());
        note(&mut times[4]);
    }
    owner.close().await;
    let names = [
        "audit log",
        "audit log of a wallet",
        "corrections",
        "campaigns",
        "top-ups",
    ];
    let each = names.into_iter().zip(times);
    each.map(|(name, times)| p95(name, times))
        .fold(0.0, f64::max)
}

fn p95(name: &str, mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    let p95 = times[times.len() * 95 / 100];
    println!(
        "{name}: p50 {:.2} ms, p95 {p95:.2} ms",
        times[times.len() / 2]
    );
    p95
}

async fn open(cluster: &cluster::Cluster) -> Ledger {
    let stripe = Stripe::new(StripeConfig {
        secret_key: "sk_test_sandbox".into(),
        api_base: "http://127.0.0.1:9/".into(),
        webhook_secrets: vec![],
        environment: "bench".into(),
    })
    .unwrap();
    Ledger::connect(Config {
        database: cluster.options(),
        stripe,
        rules: Rules::default(),
        clock: Clock::default(),
        public_origin: "http://localhost".into(),
        originate: None,
    })
    .await
    .unwrap()
}
