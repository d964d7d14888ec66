//! The trial: rounds of purchases, each round under one fault of the network and one way of webhooks.

use std::collections::HashMap;
use std::time::Duration;

use domain::{Money, WalletId};
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use ledger::{IncomingMessage, StartTopUp};
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::cluster::Cluster;
use super::figures::{self, Figures};
use super::world::World;

/// What happens to requests that move money.
const FAULTS: [&str; 9] = [
    "500_before",
    "500_after_commit",
    "timeout_after_commit",
    "reset",
    "reset_after_commit",
    "truncated_body",
    "html_502",
    "429",
    "409",
];
/// Kept under the key at Stripe: such a charge is given up only once a look is sure to have found nothing.
const KEPT_FAILURE: &str = "500_before";
/// Faults of requests that only read; each is asked again soon.
const READ_FAULTS: [&str; 4] = ["500_before", "reset", "truncated_body", "429"];
/// From so many cases on every fault meets every way of webhooks, and nothing is hurried.
const WHOLE: usize = 200;
/// Purchases under way at once.
const AT_ONCE: usize = 8;
/// How long a credit may take without any webhook.
const UNTOLD_WITHIN: Duration = Duration::from_secs(60);

/// How events travel in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Normal,
    Duplicate,
    Reorder,
    Drop,
}

impl Way {
    const TOLD: [Self; 3] = [Self::Normal, Self::Duplicate, Self::Reorder];

    fn mode(self, seed: usize) -> Value {
        match self {
            Self::Normal => json!({ "mode": "normal" }),
            Self::Duplicate => json!({ "mode": "duplicate", "copies": 3 }),
            Self::Reorder => json!({ "mode": "reorder", "seed": seed }),
            Self::Drop => json!({ "mode": "drop" }),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Round {
    fault: &'static str,
    way: Way,
    top_ups: usize,
    refills: usize,
}

/// One purchase, and when its customer paid or its balance fell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) wallet_id: WalletId,
    pub(crate) begun: OffsetDateTime,
    pub(crate) is_refill: bool,
    pub(crate) is_told: bool,
    /// Whether the first request is the one that charges.
    pub(crate) charges_at_once: bool,
}

/// The rounds of so many cases, as equal as they can be, half of each kind.
fn rounds(cases: usize) -> Vec<Round> {
    let told = |(number, fault): (usize, &'static str)| {
        let ways = if cases < WHOLE {
            &Way::TOLD[number % 3..=number % 3]
        } else {
            &Way::TOLD[..]
        };
        ways.iter().map(move |way| (fault, *way))
    };
    let untold = if cases < WHOLE {
        &FAULTS[1..3]
    } else {
        &FAULTS[..]
    };
    let mut rounds: Vec<Round> = FAULTS
        .into_iter()
        .enumerate()
        .flat_map(told)
        .chain(untold.iter().map(|fault| (*fault, Way::Drop)))
        .map(|(fault, way)| Round {
            fault,
            way,
            top_ups: 0,
            refills: 0,
        })
        .collect();
    let count = rounds.len();
    for case in 0..cases {
        let round = &mut rounds[case % count];
        if (case / count + case % count).is_multiple_of(2) {
            round.refills += 1;
        } else {
            round.top_ups += 1;
        }
    }
    rounds
}

/// Runs so many cases and compares Stripe's record with the books.
pub(crate) async fn run(cluster: &Cluster, cases: usize) -> Figures {
    let world = World::start(cluster).await;
    let mut done = Vec::new();
    for (number, round) in rounds(cases).into_iter().enumerate() {
        println!(
            "{} top-ups and {} refills, {}, webhooks {:?}",
            round.top_ups, round.refills, round.fault, round.way
        );
        done.extend(run_round(&world, number, round).await);
    }
    if cases >= WHOLE {
        wait(&world, &done, UNTOLD_WITHIN, |_| true).await;
    }
    let figures = Figures::measured(&world, &done).await;
    // What was not settled by now waits for certainty: minutes, which pass at once here.
    for _ in 0..12 {
        if wait(&world, &done, Duration::from_secs(2), |_| true).await {
            break;
        }
        world.clock.advance(time::Duration::minutes(5));
    }
    figures.compared(&world, &done).await
}

async fn run_round(world: &World, number: usize, round: Round) -> Vec<Case> {
    let armed: Vec<WalletId> = stream::iter(0..round.refills)
        .map(|_| world.armed_wallet())
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    settle_down(world).await;
    world.control("webhooks/mode", round.way.mode(number)).await;
    plan_faults(world, round).await;
    let case = |wallet_id, begun, is_refill| Case {
        wallet_id,
        begun,
        is_refill,
        is_told: round.way != Way::Drop,
        charges_at_once: round.fault.ends_with("after_commit") || round.fault == "truncated_body",
    };
    let top_ups = stream::iter(0..round.top_ups)
        .map(|_| buy(world))
        .buffer_unordered(AT_ONCE)
        .map(|(wallet_id, begun)| case(wallet_id, begun, false))
        .collect::<Vec<Case>>();
    let refills = join_all(armed.into_iter().map(async |wallet_id| {
        let begun = world.clock.now();
        spend(world, wallet_id).await;
        case(wallet_id, begun, true)
    }));
    let (mut cases, refills) = tokio::join!(top_ups, refills);
    cases.extend(refills);
    if round.way == Way::Drop {
        settle_down(world).await;
        sleep(Duration::from_millis(500)).await;
    } else {
        let waits_for = |case: &Case| !(case.is_refill && round.fault == KEPT_FAILURE);
        wait(world, &cases, Duration::from_secs(30), waits_for).await;
    }
    world.control("faults/clear", json!({})).await;
    cases
}

/// As many faults as requests that move money, and some of those that read.
async fn plan_faults(world: &World, round: Round) {
    let plan = async |method: &str, path: &str, n: usize| {
        if n > 0 {
            let kind = round.fault;
            let fault = json!({
                "method": method, "path": path, "n": n, "kind": kind, "milliseconds": 3_000
            });
            world.control("faults", fault).await;
        }
    };
    plan("POST", "/v1/payment_intents", round.refills).await;
    plan("POST", "/v1/checkout/sessions", round.top_ups).await;
    if READ_FAULTS.contains(&round.fault) {
        plan("GET", "/v1/checkout/sessions/*", round.top_ups.div_ceil(8)).await;
        plan("GET", "/v1/payment_intents/*", round.refills.div_ceil(8)).await;
    }
}

/// Buys $25.00 as a person does, who clicks again when told that it did not work.
async fn buy(world: &World) -> (WalletId, OffsetDateTime) {
    let wallet_id = world.wallet().await;
    let start = StartTopUp {
        top_up_id: world.ledger.new_top_up_id(),
        amount: Money::from_dollars(25),
        save_card: None,
        wants_invoice: false,
    };
    for _ in 0..10 {
        if let Ok(page) = world.ledger.start_top_up(wallet_id, start).await {
            let begun = world.clock.now();
            world.pay(&page).await;
            return (wallet_id, begun);
        }
    }
    panic!("no payment page after ten clicks");
}

/// Lowers the balance below the threshold.
async fn spend(world: &World, wallet_id: WalletId) {
    let message = IncomingMessage {
        wallet_id,
        message_id: Uuid::now_v7().to_string(),
        switch_id: "bench".into(),
        sender: "15550100".into(),
        recipient: "15550101".into(),
        segments: 1,
        body: "hello".into(),
        price: Money::from_cents(1),
    };
    world.ledger.charge_message(message).await.unwrap();
}

/// Until every note of a fallen balance was decided about, and every decision sent once.
async fn settle_down(world: &World) {
    for _ in 0..100 {
        let open: i64 = sqlx::query_scalar(
            "select (select count(*) from refill_due where next_at <= now())
                 + (select count(*) from refill_attempt where state = 'created')",
        )
        .fetch_one(&world.owner)
        .await
        .unwrap();
        if open == 0 {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// Until these cases are credited; false if that took too long.
async fn wait(
    world: &World,
    cases: &[Case],
    within: Duration,
    waits_for: impl Fn(&Case) -> bool,
) -> bool {
    let end = Instant::now() + within;
    loop {
        let credits: HashMap<WalletId, _> = figures::credits(world).await;
        let missing = |case: &&Case| waits_for(case) && !credits.contains_key(&case.wallet_id);
        if !cases.iter().any(|case| missing(&case)) {
            return true;
        }
        if Instant::now() > end {
            return false;
        }
        sleep(Duration::from_millis(100)).await;
    }
}
