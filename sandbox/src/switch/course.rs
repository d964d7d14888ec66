//! The course of a call: asked, rung, answered, talked, ended.

use super::{
    call::{Call, Due, Stage},
    line::{Line, Reply, Step},
    plan::{Outcome, Plan},
    talk::{Grant, Over, Talk},
    watch::{Watch, Woken},
};
use crate::world::Shared;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Before the second and the third try of what got no answer.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];

/// Runs calls as they are placed. Until dropped; then they fall silent.
pub(crate) async fn run(world: Shared) {
    let mut calls = JoinSet::new();
    loop {
        tokio::select! {
            () = world.dial.notified() => {
                for call in placed(&world) {
                    calls.spawn(take(Line::new(world.clone(), &call), call));
                }
            }
            Some(done) = calls.join_next() => {
                if let Err(error) = done {
                    tracing::error!(%error, "a call broke off");
                }
            }
        }
    }
}

fn placed(world: &Shared) -> Vec<Call> {
    let mut state = world.state();
    let calls = state.switch.calls_mut();
    calls
        .filter(|call| call.stage == Stage::Placed)
        .map(|call| {
            call.stage = Stage::Ringing;
            call.clone()
        })
        .collect()
}

async fn take(mut line: Line, call: Call) {
    let (world, plan, bell) = (line.world.clone(), call.plan.clone(), call.hangup.clone());
    let Some(granted) = authorize(&mut line, &call).await else {
        return;
    };
    let pace = world.state().switch.pace();
    let mut watch = Watch::start(pace);
    let ring = plan.ring_seconds();
    let rung = watch.wait_until(&world, ring, &bell).await;
    let in_vain = match (rung, plan.outcome) {
        (Woken::HungUp, _) => Some("canceled"),
        (_, Outcome::Busy) => Some("busy"),
        (_, Outcome::NotAnswered) => Some("not_answered"),
        _ => None,
    };
    if let Some(cause) = in_vain {
        return end(line, &plan, 0, cause, None).await;
    }
    let watch = Watch::start(world.state().switch.pace());
    let Some(granted) = answer(&mut line, granted).await else {
        return give_up(&line, 0);
    };
    let talk = Talk::new(&mut line, &plan, &bell, watch, granted);
    match talk.run().await {
        Over::Ended {
            talked,
            cause,
            held_back,
        } => end(line, &plan, talked, cause, held_back).await,
        Over::WalletEnded { talked } => give_up(&line, talked),
        Over::Silent => line.note(|call| call.stage = Stage::Silent),
    }
}

/// What may be talked; `None` when the call may not ring.
async fn authorize(line: &mut Line, call: &Call) -> Option<Grant> {
    let mut body = json!({ "call_id": call.call_id, "to": call.to });
    if let Some(from) = &call.from {
        body["from"] = json!(from);
    }
    let reply = insist(line, Step::Authorize, &body, |reply| reply.status == 0).await;
    let granted = Grant::read(&reply);
    line.note(|call| match &granted {
        Some(granted) => granted.note(call),
        None if reply.status == 0 => {
            // The wallet may hold credit for it without our knowing.
            call.stage = Stage::Unreported;
            call.cause = Some("not_placed".to_owned());
            call.report = Due::default();
        }
        None => {
            call.stage = Stage::Refused;
            call.refusal = Some(reply.word());
        }
    });
    granted
}

/// Starts the clock; `None` when the wallet knows of no such call any more. A wallet that cannot
/// be reached now hears of the answer with the next update.
async fn answer(line: &mut Line, granted: Grant) -> Option<Grant> {
    line.note(|call| call.stage = Stage::Talking);
    let reply = insist(line, Step::Answer, &json!({}), Reply::is_open).await;
    if !reply.is_success() {
        return reply.is_open().then_some(granted);
    }
    let now = Grant::read(&reply).unwrap_or(granted);
    line.note(|call| {
        call.answered_at = reply.body["answered_at"].as_str().map(str::to_owned);
        now.note(call);
    });
    Some(now)
}

/// Asks up to three times, while the answer leaves it open.
async fn insist(
    line: &mut Line,
    step: Step,
    body: &Value,
    is_open: impl Fn(&Reply) -> bool,
) -> Reply {
    let mut reply = line.ask(step, body.clone()).await;
    for pause in PAUSES {
        if !is_open(&reply) {
            break;
        }
        tokio::time::sleep(pause).await;
        reply = line.ask(step, body.clone()).await;
    }
    reply
}

/// Tells the end, once. What could not be told is kept for a report.
async fn end(mut line: Line, plan: &Plan, talked: u64, cause: &str, held_back: Option<Value>) {
    line.note(|call| {
        call.talked_seconds = talked;
        call.cause = Some(cause.to_owned());
    });
    if plan.outcome == Outcome::ReportsLate {
        let pace = line.world.state().switch.pace();
        let wait = Duration::from_secs(plan.after.unwrap_or(0)) / pace;
        return line.note(|call| {
            call.stage = Stage::Unreported;
            call.report.at = Instant::now() + wait;
        });
    }
    let body = json!({ "talked_seconds": talked, "cause": cause });
    let reply = line.ask(Step::End, body).await;
    line.note(|call| {
        if reply.is_success() {
            call.stage = Stage::Ended;
            call.charge = reply.body["charge"].as_str().map(str::to_owned);
        } else if reply.is_open() || reply.status == 409 {
            call.stage = Stage::Unreported;
            call.report = Due::default();
        } else {
            call.stage = Stage::Ended;
            call.refusal = Some(reply.word());
        }
    });
    if let Some(update) = held_back {
        line.ask(Step::Update, update).await;
    }
}

/// The wallet ended the call; what was really talked is reported.
fn give_up(line: &Line, talked: u64) {
    line.note(|call| {
        call.stage = Stage::Unreported;
        call.talked_seconds = talked;
        call.cause = Some("wallet_ended".to_owned());
        call.report = Due::default();
    });
}
