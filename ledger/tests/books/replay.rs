//! Histories written by many at once, replayed one entry after the other: if the rules, applied in the
//! order of the numbers, lead to what the rows show, then what happened at once happened in some order.

use std::time::Duration;

use domain::wallet::Move;
use domain::{Wallet, WalletId};
use ledger::{Adjust, Error, GrantCredit, GrantSource};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

use super::call::open;
use crate::support::calls::{LANDLINE, MOBILE, ask, call};
use crate::support::{Books, money};

const WALLETS: usize = 4;
const CALLERS: u64 = 8;
/// Acts of each caller.
const ACTS: u32 = 90;
/// Acts of a caller on the calls of one moment; then all go on to the next ones.
const MOMENT: u32 = 6;

/// How many acts were done, and how many were refused.
#[derive(Default)]
struct Tally {
    done: u32,
    refused: u32,
}

impl Tally {
    fn count<T>(&mut self, outcome: Result<T, Error>) {
        match outcome {
            Ok(_) => self.done += 1,
            Err(error @ (Error::Unavailable { .. } | Error::Busy)) => {
                panic!("never done: {error:?}")
            }
            Err(_) => self.refused += 1,
        }
    }
}

/// Comes again, as everybody is told to who finds the books busy.
async fn patiently<T>(act: impl AsyncFn() -> Result<T, Error>) -> Result<T, Error> {
    for _ in 0..10 {
        match act().await {
            Err(Error::Busy) => tokio::time::sleep(Duration::from_millis(200)).await,
            outcome => return outcome,
        }
    }
    act().await
}

/// Any act on one of two calls that all callers know at this moment, so that they meet.
async fn one_act(
    books: &Books,
    wallets: &[WalletId],
    random: &mut StdRng,
    tally: &mut Tally,
    n: u32,
) {
    let moment = n / MOMENT;
    let wallet_id = wallets[moment as usize % wallets.len()];
    let name = format!("{moment}-{}", random.random_range(0..2));
    match random.random_range(0..10) {
        0..=3 => {
            let callee = if name.ends_with('0') {
                LANDLINE
            } else {
                MOBILE
            };
            let ask = ask(wallet_id, &name, callee);
            tally.count(patiently(async || books.ledger.authorize_call(ask.clone()).await).await);
        }
        4 | 5 => {
            let talked = random.random_range(1..400);
            let call = call(wallet_id, &name);
            tally.count(
                patiently(async || books.ledger.update_call(call.clone(), 1, talked).await).await,
            );
        }
        6..=8 => {
            let talked = random.random_range(0..400);
            let call = call(wallet_id, &name);
            tally.count(
                patiently(async || books.ledger.end_call(call.clone(), talked, "normal").await)
                    .await,
            );
        }
        _ => {
            let adjust = Adjust {
                wallet_id,
                adjustment_id: Uuid::now_v7(),
                amount: money(if random.random_bool(0.5) {
                    "0.25"
                } else {
                    "-0.75"
                }),
                reason: "replayed".into(),
                author: "Ines".into(),
                credit_expires_at: None,
            };
            tally.count(patiently(async || books.ledger.adjust(adjust.clone()).await).await);
        }
    }
}

/// Applies the rules to the entries in the order of their numbers and compares every balance they show.
/// Returns where it ends, and how many entries there were.
async fn replay(books: &Books, wallet_id: WalletId) -> (Wallet, usize) {
    let mut entries = Vec::new();
    let mut before = None;
    loop {
        let page = books.ledger.entries(wallet_id, before).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.seq);
        entries.extend(page);
    }
    entries.reverse();
    let mut wallet = Wallet::default();
    for entry in &entries {
        let step = Move {
            kind: entry.kind,
            from: entry.from,
            to: entry.to,
            amount: entry.amount,
            promotional: entry.promotional,
        };
        wallet = wallet.after(&step).unwrap();
        let shown = (
            entry.seq,
            entry.available_after,
            entry.held_after,
            entry.promotional_after,
            entry.debt_after,
        );
        let followed = (
            wallet.version,
            wallet.available(),
            wallet.held,
            wallet.promotional,
            wallet.debt,
        );
        assert_eq!(shown, followed, "entry {} of {wallet_id}", entry.seq);
    }
    (wallet, entries.len())
}

#[sqlx::test(migrations = "../migrations")]
async fn what_many_wrote_at_once_follows_from_the_rules_in_the_order_of_its_numbers(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let books = open(pool, database).await;
    let mut wallets = Vec::new();
    for _ in 0..WALLETS {
        wallets.push(books.funded("3", "0.60").await);
    }
    let grant = GrantCredit {
        wallet_id: wallets[0],
        grant_id: "welcome".into(),
        source: GrantSource::Promo,
        amount: money("1"),
        reason: "welcome".into(),
        expires_at: None,
    };
    books.ledger.grant_credit(grant).await.unwrap();
    let seed: u64 = rand::rng().random();
    println!("seed {seed}");
    let callers = (0..CALLERS).map(|caller| {
        let (books, wallets) = (&books, &wallets);
        async move {
            let mut random = StdRng::seed_from_u64(seed.wrapping_add(caller));
            let mut tally = Tally::default();
            for n in 0..ACTS {
                one_act(books, wallets, &mut random, &mut tally, n).await;
            }
            tally
        }
    });
    let tallies = futures_util::future::join_all(callers).await;
    let done: u32 = tallies.iter().map(|tally| tally.done).sum();
    let refused: u32 = tallies.iter().map(|tally| tally.refused).sum();
    let mut replayed = 0;
    for wallet_id in wallets {
        let (wallet, entries) = replay(&books, wallet_id).await;
        assert_eq!(wallet, books.ledger.wallet(wallet_id).await.unwrap());
        replayed += entries;
    }
    println!("{done} acts done, {refused} refused, {replayed} entries replayed");
    assert!(done >= 60 && refused >= 10 && replayed >= 60);
    books.assert_clean().await;
}
