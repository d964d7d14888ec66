//! Closed-loop load: each of the callers asks again as soon as it is answered.

use std::future::Future;
use std::time::{Duration, Instant};

use domain::WalletId;
use ledger::{AuthorizeCall, CallRef, Ledger};
use rust_decimal::Decimal;
use sqlx::PgPool;

use crate::CONNECTIONS;

/// What a run came to: the time of each lifecycle, in microseconds.
pub(crate) struct Outcome {
    micros: Vec<u64>,
    took: Duration,
}

impl Outcome {
    pub(crate) fn per_second(&self) -> f64 {
        self.micros.len() as f64 / self.took.as_secs_f64()
    }

    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let at = (self.micros.len() * percent / 100).min(self.micros.len().saturating_sub(1));
        self.micros.get(at).copied().unwrap_or_default() as f64 / 1_000.0
    }

    pub(crate) fn print(&self, name: &str) {
        println!(
            "{name:<60} {:>8.0}/s   p50 {:>6.2} ms   p99 {:>6.2} ms",
            self.per_second(),
            self.percentile(50),
            self.percentile(99)
        );
    }
}

/// Runs one lifecycle after the other in each caller until the time is over.
async fn run<F>(
    time: Duration,
    lifecycle: impl Fn(u32, u64) -> F + Clone + Send + 'static,
) -> Outcome
where
    F: Future<Output = ()> + Send,
{
    let start = Instant::now();
    let callers: Vec<_> = (0..CONNECTIONS)
        .map(|caller| {
            let lifecycle = lifecycle.clone();
            tokio::spawn(async move {
                let (mut micros, mut round) = (Vec::new(), 0);
                while start.elapsed() < time {
                    let begun = Instant::now();
                    lifecycle(caller, round).await;
                    micros.push(u64::try_from(begun.elapsed().as_micros()).unwrap());
                    round += 1;
                }
                micros
            })
        })
        .collect();
    let mut micros = Vec::new();
    for caller in callers {
        micros.extend(caller.await.unwrap());
    }
    let took = start.elapsed();
    assert!(micros.len() > 100, "too few lifecycles to say anything");
    micros.sort_unstable();
    Outcome { micros, took }
}

/// Which wallet a caller takes next: all in turn, each caller starting elsewhere.
fn pick(wallets: &[WalletId], caller: u32, round: u64) -> WalletId {
    let step = u64::from(caller) * 625 + round * 7;
    wallets[usize::try_from(step).unwrap() % wallets.len()]
}

/// Whole calls through the ledger as the charging door uses it.
pub(crate) async fn lifecycles(
    ledger: &Ledger,
    wallets: &[WalletId],
    time: Duration,
    name: &'static str,
) -> Outcome {
    let (ledger, wallets) = (ledger.clone(), wallets.to_vec());
    run(time, move |caller, round| {
        let ledger = ledger.clone();
        let wallet_id = pick(&wallets, caller, round);
        async move { one_call(&ledger, wallet_id, format!("{name}-{caller}-{round}")).await }
    })
    .await
}

pub(crate) async fn one_call(ledger: &Ledger, wallet_id: WalletId, call_id: String) {
    authorize(ledger, wallet_id, &call_id).await;
    end(ledger, wallet_id, call_id).await;
}

pub(crate) async fn authorize(ledger: &Ledger, wallet_id: WalletId, call_id: &str) {
    let ask = AuthorizeCall {
        wallet_id,
        call_id: call_id.to_owned(),
        switch_id: "bench".into(),
        caller: None,
        callee: "525512345678".into(),
    };
    ledger.authorize_call(ask).await.unwrap();
}

pub(crate) async fn end(ledger: &Ledger, wallet_id: WalletId, call_id: String) {
    let call = CallRef {
        wallet_id,
        call_id,
        switch_id: "bench".into(),
    };
    ledger.end_call(call, 3, "normal").await.unwrap();
}

/// The least that two commits can be: each one guarded update and one insert, in one statement.
pub(crate) struct Limits {
    pool: PgPool,
    run: u32,
}

impl Limits {
    pub(crate) async fn prepare(owner: &PgPool, wallets: &[WalletId]) -> Self {
        sqlx::raw_sql(
            "create table limit_wallet (wallet_id uuid primary key, balance numeric(18, 4) not null, version bigint not null);
             create table limit_entry (wallet_id uuid not null, seq bigint not null, amount numeric(18, 4) not null,
                 reference text not null, created_at timestamptz not null default clock_timestamp(),
                 primary key (wallet_id, seq))",
        )
        .execute(owner)
        .await
        .unwrap();
        sqlx::query("insert into limit_wallet select unnest($1::uuid[]), 1000000, 0")
            .bind(wallets)
            .execute(owner)
            .await
            .unwrap();
        Self {
            pool: owner.clone(),
            run: 0,
        }
    }

    pub(crate) async fn run(&mut self, wallets: &[WalletId], time: Duration) -> Outcome {
        self.run += 1;
        let (pool, wallets, number) = (self.pool.clone(), wallets.to_vec(), self.run);
        run(time, move |caller, round| {
            let pool = pool.clone();
            let wallet_id = pick(&wallets, caller, round);
            async move {
                for amount in [Decimal::new(5, 1), Decimal::new(-5, 1)] {
                    let done = sqlx::query(
                        "with changed as (
                             update limit_wallet set balance = balance - $2, version = version + 1
                             where wallet_id = $1 and balance >= $2 returning version
                         )
                         insert into limit_entry (wallet_id, seq, amount, reference)
                         select $1, version, $2, $3 from changed",
                    )
                    .bind(wallet_id)
                    .bind(amount)
                    .bind(format!("{number}-{caller}-{round}"))
                    .execute(&pool)
                    .await
                    .unwrap();
                    assert_eq!(done.rows_affected(), 1);
                }
            }
        })
        .await
    }
}
