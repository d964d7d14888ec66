//! A thousand calls of a switch that repeats, reorders and forgets.

use std::collections::HashMap;

use domain::rate::{Pricing, UncheckedPricing};
use domain::{Money, WalletId};
use futures_util::StreamExt;
use futures_util::stream;
use ledger::Rules;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{LANDLINE, MOBILE, Switch, many_calls};

const CALLS: u64 = 1_000;
const WALLETS: usize = 25;

/// Numbers from a seed: the same storm at every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }
}

/// How a call went, as the switch believes.
#[derive(Debug)]
struct Record {
    wallet: WalletId,
    call_id: String,
    to: &'static str,
    /// None if the switch went silent: only these seconds were confirmed.
    talked: Result<i64, i64>,
    started: bool,
}

#[sqlx::test(migrations = "../migrations")]
async fn a_thousand_calls_of_a_careless_switch_are_charged_exactly(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let seed = 20_261_122;
    println!("seed {seed}");
    let rules = Rules {
        spend: domain::spend::SpendRules::none(),
        ..many_calls()
    };
    let switch = Switch::with_rules(pool, database, rules).await;
    let mut wallets = Vec::new();
    for index in 0..WALLETS {
        // Some run out of credit on the way.
        let (paid, bonus) = if index % 5 == 0 {
            ("0.35", "0.10")
        } else {
            ("400", "3")
        };
        wallets.push(switch.funded(paid, bonus).await);
    }
    let records: Vec<Record> = stream::iter(0..CALLS)
        .map(|n| careless(&switch, &wallets, seed, n))
        .buffer_unordered(8)
        .collect()
        .await;
    let started = records.iter().filter(|record| record.started).count();
    assert!(
        started > 500 && started < records.len(),
        "{started} calls started"
    );
    // Who was silent is given up; some of them report late.
    switch.clock.advance(time::Duration::hours(5));
    while switch.ledger.expire_calls().await.unwrap() > 0 {}
    compare(&switch, &records).await;
    switch.assert_clean().await;
}

async fn careless(switch: &Switch, wallets: &[WalletId], seed: u64, n: u64) -> Record {
    let mut dice = Dice(seed ^ n.wrapping_mul(0xD134_2543_DE82_EF95));
    let wallet = wallets[usize::try_from(dice.roll(WALLETS as u64)).unwrap()];
    let to = if dice.roll(2) == 0 { LANDLINE } else { MOBILE };
    let call_id = format!("storm-{n}");
    let mut record = Record {
        wallet,
        call_id: call_id.clone(),
        to,
        talked: Ok(0),
        started: false,
    };
    let first = switch.authorize(wallet, &call_id, to).await;
    if dice.roll(4) == 0 {
        assert_eq!(switch.authorize(wallet, &call_id, to).await, first);
    }
    if first.status != 201 {
        assert!(matches!(first.status, 402 | 429), "{first:?}");
        return record;
    }
    record.started = true;
    if dice.roll(6) == 0 {
        switch.end(wallet, &call_id, 0).await.expect(200);
        return record;
    }
    let granted = talk(switch, &mut dice, &record, &first.json()).await;
    let talked = i64::try_from(dice.roll(u64::try_from(granted).unwrap())).unwrap() + 1;
    if dice.roll(10) == 0 {
        // Silent: what it confirmed is all we know.
        record.talked = Err(0);
        return record;
    }
    record.talked = Ok(talked);
    let ended = switch.end(wallet, &call_id, talked).await;
    ended.expect(200);
    for _ in 0..dice.roll(3) {
        assert_eq!(switch.end(wallet, &call_id, talked).await, ended);
    }
    if dice.roll(5) == 0 {
        assert_eq!(switch.end(wallet, &call_id, talked + 1).await.status, 409);
    }
    record
}

/// Updates in any order, some twice, some never; returns the seconds that were granted in the end.
async fn talk(switch: &Switch, dice: &mut Dice, record: &Record, first: &Value) -> i64 {
    let (wallet, call_id) = (record.wallet, record.call_id.as_str());
    let mut granted = first["granted_seconds"].as_i64().unwrap();
    if dice.roll(5) > 0 {
        switch.answer(wallet, call_id).await.expect(200);
    }
    let mut sent = HashMap::new();
    for _ in 0..dice.roll(6) {
        let seq = i64::try_from(dice.roll(6)).unwrap() + 1;
        let talked = *sent.entry(seq).or_insert(granted * seq / 7);
        let beat = switch.update(wallet, call_id, seq, talked).await;
        if beat.status == 409 {
            // An older number that the books never saw stays as it was first told.
            continue;
        }
        let now = beat.expect(200)["granted_seconds"].as_i64().unwrap();
        granted = granted.max(now);
    }
    granted
}

/// Every charge worked out again from the switch's own records.
async fn compare(switch: &Switch, records: &[Record]) {
    for record in records {
        let path = format!("/wallets/{}/calls/{}", record.wallet, record.call_id);
        let call = switch.get(&path).await;
        if !record.started {
            assert_eq!(call.status, 404, "{record:?}");
            continue;
        }
        let call = call.expect(200);
        let (state, talked) = match record.talked {
            Ok(talked) => ("ended", talked),
            Err(_) => ("expired", call["confirmed_seconds"].as_i64().unwrap()),
        };
        let step = if record.to == MOBILE { 60 } else { 1 };
        let pricing = Pricing::try_from(UncheckedPricing {
            per_minute: "0.10".parse().unwrap(),
            connection_fee: Money::ZERO,
            initial_seconds: step,
            increment_seconds: step,
            max_seconds: 14_400,
        })
        .unwrap();
        let charge = pricing.charge(u32::try_from(talked).unwrap());
        let expected = json!(format!("{:.4}", charge.decimal()));
        assert_eq!(
            (&call["state"], &call["charge"]),
            (&json!(state), &expected),
            "{record:?} {call}"
        );
    }
}
