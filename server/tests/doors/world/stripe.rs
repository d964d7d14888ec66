//! The sandbox behind the server: what is bought there, and what it says of it.

use std::time::Duration;

use domain::top_up::TopUpState;
use domain::{TopUpId, WalletId};
use ledger::StartTopUp;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::{Person, VISA, World, money};

impl World {
    /// Buys credit, without a bonus.
    pub(crate) async fn credit(&self, person: &Person, amount: &str) {
        let (top_up_id, session_id) = self.start_top_up(person.wallet_id, amount).await;
        self.pay(&session_id, VISA).await;
        self.clock.advance(time::Duration::seconds(4));
        let nudged = self.ledger.nudge_top_up(person.wallet_id, top_up_id).await;
        nudged.unwrap();
        self.until(person.wallet_id, top_up_id, TopUpState::Settled)
            .await;
    }

    /// Acts on every event that Stripe sends within a moment.
    pub(crate) async fn process_events(&self) {
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            while self.ledger.process_events().await.unwrap() > 0 {}
        }
    }

    /// Stripe's name of a customer.
    pub(crate) async fn stripe_customer(&self, person: &Person) -> String {
        let id = sqlx::query_scalar("select stripe_customer_id from customer where wallet_id = $1");
        id.bind(person.wallet_id)
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    /// Starts a top-up as the click does; tells its id and Stripe's session.
    pub(crate) async fn start_top_up(
        &self,
        wallet_id: WalletId,
        amount: &str,
    ) -> (TopUpId, String) {
        self.start_with(wallet_id, amount, false).await
    }

    /// As [`Self::start_top_up`], with an invoice.
    pub(crate) async fn start_with_invoice(
        &self,
        wallet_id: WalletId,
        amount: &str,
    ) -> (TopUpId, String) {
        self.start_with(wallet_id, amount, true).await
    }

    async fn start_with(
        &self,
        wallet_id: WalletId,
        amount: &str,
        wants_invoice: bool,
    ) -> (TopUpId, String) {
        let start = StartTopUp {
            top_up_id: self.ledger.new_top_up_id(),
            amount: money(amount),
            save_card: None,
            wants_invoice,
        };
        let page = self.ledger.start_top_up(wallet_id, start).await.unwrap();
        (start.top_up_id, session_of(&page))
    }

    /// Asks the sandbox's control plane for something; it must agree.
    pub(crate) async fn control(&self, path: &str, body: Value) -> Value {
        let url = format!("http://{}/_sandbox/{path}", self.sandbox.http);
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Pays on the hosted page; the card decides what comes of it.
    pub(crate) async fn pay(&self, session_id: &str, card: &str) {
        let url = format!(
            "http://{}/_sandbox/sessions/{session_id}/pay",
            self.sandbox.http
        );
        let answer = self
            .http
            .post(url)
            .json(&json!({ "card": card }))
            .send()
            .await
            .unwrap();
        let expected = if card == VISA { 200 } else { 402 };
        assert_eq!(
            answer.status(),
            expected,
            "{}",
            answer.text().await.unwrap()
        );
    }

    /// An object of Stripe's API.
    pub(crate) async fn stripe(&self, path: &str) -> Value {
        let url = format!("http://{}/v1/{path}", self.sandbox.http);
        self.http
            .get(url)
            .bearer_auth("sk_test_sandbox")
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// What another program with access to the account asks of Stripe's API.
    pub(crate) async fn stripe_does(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let url = format!("http://{}/v1/{path}", self.sandbox.http);
        let request = self.http.post(url).bearer_auth("sk_test_sandbox");
        let answer = request.form(form).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The newest event of this type, as it is sent.
    pub(crate) async fn event(&self, event_type: &str) -> Value {
        let list = self
            .stripe(&format!("events?type={event_type}&limit=1"))
            .await;
        list["data"][0].clone()
    }

    pub(crate) async fn deliver(&self, body: &str, signature: &str) -> u16 {
        let mut headers = HeaderMap::new();
        headers.insert("stripe-signature", signature.parse().unwrap());
        let url = format!("{}/stripe/webhook", self.base);
        self.http
            .post(url)
            .headers(headers)
            .body(body.to_owned())
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    }

    /// Waits until the top-up is in this state; fails after 20 seconds.
    pub(crate) async fn until(&self, wallet_id: WalletId, top_up_id: TopUpId, state: TopUpState) {
        for _ in 0..200 {
            if self
                .ledger
                .top_up(wallet_id, top_up_id)
                .await
                .unwrap()
                .state
                == state
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!(
            "the top-up is not {state:?}: {:?}",
            self.ledger.top_up(wallet_id, top_up_id).await
        );
    }
}

/// The session whose hosted page this is.
pub(crate) fn session_of(page: &str) -> String {
    let id = page.rsplit('/').next().unwrap();
    assert!(id.starts_with("cs_"), "not a payment page: {page}");
    id.to_owned()
}
