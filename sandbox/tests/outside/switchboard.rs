//! What a wallet and a developer do with the switch, and how its calls are watched.

use crate::{harness::Outside, wallet::Wallet};
use serde_json::{Value, json};
use std::time::Duration;

/// A sandbox whose switch calls through this wallet, a minute in a third of a second.
pub(crate) async fn switch(wallet: &Wallet) -> Outside {
    let outside = Outside::start_with(|config| config.wallet_url = wallet.url.clone()).await;
    pace(&outside, 200).await;
    outside
}

pub(crate) async fn pace(outside: &Outside, factor: u32) {
    outside
        .control("switch/pace", json!({ "factor": factor }))
        .await;
}

pub(crate) async fn try_place(outside: &Outside, call: Value) -> (u16, Value) {
    let request = outside.client.post(outside.url("/originate")).json(&call);
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap())
}

pub(crate) async fn place(outside: &Outside, call_id: &str, plan: Value) {
    let mut call = json!({ "call_id": call_id, "wallet": "w1", "to": "+12025550100" });
    call["from"] = json!("+12025550199");
    call["plan"] = plan;
    assert_eq!(try_place(outside, call).await.0, 202);
}

pub(crate) async fn hang_up(outside: &Outside, call_id: &str) -> u16 {
    let request = outside.client.post(outside.url("/hangup"));
    let response = request.json(&json!({ "call_id": call_id })).send().await;
    response.unwrap().status().as_u16()
}

/// Everything the switch knows of a call.
pub(crate) async fn call(outside: &Outside, call_id: &str) -> Value {
    let url = outside.url("/_sandbox/switch/calls");
    let url = reqwest::Url::parse_with_params(&url, [("call_id", call_id)]).unwrap();
    let calls: Value = outside
        .client
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(calls.as_array().unwrap().len(), 1);
    calls[0].clone()
}

/// Waits until a call is in a stage, ten seconds at most.
pub(crate) async fn wait_for(outside: &Outside, call_id: &str, stage: &str) -> Value {
    for _ in 0..1000 {
        let call = call(outside, call_id).await;
        if call["stage"] == stage {
            return call;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not {stage}: {:#}", call(outside, call_id).await);
}

/// Places a call and waits until it is in a stage.
pub(crate) async fn see(outside: &Outside, call_id: &str, plan: Value, stage: &str) -> Value {
    place(outside, call_id, plan).await;
    wait_for(outside, call_id, stage).await
}
