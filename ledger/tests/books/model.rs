//! Random acts on a real database beside a page of Rust that says what they should do.

use std::collections::HashMap;

use domain::adjustment::AdjustmentState;
use domain::rate::{Pricing, UncheckedPricing};
use domain::{Money, WalletId};
use ledger::{Adjust, Error, GrantCredit, GrantSource};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::Duration;
use uuid::Uuid;

use super::call::open;
use crate::support::calls::{LANDLINE, ask, call};
use crate::support::{Books, money};

/// What a wallet should hold; balances only, rules in a line each.
#[derive(Default)]
struct Model {
    paid: Money,
    promotional: Money,
    calls: HashMap<String, Money>,
}

impl Model {
    fn held(&self) -> Money {
        self.calls.values().copied().sum()
    }

    fn available(&self) -> Money {
        self.paid + self.promotional - self.held()
    }

    fn spend(&mut self, amount: Money) {
        let given = amount.min(self.promotional);
        self.promotional -= given;
        self.paid -= amount - given;
    }
}

/// How often each act worked and was refused.
#[derive(Default, Debug)]
struct Tally {
    done: HashMap<&'static str, u32>,
    refused: HashMap<&'static str, u32>,
}

impl Tally {
    fn count<T>(&mut self, act: &'static str, outcome: &Result<T, Error>) -> bool {
        let counts = match outcome {
            Ok(_) => &mut self.done,
            Err(Error::Declined(_)) => &mut self.refused,
            Err(error) => panic!("{act}: {error}"),
        };
        *counts.entry(act).or_default() += 1;
        outcome.is_ok()
    }
}

fn pricing() -> Pricing {
    Pricing::try_from(UncheckedPricing {
        per_minute: "0.10".parse().unwrap(),
        connection_fee: Money::ZERO,
        initial_seconds: 1,
        increment_seconds: 1,
        max_seconds: 14_400,
    })
    .unwrap()
}

async fn one_act(
    books: &Books,
    wallet_id: WalletId,
    model: &mut Model,
    tally: &mut Tally,
    random: &mut StdRng,
    number: usize,
) {
    let running: Vec<String> = model.calls.keys().cloned().collect();
    let some_call = || running.first().cloned();
    match random.random_range(0..6) {
        0 | 1 => {
            let call_id = format!("c{number}");
            let outcome = books
                .ledger
                .authorize_call(ask(wallet_id, &call_id, LANDLINE))
                .await;
            let may = model.calls.len() < 2 && model.available() >= money("0.1");
            assert_eq!(tally.count("authorize", &outcome), may, "act {number}");
            if let Ok(answer) = outcome {
                assert_eq!(answer.held, money("0.5").min(model.available()));
                model.calls.insert(call_id, answer.held);
            }
        }
        2 => {
            let Some(call_id) = some_call() else { return };
            let talked = random.random_range(0..900);
            let outcome = books
                .ledger
                .end_call(call(wallet_id, &call_id), talked, "normal")
                .await;
            tally.count("end", &outcome);
            let held = model.calls.remove(&call_id).unwrap();
            // The hold is free again by now: all of it may be spent on this call.
            let charge = pricing()
                .charge(talked)
                .min(held + (model.available() - held));
            assert_eq!(outcome.unwrap().charge, charge, "act {number}");
            model.spend(charge);
        }
        3 => {
            let Some(call_id) = some_call() else { return };
            let before = model.calls[&call_id];
            let talked = pricing().talk_time(before);
            let outcome = books
                .ledger
                .update_call(
                    call(wallet_id, &call_id),
                    i64::try_from(number).unwrap() + 1,
                    talked,
                )
                .await;
            tally.count("update", &outcome);
            let after = outcome.unwrap();
            assert!(after.held >= before && after.held - before <= model.available());
            model.calls.insert(call_id, after.held);
        }
        4 => {
            let amount = Money::from_cents(random.random_range(-300..300));
            let outcome = books
                .ledger
                .adjust(Adjust {
                    wallet_id,
                    adjustment_id: Uuid::now_v7(),
                    amount,
                    reason: "model".into(),
                    author: "model".into(),
                    credit_expires_at: None,
                })
                .await;
            let may =
                !amount.is_zero() && (amount.is_positive() || model.available() >= amount.abs());
            assert_eq!(tally.count("adjust", &outcome), may, "act {number}");
            if may {
                assert_eq!(outcome.unwrap(), AdjustmentState::Posted);
                if amount.is_positive() {
                    model.paid += amount;
                } else {
                    model.spend(amount.abs());
                }
            }
        }
        _ => {
            let amount = Money::from_cents(random.random_range(1..100));
            let outcome = books
                .ledger
                .grant_credit(GrantCredit {
                    wallet_id,
                    grant_id: format!("g{number}"),
                    source: GrantSource::Promo,
                    amount,
                    reason: "model".into(),
                    expires_at: Some(books.clock.now() + Duration::days(30)),
                })
                .await;
            assert!(tally.count("grant", &outcome));
            model.promotional += amount;
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn the_database_does_what_the_model_says(pool: PgPoolOptions, database: PgConnectOptions) {
    let books = open(pool, database).await;
    let seed: u64 = rand::rng().random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut tally = Tally::default();
    for _ in 0..8 {
        let wallet_id = books.wallet().await;
        let mut model = Model::default();
        for number in 0..80 {
            one_act(
                &books,
                wallet_id,
                &mut model,
                &mut tally,
                &mut random,
                number,
            )
            .await;
            let wallet = books.ledger.wallet(wallet_id).await.unwrap();
            let seen = (wallet.paid, wallet.promotional, wallet.held);
            assert_eq!(
                seen,
                (model.paid, model.promotional, model.held()),
                "seed {seed}, act {number}"
            );
        }
    }
    println!("{tally:?}");
    for act in ["authorize", "end", "update", "adjust", "grant"] {
        assert!(
            tally.done.get(act).copied().unwrap_or(0) >= 20,
            "{act} hardly happened: {tally:?}"
        );
    }
    for act in ["authorize", "adjust"] {
        assert!(
            tally.refused.contains_key(act),
            "{act} was never refused: {tally:?}"
        );
    }
    books.assert_clean().await;
}
