//! Records of calls whose end the wallet does not know, told until it does.

use super::{
    call::{Call, Exchange, Stage},
    line::{Sent, send},
};
use crate::world::Shared;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// What the wallet takes at once.
const BATCH: usize = 1000;
const BEAT: Duration = Duration::from_millis(250);
/// 1, 2, 4 … seconds between tries, then this.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Reports what is due. Until dropped.
pub(crate) async fn run(world: Shared) {
    loop {
        tokio::time::sleep(BEAT).await;
        let records = due(&world);
        if records.is_empty() {
            continue;
        }
        let body = json!(records).to_string();
        let sent = send(&world, &["reports"], body, false).await;
        let mut state = world.state();
        for record in records {
            let call_id = record["call_id"].as_str().unwrap_or_default();
            let Some(call) = state.switch.find_mut(call_id) else {
                continue;
            };
            settle(call, record.clone(), &sent);
        }
    }
}

/// Records to send now: all new ones together, or one that was not taken before, by itself, so
/// that it cannot stand in the way of others.
fn due(world: &Shared) -> Vec<Value> {
    let now = Instant::now();
    let state = world.state();
    let due = |call: &&Call| call.stage == Stage::Unreported && call.report.at <= now;
    let mut due = state.switch.calls().iter().filter(due);
    let new = due.clone().filter(|call| call.report.failures == 0);
    let new: Vec<Value> = new.take(BATCH).map(record).collect();
    if new.is_empty() {
        due.next().map(record).into_iter().collect()
    } else {
        new
    }
}

fn record(call: &Call) -> Value {
    let mut record = json!({
        "wallet": call.wallet,
        "call_id": call.call_id,
        "talked_seconds": call.talked_seconds,
        "cause": call.cause,
    });
    if let Some(answered_at) = &call.answered_at {
        record["answered_at"] = json!(answered_at);
    }
    record
}

/// What the answer says about one call; the exchange is kept without what concerns others.
fn settle(call: &mut Call, record: Value, sent: &Sent) {
    let answers = sent.reply.body.as_array();
    let own = answers.and_then(|all| all.iter().find(|one| one["call_id"] == record["call_id"]));
    let taken = own.filter(|_| sent.reply.is_success());
    call.exchanges.push(Exchange {
        sent: json!([record]),
        answer: taken.map_or_else(|| sent.reply.body.clone(), |own| json!([own])),
        ..sent.exchange.clone()
    });
    if let Some(own) = taken {
        call.stage = Stage::Reported;
        call.outcome = own["outcome"].as_str().map(str::to_owned);
    } else {
        let wait = Duration::from_secs(1 << call.report.failures.min(6)).min(LONGEST_WAIT);
        call.report.failures += 1;
        call.report.at = Instant::now() + wait;
    }
}
