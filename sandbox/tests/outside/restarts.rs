//! Stopping and starting again: what a database knows of payments is still true.

use crate::{
    checkout::retrieve,
    harness::{Outside, read},
    mail::send_mail,
};
use reqwest::{Method, Response};
use sandbox::Config;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// A file of its own for each test, gone afterwards.
pub(crate) struct StateFile(PathBuf);

impl StateFile {
    pub(crate) fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("sandbox-{test}-{}", std::process::id()));
        let _none_yet = fs::remove_dir_all(&folder);
        Self(folder.join("deep").join("sandbox.json"))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    fn configure(&self, config: &mut Config) {
        config.state_file = Some(self.0.clone());
    }

    /// A sandbox that continues from the file.
    async fn start(&self) -> Outside {
        Outside::start_with(|config| self.configure(config)).await
    }

    async fn restart(&self, outside: Outside) -> Outside {
        outside.restart_with(|config| self.configure(config)).await
    }
}

impl Drop for StateFile {
    fn drop(&mut self) {
        let folder = self.0.parent().and_then(Path::parent);
        let _gone = fs::remove_dir_all(folder.expect("it is in a folder in a folder"));
    }
}

async fn pay_directly(outside: &Outside, customer: &str) -> Response {
    let form = [
        ("amount", "2500"),
        ("currency", "usd"),
        ("customer", customer),
        ("payment_method", "pm_card_visa"),
        ("confirm", "true"),
    ];
    let request = outside.request(Method::POST, "/v1/payment_intents");
    let request = request.header("idempotency-key", "k").form(&form);
    request.send().await.unwrap()
}

/// The same page at the address of the sandbox that runs now.
async fn page(outside: &Outside, url: &Value) -> (u16, String) {
    let path = url.as_str().unwrap().splitn(4, '/').nth(3).unwrap();
    let url = outside.url(&format!("/{path}"));
    let response = outside.client.get(url).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn payments_customers_receipts_and_keys_outlive_a_restart() {
    let file = StateFile::new("outlive");
    let outside = file.start().await;
    let customer = outside.customer().await;
    let invoice = [
        ("customer", &*customer),
        ("invoice_creation[enabled]", "true"),
    ];
    let session = outside.session(&invoice).await;
    outside.submit(&session, "4242424242424242").await;
    let paid = retrieve(&outside, &session).await;
    let receipt = paid["payment_intent"]["latest_charge"]["receipt_url"].clone();
    let first = read(pay_directly(&outside, &customer).await).await;
    assert_eq!(first.0, 200);
    send_mail(&outside, "ana@example.com", "Your code").await;
    outside.advance(86_400 * 5).await;
    let open = outside.session(&[]).await;
    outside.inbox.wait_for("charge.succeeded", 2).await;

    let outside = file.restart(outside).await;
    assert_eq!(
        outside.get(&format!("/v1/customers/{customer}")).await["id"],
        *customer
    );
    let again = retrieve(&outside, &session).await;
    assert_eq!(again["payment_status"], "paid");
    assert_eq!(again["invoice"], paid["invoice"]);
    assert_eq!(again["line_items"], paid["line_items"]);
    let (status, words) = page(&outside, &receipt).await;
    assert_eq!(status, 200);
    assert!(words.contains("$25.00"));
    let invoice = paid["invoice"].as_str().unwrap();
    let invoice = outside.get(&format!("/v1/invoices/{invoice}")).await;
    assert_eq!(page(&outside, &invoice["hosted_invoice_url"]).await.0, 200);
    assert_eq!(outside.log().await["charged"].as_array().unwrap().len(), 2);

    let mail = outside.url("/_sandbox/mail?to=ana@example.com");
    let mail = outside.client.get(mail).send().await.unwrap();
    assert_eq!(
        mail.json::<Value>().await.unwrap()[0]["subject"],
        "Your code"
    );

    // The clock goes on where it was, and what was due is still due.
    assert!(open["created"].as_i64() <= outside.session(&[]).await["created"].as_i64());
    outside.advance(86_400 + 1).await;
    assert_eq!(retrieve(&outside, &open).await["status"], "expired");
}

#[tokio::test]
async fn a_repeat_after_a_restart_is_replayed_and_charges_once() {
    let file = StateFile::new("repeat");
    let outside = file.start().await;
    let customer = outside.customer().await;
    let first = pay_directly(&outside, &customer)
        .await
        .text()
        .await
        .unwrap();
    let outside = file.restart(outside).await;
    let again = pay_directly(&outside, &customer).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(again.text().await.unwrap(), first, "byte for byte");
    assert_eq!(outside.log().await["charged"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn events_that_did_not_arrive_are_sent_after_the_restart() {
    let file = StateFile::new("events");
    let outside = file.start().await;
    outside.control("webhooks/pause", Value::Null).await;
    outside.paid("4242424242424242").await;
    let outside = file.restart(outside).await;
    let events = outside.inbox.wait_for("charge.succeeded", 1).await;
    assert_eq!(events.len(), 1);
    outside
        .inbox
        .wait_for("checkout.session.completed", 1)
        .await;
    let endpoints = outside.get("/v1/webhook_endpoints").await;
    assert_eq!(
        endpoints["data"].as_array().unwrap().len(),
        1,
        "not made twice"
    );
}

#[tokio::test]
async fn what_was_done_is_written_soon_even_if_nobody_stops_it_properly() {
    let file = StateFile::new("crash");
    let outside = file.start().await;
    let customer = outside.customer().await;
    let mut written = String::new();
    for _ in 0..100 {
        written = fs::read_to_string(file.path()).unwrap();
        if written.contains(&customer) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(written.contains(&customer));
    let Outside { running, .. } = outside;
    drop(running);
    let outside = file.start().await;
    outside.get(&format!("/v1/customers/{customer}")).await;
}

#[tokio::test]
async fn forgetting_everything_is_remembered() {
    let file = StateFile::new("reset");
    let outside = file.start().await;
    let customer = outside.customer().await;
    outside.control("reset", Value::Null).await;
    let outside = file.restart(outside).await;
    let (status, _) = outside.try_get(&format!("/v1/customers/{customer}")).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_damaged_file_is_refused_in_words_and_left_alone() {
    let file = StateFile::new("damaged");
    let outside = file.start().await;
    outside.customer().await;
    outside.running.stop().await;
    let mut bytes = fs::read(file.path()).unwrap();
    bytes.truncate(bytes.len() / 2);
    fs::write(file.path(), &bytes).unwrap();
    let config = Config {
        state_file: Some(file.path().to_owned()),
        ..Config::for_tests(None)
    };
    let error = sandbox::start(config)
        .await
        .expect_err("half of it is gone");
    let words = format!("{error:#}");
    for part in [
        file.path().to_str().unwrap(),
        "damaged",
        "remove it together",
    ] {
        assert!(words.contains(part), "{words}");
    }
    assert_eq!(fs::read(file.path()).unwrap(), bytes);
}
