//! Wallets with a past, and what a long past costs.

use std::time::Instant;

use domain::WalletId;
use domain::history::{Cursor, HistoryFilter};
use ledger::Ledger;
use sqlx::PgPool;
use time::OffsetDateTime;

use crate::load;

/// Acts timed for one figure; the median counts.
const SAMPLES: usize = 400;
/// Wallets written in one statement while growing.
const WALLETS_AT_ONCE: usize = 500;

/// One rate.
pub(crate) async fn rates(owner: &PgPool) {
    sqlx::raw_sql(
        "insert into price_list (price_list_id, name) values (1, 'bench');
         insert into rate (prefix, valid_from, destination, kind, per_minute, price_list_id)
         values ('52', '2020-01-01', 'Mexico', 'landline', 0.01, 1)",
    )
    .execute(owner)
    .await
    .unwrap();
}

/// Wallets with ten thousand dollars each.
pub(crate) async fn wallets(owner: &PgPool, count: i64) -> Vec<WalletId> {
    sqlx::query_scalar(
        "with opened as (
             insert into wallet (wallet_id, paid, version)
             select gen_random_uuid(), 10000, 1 from generate_series(1, $1::bigint) returning wallet_id
         ), bought as (
             insert into top_up (wallet_id, top_up_id, source, state, amount, bonus, idempotency_key,
                 checkout_expires_at, return_origin, next_check_at, settled_at, stripe_payment_id, started_at)
             select wallet_id, wallet_id, 'manual', 'settled', 10000, 0, 'k', now(), '', now(), now(),
                 'pi_' || wallet_id, '2020-01-01'
             from opened
         ), entered as (
             insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
                 available_after, held_after, promotional_after, debt_after, subject, subject_id)
             select wallet_id, 1, 'top_up', 'stripe_clearing', 'available', 10000, 0, 10000, 0, 0, 0,
                 'top_up', wallet_id::text
             from opened
         )
         select wallet_id from opened",
    )
    .bind(count)
    .fetch_all(owner)
    .await
    .unwrap()
}

/// The wallets that are asked about, and what that took while the database was young.
pub(crate) struct Growth {
    asked: Vec<WalletId>,
    young: Figures,
}

impl Growth {
    /// Wallets with a few pages of past, timed.
    pub(crate) async fn begin(owner: &PgPool, ledger: &Ledger) -> Self {
        let asked = wallets(owner, 100).await;
        add_calls(owner, &asked, 200).await;
        sqlx::raw_sql("vacuum analyze")
            .execute(owner)
            .await
            .unwrap();
        // The first round fills caches and prepares statements.
        Figures::measure(ledger, &asked, "first").await;
        let young = Figures::measure(ledger, &asked, "young").await;
        young.print(&format!("with {} transfers", count(owner).await));
        Self { asked, young }
    }

    /// Grows the database, asks again, and checks all of it; returns the members of the JSON line.
    pub(crate) async fn finish(
        &self,
        owner: &PgPool,
        ledger: &Ledger,
        wallets: &[WalletId],
        transfers: u64,
    ) -> String {
        let missing = transfers.saturating_sub(count(owner).await.unsigned_abs());
        let each = i64::try_from(missing / 3 / wallets.len() as u64).unwrap();
        let begun = Instant::now();
        add_calls(owner, wallets, each).await;
        add_calls(owner, &self.asked, each).await;
        let total = count(owner).await;
        println!(
            "grown to {total} transfers in {:.0} s",
            begun.elapsed().as_secs_f64()
        );
        // Each by itself: neither may run within a transaction.
        for settle in ["vacuum analyze", "checkpoint"] {
            sqlx::raw_sql(settle).execute(owner).await.unwrap();
        }
        // The quick check looks at what happens from here on: the acts measured below.
        let since = OffsetDateTime::now_utc();
        Figures::measure(ledger, &self.asked, "again").await;
        let (young, old) = (
            &self.young,
            Figures::measure(ledger, &self.asked, "old").await,
        );
        old.print(&format!("with {total} transfers"));
        let verify = check(ledger, None).await;
        let quick = check(ledger, Some(since)).await;
        println!("verify of {total} transfers {verify:.1} s, of what came after them {quick:.2} s");
        format!(
            "\"growth\":{{\"authorize\":{:.2},\"end\":{:.2},\"balance\":{:.2},\"history_first\":{:.2},\
             \"history_deep\":{:.2}}},\"transfers\":{total},\"verify_s\":{verify:.1},\"verify_since_s\":{quick:.2}",
            old.authorize / young.authorize,
            old.end / young.end,
            old.balance / young.balance,
            old.history_first / young.history_first,
            old.history_deep / young.history_deep,
        )
    }
}

/// Seconds that a clean check took.
async fn check(ledger: &Ledger, since: Option<OffsetDateTime>) -> f64 {
    let begun = Instant::now();
    let report = ledger.verify(since).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
    begun.elapsed().as_secs_f64()
}

async fn count(owner: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from transfer")
        .fetch_one(owner)
        .await
        .unwrap()
}

/// Gives each wallet this many past calls, written straight into the tables as the ledger would.
async fn add_calls(owner: &PgPool, wallets: &[WalletId], each: i64) {
    for part in wallets.chunks(WALLETS_AT_ONCE) {
        sqlx::query(include_str!("add_calls.sql"))
            .bind(part)
            .bind(each)
            .execute(owner)
            .await
            .unwrap();
    }
}

/// Median times in microseconds.
struct Figures {
    authorize: f64,
    end: f64,
    balance: f64,
    history_first: f64,
    history_deep: f64,
}

impl Figures {
    async fn measure(ledger: &Ledger, wallets: &[WalletId], name: &str) -> Self {
        let mut times: [Vec<f64>; 5] = Default::default();
        let filter = HistoryFilter::default();
        for sample in 0..SAMPLES {
            let wallet_id = wallets[sample % wallets.len()];
            let call_id = format!("{name}-{sample}");
            // Days deep in the past: what lies before is skipped by the index, not read.
            let deep = Cursor {
                at_micros: 1_687_000_000_000_000,
                id: "c0".into(),
            };
            times[0].push(timed(load::authorize(ledger, wallet_id, &call_id)).await);
            times[1].push(timed(load::end(ledger, wallet_id, call_id)).await);
            times[2].push(timed(async { ledger.wallet(wallet_id).await.map(drop).unwrap() }).await);
            times[3].push(
                timed(async {
                    ledger
                        .history(wallet_id, &filter, None)
                        .await
                        .map(drop)
                        .unwrap()
                })
                .await,
            );
            times[4].push(
                timed(async {
                    ledger
                        .history(wallet_id, &filter, Some(&deep))
                        .await
                        .map(drop)
                        .unwrap()
                })
                .await,
            );
        }
        let [authorize, end, balance, history_first, history_deep] = times.map(median);
        Self {
            authorize,
            end,
            balance,
            history_first,
            history_deep,
        }
    }

    fn print(&self, name: &str) {
        println!(
            "{name}: authorize {:.0}, end {:.0}, balance {:.0}, first page {:.0}, deep page {:.0} µs",
            self.authorize, self.end, self.balance, self.history_first, self.history_deep
        );
    }
}

async fn timed(act: impl Future<Output = ()>) -> f64 {
    let begun = Instant::now();
    act.await;
    begun.elapsed().as_secs_f64() * 1_000_000.0
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
