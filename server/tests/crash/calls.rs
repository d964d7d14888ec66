//! `kill -9` of a real server while switches ask it: what it acknowledged is there once, and what it did
//! not becomes once when it is asked again.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::{Email, Money, WalletId};
use ledger::{ImportRates, Ledger};
use reqwest::Client;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::process::{Server, free_port, open_ledger};

/// Acts a run must see acknowledged, and a run that takes minutes.
const ACKNOWLEDGED: u64 = 2_000;
const ACKNOWLEDGED_LONG: u64 = 50_000;
const LONG: &str = "WALLET_LONG_TESTS";
const CALLERS: usize = 8;
/// How long a server works before it is killed.
const WORK: Duration = Duration::from_millis(900);
/// How long an unknown outcome may stay unknown: a server takes its time to come back.
const RESOLVED_WITHIN: Duration = Duration::from_secs(60);
/// Nobody listens there: calls ask no bank.
const NOWHERE: &str = "http://127.0.0.1:9/";
const PRICES: &str = "prefix,destination,kind,per_minute\n52,Mexico,landline,0.10\n";

/// What the switch saw, counted outside the victim.
#[derive(Default)]
struct Seen {
    acknowledged: AtomicU64,
    unknown: AtomicU64,
    charged: Mutex<Vec<(String, Money)>>,
}

struct Line {
    http: Client,
    base: String,
    key: String,
    wallet_id: WalletId,
    seen: Arc<Seen>,
}

impl Line {
    /// Asks until there is an answer: silence and a 5xx say nothing about what happened.
    async fn ask(&self, path: &str, body: &Value) -> Value {
        let url = format!(
            "{}/switch/v1/wallets/{}/calls{path}",
            self.base, self.wallet_id.0
        );
        let begun = Instant::now();
        loop {
            let request = self.http.post(&url).bearer_auth(&self.key).json(body);
            let answer = match request.send().await {
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    answer.text().await.ok().map(|text| (status, text))
                }
                Err(_) => None,
            };
            match answer {
                Some((200 | 201, text)) => {
                    self.seen.acknowledged.fetch_add(1, Ordering::Relaxed);
                    return serde_json::from_str(&text).unwrap();
                }
                Some((status, text)) if status < 500 => {
                    panic!("an honest act was refused: {status} {text}")
                }
                _ => {}
            }
            self.seen.unknown.fetch_add(1, Ordering::Relaxed);
            assert!(
                begun.elapsed() < RESOLVED_WITHIN,
                "an outcome stayed unknown"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A whole call: rings, is answered, goes on, ends.
    async fn call(&self, call_id: &str, talked: u32) {
        self.ask("", &json!({ "call_id": call_id, "to": "+525512345678" }))
            .await;
        self.ask(&format!("/{call_id}/answer"), &json!({})).await;
        let beat = json!({ "seq": 1, "talked_seconds": talked });
        self.ask(&format!("/{call_id}/update"), &beat).await;
        let end = json!({ "talked_seconds": talked, "cause": "normal" });
        let ended = self.ask(&format!("/{call_id}/end"), &end).await;
        let charge = ended["charge"].as_str().unwrap().parse().unwrap();
        let mut charged = self.seen.charged.lock().unwrap();
        charged.push((call_id.to_owned(), charge));
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_server_killed_under_calls_loses_and_doubles_nothing(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let wanted = if std::env::var_os(LONG).is_some() {
        ACKNOWLEDGED_LONG
    } else {
        ACKNOWLEDGED
    };
    let owner = pool.connect_with(database.clone()).await.unwrap();
    let ledger = open(&database).await;
    let key = ledger
        .create_switch_key("crash", "test")
        .await
        .unwrap()
        .unwrap();
    let port = free_port();
    let base = format!("http://127.0.0.1:{port}");
    let http = Client::builder()
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap();

    let (seen, stop) = (Arc::new(Seen::default()), Arc::new(AtomicBool::new(false)));
    let mut callers = Vec::new();
    for caller in 0..CALLERS {
        let line = Line {
            http: http.clone(),
            base: base.clone(),
            key: key.clone(),
            wallet_id: funded(&ledger, caller).await,
            seen: seen.clone(),
        };
        let stop = stop.clone();
        callers.push(tokio::spawn(async move {
            let mut round = 0;
            while !stop.load(Ordering::Relaxed) {
                line.call(&format!("{caller}-{round}"), round % 290).await;
                round += 1;
            }
        }));
    }
    let mut kills = 0;
    while seen.acknowledged.load(Ordering::Relaxed) < wanted || kills < 3 {
        let mut server = Server::start(&database, port, NOWHERE);
        server.ready(&http, &base).await;
        tokio::time::sleep(WORK).await;
        server.kill();
        kills += 1;
        assert!(kills < 2_000, "the callers get nowhere");
    }
    stop.store(true, Ordering::Relaxed);
    let server = Server::start(&database, port, NOWHERE);
    for caller in callers {
        caller.await.unwrap();
    }
    drop(server);

    let acknowledged = seen.acknowledged.load(Ordering::Relaxed);
    let unknown = seen.unknown.load(Ordering::Relaxed);
    println!("{kills} kills, {acknowledged} acts acknowledged, {unknown} answers lost meanwhile");
    assert!(unknown > 0, "no kill was felt");
    let report = ledger.verify(None).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
    let mut charged = std::mem::take(&mut *seen.charged.lock().unwrap());
    charged.sort();
    let mut written: Vec<(String, Money)> =
        sqlx::query_as("select call_id, charge from call where state = 'ended'")
            .fetch_all(&owner)
            .await
            .unwrap();
    written.sort();
    assert_eq!(
        written, charged,
        "what was charged is what the switch was told"
    );
}

async fn open(database: &PgConnectOptions) -> Ledger {
    let ledger = open_ledger(database, NOWHERE, "http://localhost").await;
    let prices = ImportRates {
        name: "crash".into(),
        text: PRICES.into(),
        effective: None,
        complete: false,
        author: "test".into(),
        dry_run: false,
    };
    ledger.import_rates(prices).await.unwrap();
    ledger
}

/// A wallet that can pay for all of its calls.
async fn funded(ledger: &Ledger, caller: usize) -> WalletId {
    let email = Email::parse(&format!("caller{caller}@example.com")).unwrap();
    let wallet_id = ledger.open_customer(&email).await.unwrap().wallet_id;
    let grant = ledger::GrantCredit {
        wallet_id,
        grant_id: "CRASH".into(),
        source: ledger::GrantSource::Promo,
        amount: Money::from_dollars(1_000),
        reason: "To call with".into(),
        expires_at: None,
    };
    ledger.grant_credit(grant).await.unwrap();
    wallet_id
}
