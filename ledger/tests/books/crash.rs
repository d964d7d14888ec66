//! The database is killed in the middle of its work: what was acknowledged is there once, and what
//! was not becomes once when it is asked again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::{Money, WalletId};
use ledger::{Ended, Error, Ledger};
use sqlx::postgres::PgPoolOptions;

use crate::support::Books;
use crate::support::calls::{LANDLINE, ask, call};
use crate::support::cluster::Cluster;

/// Acknowledged acts that a run must see, and a run that takes minutes.
const ACKNOWLEDGED: u64 = 2_000;
const ACKNOWLEDGED_LONG: u64 = 50_000;
const LONG: &str = "WALLET_LONG_TESTS";
/// How long the database works between two kills.
const WORK: Duration = Duration::from_millis(700);
const CALLERS: usize = 8;
/// How long an unknown outcome may stay unknown.
const RESOLVED_WITHIN: Duration = Duration::from_secs(60);

/// What the callers saw, counted outside the victim.
#[derive(Default)]
struct Seen {
    acknowledged: AtomicU64,
    unknown: AtomicU64,
    charged: std::sync::Mutex<Vec<(WalletId, Money)>>,
}

/// Asks until there is an answer: an error says nothing about what happened.
async fn certainly<T, F>(seen: &Seen, ask: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, Error>>,
{
    let begun = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => {
                seen.acknowledged.fetch_add(1, Ordering::Relaxed);
                return answer;
            }
            Err(Error::Unavailable { .. } | Error::Busy) => {
                seen.unknown.fetch_add(1, Ordering::Relaxed);
                assert!(
                    begun.elapsed() < RESOLVED_WITHIN,
                    "an outcome stayed unknown"
                );
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => panic!("an honest act was refused: {error:?}"),
        }
    }
}

async fn caller(
    ledger: Ledger,
    wallet_id: WalletId,
    name: usize,
    seen: Arc<Seen>,
    stop: Arc<AtomicBool>,
) {
    let mut round = 0u32;
    while !stop.load(Ordering::Relaxed) {
        let call_id = format!("{name}-{round}");
        certainly(&seen, || {
            ledger.authorize_call(ask(wallet_id, &call_id, LANDLINE))
        })
        .await;
        certainly(&seen, || ledger.answer_call(call(wallet_id, &call_id))).await;
        let beat = || ledger.update_call(call(wallet_id, &call_id), 1, 15);
        let granted = certainly(&seen, beat).await;
        // A crash may forget that it was said, never what was granted.
        assert_eq!(certainly(&seen, beat).await, granted);
        let talked = round % 290;
        let ended: Ended = certainly(&seen, || {
            ledger.end_call(call(wallet_id, &call_id), talked, "normal")
        })
        .await;
        seen.charged.lock().unwrap().push((wallet_id, ended.charge));
        round += 1;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killing_the_database_loses_and_doubles_nothing() {
    let wanted = if std::env::var_os(LONG).is_some() {
        ACKNOWLEDGED_LONG
    } else {
        ACKNOWLEDGED
    };
    // What was written before a kill must be on disk: that is the point.
    let mut cluster = Cluster::start(&["fsync=on", "restart_after_crash=off"]);
    let owner = PgPoolOptions::new()
        .connect_with(cluster.options())
        .await
        .unwrap();
    ledger::MIGRATOR.run(&owner).await.unwrap();
    owner.close().await;
    let books = Books::open(PgPoolOptions::new(), cluster.options()).await;
    books.add_rates().await;
    let seen = Arc::new(Seen::default());
    let stop = Arc::new(AtomicBool::new(false));
    let mut callers = Vec::new();
    for name in 0..CALLERS {
        let wallet_id = books.funded("1000", "5").await;
        callers.push(tokio::spawn(caller(
            books.ledger.clone(),
            wallet_id,
            name,
            seen.clone(),
            stop.clone(),
        )));
    }
    let mut kills = 0;
    while seen.acknowledged.load(Ordering::Relaxed) < wanted || kills < 3 {
        tokio::time::sleep(WORK).await;
        tokio::task::block_in_place(|| {
            cluster.kill();
            cluster.resume();
        });
        kills += 1;
        assert!(kills < 2_000, "the callers get nowhere");
    }
    stop.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
    let (acknowledged, unknown) = (
        seen.acknowledged.load(Ordering::Relaxed),
        seen.unknown.load(Ordering::Relaxed),
    );
    println!(
        "{kills} kills, {acknowledged} acts acknowledged, {unknown} answers lost or refused meanwhile"
    );
    assert!(unknown > 0, "no kill was felt");
    compare(&books, &seen).await;
}

/// Every acknowledged charge is there once, and nothing else is.
async fn compare(books: &Books, seen: &Seen) {
    books.assert_clean().await;
    let charged = seen.charged.lock().unwrap().clone();
    let written: i64 = sqlx::query_scalar("select count(*) from call where state = 'ended'")
        .fetch_one(&books.owner)
        .await
        .unwrap();
    assert_eq!(written, i64::try_from(charged.len()).unwrap());
    let total: Money =
        sqlx::query_scalar("select sum(amount) from transfer where kind = 'capture'")
            .fetch_one(&books.owner)
            .await
            .unwrap();
    assert_eq!(total, charged.iter().map(|charge| charge.1).sum());
}
