//! How fast the desk finds a customer among a million, and shows its lists. The rows are made by SQL,
//! on a throw-away cluster. The last line is JSON.
//!
//! `cargo run -p ledger --release --example bench_desk -- [wallets]`

// Figures are printed, never booked.
#![allow(clippy::float_arithmetic, clippy::unwrap_used)]

#[path = "../../tests/support/cluster.rs"]
#[allow(dead_code)]
mod cluster;
mod laps;
mod rows;

use domain::{CustomerId, WalletId};
use ledger::stripe::{Stripe, StripeConfig};
use ledger::{AuditFilter, Clock, Config, Ledger, MIGRATOR, Rules};
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use self::laps::Laps;

/// Milliseconds that 95 of 100 may take.
const SEARCH_LIMIT: f64 = 50.0;
const LIST_LIMIT: f64 = 80.0;
/// Searches by each key, and first pages of each list.
const TIMES: i64 = 200;

#[tokio::main]
async fn main() {
    let wallets: i64 = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000);
    assert!(wallets >= 1_000, "fewer than 1,000 wallets fill no list");
    let _ = rustls::crypto::ring::default_provider().install_default();
    println!("starting a throw-away cluster");
    let cluster =
        cluster::Cluster::start(&["fsync=off", "shared_buffers=512MB", "max_wal_size=2GB"]);
    let owner = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(cluster.options())
        .await
        .unwrap();
    MIGRATOR.run(&owner).await.unwrap();
    rows::grow(&owner, wallets).await;
    owner.close().await;
    let ledger = open(&cluster).await;
    let search = searches(&ledger, wallets).await;
    let list = lists(&ledger, wallets).await;
    let is_within = search <= SEARCH_LIMIT && list <= LIST_LIMIT;
    if !is_within {
        println!("over the limits: {SEARCH_LIMIT} ms to search, {LIST_LIMIT} ms for a list");
    }
    println!("{{\"search_p95_ms\":{search:.2},\"list_p95_ms\":{list:.2},\"wallets\":{wallets}}}");
    if !is_within {
        std::process::exit(1);
    }
}

/// A kind of key, how many wallets have one, and that of the n-th.
type Key = (&'static str, i64, fn(i64) -> String);

/// Of every so many wallets one has the key.
const KEYS: [Key; 18] = [
    ("e-mail", 1, |n| format!("person{n}@example.com")),
    ("start of an e-mail", 1, |n| {
        format!("PERSON{}", n.max(10) / 10)
    }),
    ("number", 1, |n| format!("+{}", 520_000_000_000 + n)),
    ("wallet", 1, name),
    ("Stripe's customer", 1, |n| format!("cus_{n}")),
    ("call", 1, |n| format!("call-{n}-1")),
    ("message", 10, |n| format!("message-{n}")),
    ("top-up", 1, name),
    ("payment", 1, |n| format!("pi_{n}")),
    ("charge", 1, |n| format!("ch_{n}")),
    ("checkout", 1, |n| format!("cs_{n}")),
    ("receipt", 1, |n| format!("1000-{n}")),
    ("correction", 100, name),
    ("credit", 10, |n| format!("grant-{n}")),
    ("event", 10, |n| format!("evt_{n}")),
    ("invitation code", 10, |n| format!("r{n:07}")),
    ("nothing", 1, |n| format!("nothing-{n}")),
    ("no name either", 1, |n| name(n + 1_000_000_000)),
];

fn name(n: i64) -> String {
    format!("00000000-0000-7000-8000-{n:012}")
}

/// The slowest of the 95th percentiles by key.
async fn searches(ledger: &Ledger, wallets: i64) -> f64 {
    let mut laps = Laps::default();
    for (kind, one_of, key) in KEYS {
        for at in 0..TIMES {
            let text = key(at * 7_919 % (wallets / one_of) + 1);
            let found = laps.time(kind, ledger.find_customers(&text)).await;
            assert_eq!(found == 0, kind.starts_with("no"), "{kind}: {text}");
        }
    }
    laps.slowest_p95()
}

/// The slowest of the 95th percentiles by list, first pages.
async fn lists(ledger: &Ledger, wallets: i64) -> f64 {
    let mut laps = Laps::default();
    for at in 0..TIMES {
        let id: Uuid = name(at * 7_919 % (wallets / 100) + 1).parse().unwrap();
        let wallet_id = WalletId(id);
        let all = AuditFilter::default();
        let of_wallet = AuditFilter {
            wallet_id: Some(wallet_id),
            ..all.clone()
        };
        let of_actor = AuditFilter {
            actor: Some(format!("person{}", at % 50)),
            ..all.clone()
        };
        let lengths = [
            laps.time("audit log", ledger.audit_log(&all)).await,
            laps.time("audit log of a wallet", ledger.audit_log(&of_wallet))
                .await,
            laps.time("audit log of a person", ledger.audit_log(&of_actor))
                .await,
            laps.time("corrections", ledger.waiting_adjustments(None))
                .await,
            laps.time("corrections of a wallet", ledger.adjustments(wallet_id))
                .await,
            laps.time("campaigns", ledger.campaigns(None)).await,
            laps.time("disputes", ledger.disputes(None)).await,
            laps.time("disputes of a wallet", ledger.disputes(Some(wallet_id)))
                .await,
            laps.time("top-ups", ledger.top_up_traces(wallet_id)).await,
            laps.time("events", ledger.event_traces(wallet_id)).await,
            laps.time("outbox", ledger.outbox(wallet_id)).await,
            laps.time("notices", ledger.notice_traces(wallet_id)).await,
            laps.time("sessions", ledger.sessions(CustomerId(id))).await,
            laps.time("queues", ledger.queues()).await,
        ];
        assert!(
            lengths.iter().all(|length| *length > 0),
            "{lengths:?} of {wallet_id}"
        );
        // Nothing runs and nothing is charged here; empty lists are asked for as often as others.
        laps.time("running calls", ledger.holding_calls(wallet_id))
            .await;
        laps.time("refills", ledger.refill_traces(wallet_id)).await;
    }
    laps.slowest_p95()
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
