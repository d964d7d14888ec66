//! Delivery of events: signed, retried, never in the way of a request.

use crate::{
    clock::wall_clock,
    expand,
    state::{State, integer, text},
    webhook::{Mode, Outgoing},
    world::Shared,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);
/// The worker looks at the clock this often, for what is due without anyone asking.
const BEAT: Duration = Duration::from_millis(250);

/// The delivery worker; it also does what becomes due while nobody asks. Runs until dropped.
pub(crate) async fn run(world: Shared) {
    loop {
        for (number, outgoing) in take_due(&world) {
            let letter = Letter::write(&world.state(), &outgoing);
            let Some(letter) = letter else {
                world.state().webhooks.flying.remove(&number);
                continue;
            };
            let world = world.clone();
            tokio::spawn(async move {
                let outcome = letter.post(&world.client).await;
                settle(&mut world.state(), number, outcome);
            });
        }
        // Either ring means: look again.
        let _rung = tokio::time::timeout(BEAT, world.bell.notified()).await;
    }
}

/// Looks before it takes: a state that is only looked at has not changed.
fn take_due(world: &Shared) -> Vec<(u64, Outgoing)> {
    let mut state = world.state();
    if state.webhooks.has_due() {
        state.webhooks.take_due()
    } else {
        Vec::new()
    }
}

/// One signed request.
#[derive(Debug)]
struct Letter {
    url: String,
    signature: String,
    body: String,
}

impl Letter {
    /// `None` when the event or the endpoint is gone.
    fn write(state: &State, outgoing: &Outgoing) -> Option<Self> {
        let endpoint = state.objects.find("webhook_endpoint", &outgoing.endpoint)?;
        let mut event = expand::snapshot(state, state.objects.find("event", &outgoing.event)?);
        let mut at = wall_clock();
        let mut secret = text(endpoint, "_secret");
        match &state.webhooks.mode {
            Mode::BadSignature => secret = "whsec_of_somebody_else",
            Mode::OldTimestamp => at -= 600,
            Mode::ApiVersion { version } => event["api_version"] = json!(version),
            Mode::MutilateField { field } => {
                if let Some(object) = event["data"]["object"].as_object_mut() {
                    object.remove(field);
                }
            }
            _ => {}
        }
        let body = event.to_string();
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
        let mac = mac
            .expect("any length of key will do")
            .chain_update(format!("{at}.{body}"));
        let signature = hex::encode(mac.finalize().into_bytes());
        Some(Self {
            url: text(endpoint, "url").to_owned(),
            signature: format!("t={at},v1={signature}"),
            body,
        })
    }

    async fn post(self, client: &reqwest::Client) -> (String, bool) {
        let request = client
            .post(&self.url)
            .timeout(TIMEOUT)
            .header("content-type", "application/json; charset=utf-8")
            .header("stripe-signature", self.signature)
            .header("user-agent", "Stripe/1.0 (sandbox)")
            .body(self.body);
        match request.send().await {
            Ok(response) => {
                let status = response.status();
                (status.as_u16().to_string(), status.is_success())
            }
            Err(error) if error.is_timeout() => ("timed out".to_owned(), false),
            Err(error) if error.is_connect() => ("nobody listens".to_owned(), false),
            Err(_) => ("the connection broke".to_owned(), false),
        }
    }
}

fn settle(state: &mut State, number: u64, outcome: (String, bool)) {
    // Everything may have been forgotten meanwhile.
    let Some(outgoing) = state.webhooks.flying.remove(&number) else {
        return;
    };
    let Outgoing {
        event,
        endpoint,
        attempt,
        ..
    } = &outgoing;
    let kind = state.event_kind(event).to_owned();
    if kind.is_empty() {
        return;
    }
    let arrived = outcome.1;
    let webhooks = &mut state.webhooks;
    webhooks.note(event, &kind, endpoint, *attempt, outcome);
    if arrived {
        let pending = integer(state.objects.known(event), "pending_webhooks") - 1;
        let changes = json!({ "pending_webhooks": pending.max(0) });
        state.objects.update(event, changes);
    } else {
        webhooks.try_again(outgoing);
    }
}
