//! The sandbox's switch beside a server: what it needs to be let in, and to have something to sell.

use std::time::Duration;

use ledger::{GrantCredit, GrantSource, ImportRates};
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{Person, World, money};

pub(crate) const LANDLINE: &str = "525512345678";

const PRICES: &str = "prefix,destination,kind,per_minute,connection_fee,initial,increment,blocked
52,Mexico,landline,0.10,0,1,1,no
521,Mexico mobile,mobile,0.0217,0.05,30,6,no
44,United Kingdom,landline,0.012345,0,60,60,no
881,Satellite,special,9,0,60,60,yes
";

impl World {
    /// Opens the charging API to the sandbox's switch, and the price book.
    pub(crate) async fn open_switch(&self, pace: u32) {
        let key = self
            .ledger
            .keep_switch_key("sandbox", "sandbox", "switch_sandbox");
        key.await.unwrap();
        let import = ImportRates {
            name: "test".into(),
            text: PRICES.into(),
            effective: None,
            complete: false,
            author: "test".into(),
            dry_run: false,
        };
        self.ledger.import_rates(import).await.unwrap();
        self.control("switch/pace", json!({ "factor": pace })).await;
    }

    /// Somebody with this much to spend.
    pub(crate) async fn person_with(&self, credit: &str) -> Person {
        let person = self.person().await;
        let grant = GrantCredit {
            wallet_id: person.wallet_id,
            grant_id: Uuid::now_v7().to_string(),
            source: GrantSource::Promo,
            amount: money(credit),
            reason: "For a test".into(),
            expires_at: None,
        };
        self.ledger.grant_credit(grant).await.unwrap();
        person
    }

    /// What the switch knows of its calls under this name.
    pub(crate) async fn switch_calls(&self, call_id: &str) -> Vec<Value> {
        let url = format!(
            "http://{}/_sandbox/switch/calls?call_id={call_id}",
            self.sandbox.http
        );
        let answer = self.http.get(url).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// Waits until the switch is through with a call, and tells what it knows of it.
    pub(crate) async fn until_over(&self, call_id: &str) -> Value {
        for _ in 0..600 {
            let call = self.switch_calls(call_id).await.pop();
            let call = call.filter(|call| {
                let stage = call["stage"].as_str().unwrap();
                ["ended", "refused", "silent", "reported"].contains(&stage)
            });
            if let Some(call) = call {
                return call;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!(
            "the call is not over: {:?}",
            self.switch_calls(call_id).await
        );
    }
}
