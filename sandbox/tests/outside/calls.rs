//! Calls of a switch that keeps the contract.

use crate::{
    harness::Outside,
    restarts::StateFile,
    switchboard::{call, hang_up, pace, place, see, switch, try_place, wait_for},
    wallet::Wallet,
};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_call_is_asked_for_answered_updated_and_ended_once() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    let plan = json!({ "outcome": "answered", "after": 2, "talk": 40 });
    let call = see(&outside, "c 1?", plan, "ended").await;
    assert_eq!(call["talked_seconds"], 40);
    assert_eq!(call["cause"], "callee_hung_up");
    assert_eq!(call["charge"], "0.0040");
    assert_eq!(call["answered_at"], "2026-11-22T12:00:00Z");
    let asked = json!({ "call_id": "c 1?", "from": "+12025550199", "to": "+12025550100" });
    assert_eq!(
        wallet.books().understood[0],
        ("wallets/w1/calls".to_owned(), asked)
    );
    assert_eq!(
        wallet.steps(),
        ["calls", "answer", "update", "update", "end"]
    );
    assert_eq!(wallet.told("update", "seq"), [1, 2]);
    assert_eq!(wallet.told("update", "talked_seconds"), [15, 30]);
    let end = json!({ "talked_seconds": 40, "cause": "callee_hung_up" });
    assert_eq!(wallet.books().understood[4].1, end);
    let statuses: Vec<_> = call["exchanges"].as_array().unwrap().iter().collect();
    let statuses: Vec<_> = statuses.iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, [201, 200, 200, 200, 200]);
}

#[tokio::test]
async fn more_time_is_asked_for_before_the_grant_is_over() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    let call = see(&outside, "c1", json!({ "talk": 610 }), "ended").await;
    assert_eq!(
        (&call["talked_seconds"], &call["final"]),
        (&json!(610), &json!(false))
    );
    assert_eq!(call["granted_seconds"], 900);
    let asked = wallet.told("update", "talked_seconds");
    assert!(
        asked.contains(&json!(270)) && asked.contains(&json!(570)),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_call_is_cut_when_the_credit_is_used_up() {
    let wallet = Wallet::start(100).await;
    let outside = switch(&wallet).await;
    let call = see(&outside, "c1", json!({}), "ended").await;
    assert_eq!(
        (&call["talked_seconds"], &call["final"]),
        (&json!(100), &json!(true))
    );
    assert_eq!(call["cause"], "credit_used_up");
}

#[tokio::test]
async fn credit_added_in_the_call_lifts_the_final_grant() {
    let wallet = Wallet::start(100).await;
    let outside = switch(&wallet).await;
    pace(&outside, 50).await;
    place(&outside, "c1", json!({ "talk": 200 })).await;
    wait_for(&outside, "c1", "talking").await;
    wallet.books().credit = 10_000;
    let call = wait_for(&outside, "c1", "ended").await;
    assert_eq!(call["cause"], "callee_hung_up");
    assert_eq!(call["talked_seconds"], 200);
}

#[tokio::test]
async fn the_caller_hangs_up_while_talking_and_while_it_rings() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    pace(&outside, 1).await;
    place(&outside, "talks", json!({ "ring": 0 })).await;
    wait_for(&outside, "talks", "talking").await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(hang_up(&outside, "talks").await, 202);
    let call = wait_for(&outside, "talks", "ended").await;
    assert_eq!(call["cause"], "caller_hung_up");
    let talked = call["talked_seconds"].as_u64().unwrap();
    assert!((1..10).contains(&talked), "{talked}");

    place(&outside, "rings", json!({ "ring": 600 })).await;
    wait_for(&outside, "rings", "ringing").await;
    hang_up(&outside, "rings").await;
    let call = wait_for(&outside, "rings", "ended").await;
    assert_eq!(
        (&call["cause"], &call["talked_seconds"]),
        (&json!("canceled"), &json!(0))
    );
    assert_eq!(hang_up(&outside, "rings").await, 202, "over is over");
    assert_eq!(hang_up(&outside, "nobody").await, 404);
}

#[tokio::test]
async fn a_caller_pays_until_hanging_up_even_if_the_wallet_is_slow() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    pace(&outside, 5).await;
    wallet.books().slow = Some(("update", Duration::from_secs(4)));
    place(&outside, "c1", json!({ "ring": 0 })).await;
    for _ in 0..500 {
        if call(&outside, "c1").await["talked_seconds"] == 15 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(hang_up(&outside, "c1").await, 202);
    let call = wait_for(&outside, "c1", "ended").await;
    let talked = call["talked_seconds"].as_u64().unwrap();
    assert!((15..30).contains(&talked), "{talked}");
}

#[tokio::test]
async fn a_call_that_is_not_answered_costs_nothing() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    for cause in ["busy", "not_answered"] {
        let call = see(&outside, cause, json!({ "outcome": cause }), "ended").await;
        assert_eq!(
            (&call["cause"], &call["talked_seconds"]),
            (&json!(cause), &json!(0))
        );
        assert_eq!(call["charge"], "0.0000");
    }
    assert_eq!(wallet.steps(), ["calls", "end", "calls", "end"]);
}

#[tokio::test]
async fn a_call_that_is_refused_does_not_ring() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    for (status, word) in [(402, "below_minimum"), (503, "try_again"), (404, "no_rate")] {
        wallet.books().refused = Some(("calls", status, word));
        let call = see(&outside, word, json!({}), "refused").await;
        assert_eq!(call["refusal"], word);
        assert_eq!(call["exchanges"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn an_end_that_could_not_be_told_is_reported() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    wallet.books().refused = Some(("end", 503, "try_again"));
    let call = see(&outside, "c1", json!({ "talk": 20 }), "reported").await;
    assert_eq!(call["outcome"], "ended");
    let report = wallet.books().understood.last().unwrap().clone();
    let record = json!({
        "wallet": "w1",
        "call_id": "c1",
        "talked_seconds": 20,
        "cause": "callee_hung_up",
        "answered_at": "2026-11-22T12:00:00Z",
    });
    assert_eq!(report, ("reports".to_owned(), record));
    let sent = call["exchanges"].as_array().unwrap();
    let ends = sent
        .iter()
        .filter(|one| one["path"].as_str().unwrap().ends_with("end"));
    assert_eq!(ends.count(), 1, "told once");
}

#[tokio::test]
async fn a_call_that_the_wallet_gave_up_is_hung_up_and_reported() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    wallet.books().refused = Some(("update", 409, "call_ended"));
    let call = see(&outside, "c1", json!({}), "reported").await;
    assert_eq!(
        (&call["cause"], &call["talked_seconds"]),
        (&json!("wallet_ended"), &json!(15))
    );
    assert_eq!(wallet.steps(), ["calls", "answer", "reports"]);
}

#[tokio::test]
async fn a_call_is_placed_once_and_a_wallet_that_is_away_hears_of_it_later() {
    let wallet = Wallet::start(10_000).await;
    let outside =
        Outside::start_with(|config| config.wallet_url = "http://127.0.0.1:1".into()).await;
    let call = see(&outside, "c1", json!({}), "unreported").await;
    assert_eq!(call["cause"], "not_placed");
    assert_eq!(call["exchanges"][0]["status"], 0);
    assert_eq!(call["exchanges"][0]["answer"], "nobody listens");

    let outside = switch(&wallet).await;
    let placed = json!({ "call_id": "c1", "wallet": "w1", "to": "+12025550100" });
    assert_eq!(try_place(&outside, placed.clone()).await.0, 202);
    assert_eq!(try_place(&outside, placed).await.0, 202);
    let other = json!({ "call_id": "c1", "wallet": "w2", "to": "+12025550100" });
    assert_eq!(try_place(&outside, other).await.0, 409);
    let nowhere = json!({ "call_id": "c2", "wallet": "w1", "to": "" });
    assert_eq!(try_place(&outside, nowhere).await.0, 400);
    hang_up(&outside, "c1").await;
    wait_for(&outside, "c1", "ended").await;
    let asked = wallet.steps().into_iter().filter(|step| step == "calls");
    assert_eq!(asked.count(), 1);
}

#[tokio::test]
async fn the_next_call_of_a_wallet_can_be_planned_and_is_seen_on_the_page() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    let busy = json!({ "outcome": "busy", "wallet": "w2" });
    outside.control("switch/next", busy).await;
    let form = [("outcome", "hangs_up"), ("after", "30"), ("talk", "")];
    let button = outside.client.post(outside.url("/_sandbox/switch/next"));
    let pressed = button.header("accept", "text/html").form(&form).send();
    assert_eq!(pressed.await.unwrap().status(), 303);
    for wallet in ["w1", "w2"] {
        let placed = json!({ "call_id": wallet, "wallet": wallet, "to": "+12025550100" });
        try_place(&outside, placed).await;
    }
    let first = wait_for(&outside, "w1", "ended").await;
    assert_eq!(
        (&first["cause"], &first["talked_seconds"]),
        (&json!("callee_hung_up"), &json!(30))
    );
    assert_eq!(wait_for(&outside, "w2", "ended").await["cause"], "busy");
    let page = outside
        .client
        .get(outside.url("/_sandbox"))
        .send()
        .await
        .unwrap();
    let page = page.text().await.unwrap();
    for words in ["Calls", "ended: busy", "30 s", "0.0030", "Plan call"] {
        assert!(page.contains(words), "{words}");
    }
    for (path, body) in [
        ("next", json!({ "outcome": "sings" })),
        ("pace", json!({ "factor": 0 })),
        ("message", json!({ "from": "+1" })),
    ] {
        let request = outside
            .client
            .post(outside.url(&format!("/_sandbox/switch/{path}")));
        assert_eq!(
            request.json(&body).send().await.unwrap().status(),
            400,
            "{path}"
        );
    }
}

#[tokio::test]
async fn calls_of_a_switch_that_was_stopped_are_reported_by_the_next() {
    let wallet = Wallet::start(10_000).await;
    let file = StateFile::new("calls");
    let configure = |config: &mut sandbox::Config| {
        config.state_file = Some(file.path().to_owned());
        config.wallet_url = wallet.url.clone();
    };
    let outside = Outside::start_with(configure).await;
    pace(&outside, 100).await;
    place(&outside, "c1", json!({ "ring": 0 })).await;
    for _ in 0..500 {
        if call(&outside, "c1").await["talked_seconds"] != 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let outside = outside.restart_with(configure).await;
    let call = wait_for(&outside, "c1", "reported").await;
    assert_eq!(call["cause"], "switch_restarted");
    let last_told = wallet.told("update", "talked_seconds").pop().unwrap();
    assert_eq!(call["talked_seconds"], last_told);
    assert!(!wallet.steps().contains(&"end".to_owned()));
}
