//! Calls of a switch that breaks the contract, on request.

use crate::{
    switchboard::{call, pace, place, see, switch, wait_for},
    wallet::Wallet,
};
use serde_json::{Value, json};
use std::time::Duration;

fn exchanges(call: &Value) -> &Vec<Value> {
    call["exchanges"].as_array().unwrap()
}

#[tokio::test]
async fn a_silent_switch_sends_nothing_any_more() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    let plan = json!({ "outcome": "silent", "after": 40 });
    see(&outside, "c1", plan, "silent").await;
    let told = wallet.steps();
    assert_eq!(told, ["calls", "answer", "update", "update"]);
    let hangup = outside.client.post(outside.url("/hangup"));
    hangup
        .json(&json!({ "call_id": "c1" }))
        .send()
        .await
        .unwrap();
    // The reporter looks every quarter of a second.
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(wallet.steps(), told);
    assert_eq!(call(&outside, "c1").await["stage"], "silent");
}

#[tokio::test]
async fn a_late_report_comes_instead_of_the_end() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    let plan = json!({ "outcome": "reports_late", "after": 100, "talk": 20 });
    see(&outside, "c1", plan, "unreported").await;
    assert_eq!(wallet.steps(), ["calls", "answer", "update"]);
    let call = wait_for(&outside, "c1", "reported").await;
    assert_eq!(call["talked_seconds"], 20);
    assert_eq!(wallet.steps(), ["calls", "answer", "update", "reports"]);
}

#[tokio::test]
async fn a_switch_that_ignores_the_stop_talks_on() {
    let wallet = Wallet::start(60).await;
    let outside = switch(&wallet).await;
    let plan = json!({ "outcome": "ignores_stop", "beyond": 25 });
    let call = see(&outside, "c1", plan, "ended").await;
    assert_eq!(call["granted_seconds"], 60);
    assert_eq!(call["talked_seconds"], 85);
}

#[tokio::test]
async fn repeats_are_the_same_request_two_or_three_times() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    let plan = json!({ "outcome": "repeats", "talk": 40 });
    place(&outside, "c1", plan).await;
    let call = wait_for(&outside, "c1", "ended").await;
    let steps = wallet.steps();
    for (step, times) in [("calls", 2), ("answer", 3), ("update", 5), ("end", 2)] {
        let sent = steps.iter().filter(|sent| *sent == step).count();
        assert!(sent >= times, "{step} {sent} times");
    }
    let repeats: Vec<_> = exchanges(&call)
        .iter()
        .filter(|exchange| !exchange["same_as_first"].is_null())
        .collect();
    assert!(repeats.iter().all(|repeat| repeat["same_as_first"] == true));
    assert_eq!(repeats.len(), 5 + 2, "one beside each of five, two after");
}

#[tokio::test]
async fn reordered_updates_overtake_each_other_and_the_end() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    let plan = json!({ "outcome": "reorders", "talk": 50 });
    place(&outside, "c1", plan).await;
    let mut overtaken = Value::Null;
    for _ in 0..500 {
        let call = call(&outside, "c1").await;
        if exchanges(&call).len() == 6 {
            overtaken = exchanges(&call)[5].clone();
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(overtaken["status"], 409, "{overtaken:#}");
    assert_eq!(overtaken["sent"]["seq"], 3);
    assert_eq!(wallet.told("update", "seq"), [2, 1, 3]);
    assert_eq!(wallet.told("end", "talked_seconds"), [50]);
}

#[tokio::test]
async fn garbled_bodies_come_in_between_and_the_call_takes_its_course() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    let plan = json!({ "outcome": "garbles", "talk": 100 });
    let call = see(&outside, "c1", plan, "ended").await;
    assert_eq!(call["talked_seconds"], 100);
    let (garbled, proper): (Vec<_>, Vec<_>) = exchanges(&call)
        .iter()
        .partition(|exchange| exchange["garbled"] == true);
    assert_eq!(garbled.len(), 2 * proper.len());
    assert!(
        proper
            .iter()
            .all(|exchange| exchange["status"].as_u64() < Some(300))
    );
    for exchange in garbled {
        let is_empty_report = exchange["sent"] == json!([]);
        let expected = if is_empty_report { 200 } else { 422 };
        assert_eq!(exchange["status"], expected, "{exchange:#}");
    }
    assert_eq!(wallet.told("end", "talked_seconds"), [100]);
}

#[tokio::test]
async fn many_calls_of_all_kinds_come_to_an_end_at_once() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    pace(&outside, 1000).await;
    let kinds = [
        ("answered", "ended"),
        ("not_answered", "ended"),
        ("busy", "ended"),
        ("hangs_up", "ended"),
        ("ignores_stop", "ended"),
        ("silent", "silent"),
        ("reports_late", "reported"),
        ("repeats", "ended"),
        ("reorders", "ended"),
        ("garbles", "ended"),
    ];
    let calls = || (0..60_u64).map(|number| (number, kinds[number as usize % kinds.len()]));
    for (number, (outcome, _)) in calls() {
        let plan = json!({ "outcome": outcome, "after": number, "talk": 30 + number * 3 });
        place(&outside, &format!("c{number}"), plan).await;
    }
    for (number, (outcome, stage)) in calls() {
        let call = wait_for(&outside, &format!("c{number}"), stage).await;
        let talked = match outcome {
            "busy" | "not_answered" => 0,
            "hangs_up" => number,
            // A silent switch told nobody how long it was talked after the last update.
            "silent" => continue,
            _ => 30 + number * 3,
        };
        assert_eq!(call["talked_seconds"], talked, "{call:#}");
    }
    let ended = wallet.told("end", "talked_seconds").len();
    assert!(ended >= 48, "{ended}");
}
