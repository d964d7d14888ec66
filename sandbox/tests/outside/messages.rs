//! Messages that the switch brings.

use crate::{switchboard::switch, wallet::Wallet};
use serde_json::{Value, json};

#[tokio::test]
async fn messages_arrive_with_their_segments() {
    let wallet = Wallet::start(10_000).await;
    let outside = switch(&wallet).await;
    let message = json!({
        "wallet": "w1",
        "from": "+12025550100",
        "to": "+12025550199",
        "body": "a".repeat(161),
    });
    let sent = outside.control("switch/message", message).await;
    assert_eq!(sent["status"], 201);
    assert_eq!(sent["answer"]["state"], "delivered");
    assert_eq!(wallet.told("messages", "segments"), [2]);
    assert_eq!(
        wallet.told("messages", "message_id"),
        [sent["message_id"].clone()]
    );
    let named = json!({
        "wallet": "w1",
        "from": "+1",
        "to": "+2",
        "body": "",
        "segments": 3,
        "message_id": "m1",
    });
    outside.control("switch/message", named).await;
    assert_eq!(wallet.told("messages", "segments"), [2, 3]);
    let url = outside.url("/_sandbox/switch/messages");
    let kept: Value = outside
        .client
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(kept[1]["sent"]["message_id"], "m1");
}
