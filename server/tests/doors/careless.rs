//! A thousand calls of the sandbox's switch, which misbehaves in every way it can, against a whole
//! server; then each charge is worked out again from what the switch wrote down.

use domain::{Money, WalletId};
use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::switchboard::LANDLINE;
use crate::world::{World, money};

const WALLETS: u64 = 20;
const CALLS_EACH: u64 = 50;
const OUTCOMES: [&str; 10] = [
    "answered",
    "not_answered",
    "busy",
    "hangs_up",
    "ignores_stop",
    "silent",
    "reports_late",
    "repeats",
    "reorders",
    "garbles",
];
const NUMBERS: [&str; 3] = [LANDLINE, "5215512345678", "442071838750"];

/// Numbers from a seed: the same storm at every run.
fn roll(seed: &mut u64, sides: u64) -> u64 {
    // SplitMix64.
    *seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) % sides
}

#[sqlx::test(migrations = "../migrations")]
async fn a_thousand_calls_of_the_careless_switch_are_charged_by_its_own_records(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let world = World::without_workers(pool, database).await;
    world.open_switch(1_000).await;
    let mut wallets = Vec::new();
    for index in 0..WALLETS {
        // Some run out of credit on the way.
        let credit = if index % 5 == 0 { "0.60" } else { "15" };
        wallets.push(world.person_with(credit).await.wallet_id);
    }
    let records: Vec<Value> = join_all(
        wallets
            .iter()
            .zip(0..)
            .map(|(wallet_id, index)| calls_of(&world, *wallet_id, index)),
    )
    .await
    .concat();
    assert_eq!(records.len() as u64, WALLETS * CALLS_EACH);
    let mut charged = 0;
    for record in &records {
        charged += usize::from(compare(&world, record).await);
    }
    assert!(charged > 400, "only {charged} calls were charged");
    recompute(&world).await;
    world.assert_clean().await;
}

/// One wallet's calls, one after another; what the switch wrote down of each.
async fn calls_of(world: &World, wallet_id: WalletId, index: u64) -> Vec<Value> {
    let mut seed = 20_261_128 + index;
    let mut records = Vec::new();
    for number in 0..CALLS_EACH {
        let call_id = format!("careless-{index}-{number}");
        let outcome = OUTCOMES[roll(&mut seed, 10) as usize];
        let to = NUMBERS[roll(&mut seed, 3) as usize];
        let talk = 1 + roll(&mut seed, 75);
        let after = match outcome {
            "silent" => talk,
            "reports_late" | "not_answered" => 3,
            _ => talk.min(5),
        };
        let plan =
            json!({ "outcome": outcome, "after": after, "talk": talk, "ring": 1, "beyond": 40 });
        world
            .control(
                "switch/originate",
                json!({ "call_id": call_id, "wallet": wallet_id, "to": format!("+{to}"), "plan": plan }),
            )
            .await;
        records.push(world.until_over(&call_id).await);
        if outcome == "silent" {
            give_up(world, &call_id).await;
        }
    }
    records
}

/// Its time runs out at once: two silent calls would keep the wallet from calling at all.
async fn give_up(world: &World, call_id: &str) {
    sqlx::query("update call set expires_at = now() - interval '1 second' where call_id = $1 and ended_at is null")
        .bind(call_id)
        .execute(&world.owner)
        .await
        .unwrap();
    world.ledger.expire_calls().await.unwrap();
}

/// Whether anything was charged, and that it is what the switch's own record comes to.
async fn compare(world: &World, record: &Value) -> bool {
    let call_id = record["call_id"].as_str().unwrap();
    let exchanges = record["exchanges"].as_array().unwrap();
    for exchange in exchanges {
        let refused = exchange["garbled"] != true || exchange["status"].as_u64() >= Some(400);
        assert!(
            refused || exchange["sent"] == json!([]),
            "nonsense was understood: {exchange}"
        );
        assert_ne!(exchange["same_as_first"], false, "{exchange}");
    }
    let authorized = exchanges
        .iter()
        .find(|exchange| exchange["status"] == 201 && exchange["garbled"] != true);
    let row: Option<(Money, Money, i64)> = sqlx::query_as(
        "select charge, shrinkage, talked_seconds from call where call_id = $1 and ended_at is not null",
    )
    .bind(call_id)
    .fetch_optional(&world.owner)
    .await
    .unwrap();
    let Some(authorized) = authorized else {
        assert_eq!(row, None, "{record}");
        return false;
    };
    let (charge, shrinkage, talked) = row.unwrap_or_else(|| panic!("no end: {record}"));
    // A silent switch is believed up to what it last confirmed.
    let confirmed = exchanges
        .iter()
        .filter(|exchange| exchange["status"] == 200)
        .filter_map(|exchange| exchange["sent"]["talked_seconds"].as_i64())
        .max();
    let expected = match record["stage"].as_str() {
        Some("silent") => confirmed.unwrap_or_default(),
        _ => record["talked_seconds"].as_i64().unwrap(),
    };
    assert_eq!(talked, expected, "{record}");
    let cost = cost(&authorized["answer"]["rate"], talked);
    assert_eq!(charge + shrinkage, cost, "{record}");
    if shrinkage.is_positive() {
        assert_eq!(record["plan"]["outcome"], "ignores_stop", "{record}");
    }
    charge.is_positive()
}

/// In whole hundred millionths of a dollar, from the text of the answer: none of our own code.
fn cost(rate: &Value, talked: i64) -> Money {
    let parts = |name: &str| -> i128 {
        let text = rate[name].as_str().unwrap();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        format!("{whole}{fraction:0<8}").parse().unwrap()
    };
    let steps = |name: &str| i128::from(rate[name].as_i64().unwrap());
    let (initial, increment) = (steps("initial_seconds"), steps("increment_seconds"));
    let talked = i128::from(talked);
    if talked == 0 {
        return Money::ZERO;
    }
    let mut billed = initial;
    while billed < talked {
        billed += increment;
    }
    let exact = parts("connection_fee") * 60 + parts("per_minute") * billed;
    // Sixtieths of hundred millionths; 600,000 of them are the smallest amount. Half is up.
    let units = (exact + 300_000) / 600_000;
    money(&format!("{}.{:04}", units / 10_000, units % 10_000))
}

/// The auditor's script finds nothing, and looked at something.
async fn recompute(world: &World) {
    let wrong: Vec<(String, String)> = sqlx::query_as(include_str!("recompute.sql"))
        .fetch_all(&world.owner)
        .await
        .unwrap();
    assert_eq!(wrong, []);
    let one = "update call set per_minute = per_minute + 0.01 where call_id =
        (select call_id from call where charge > 0 and not estimated order by call_id limit 1)";
    let mut tx = world.owner.begin().await.unwrap();
    sqlx::query(one).execute(&mut *tx).await.unwrap();
    let wrong: Vec<(String, String)> = sqlx::query_as(include_str!("recompute.sql"))
        .fetch_all(&mut *tx)
        .await
        .unwrap();
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    tx.rollback().await.unwrap();
}
