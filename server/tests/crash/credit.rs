//! `kill -9` of a real server around the moment a payment is credited: nothing lost, nothing twice.

use std::time::Duration;

use domain::top_up::TopUpState;
use domain::{Email, Money};
use ledger::StartTopUp;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::process::{Server, free_port, open_ledger};

const ROUNDS: u64 = 12;

#[sqlx::test(migrations = "../migrations")]
async fn a_server_killed_around_the_credit_credits_once(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let port = free_port();
    let base = format!("http://127.0.0.1:{port}");
    let sandbox = sandbox::start(sandbox::Config::for_tests(Some(format!(
        "{base}/stripe/webhook"
    ))))
    .await
    .unwrap();
    let stripe = format!("http://{}/", sandbox.http);
    let ledger = open_ledger(&database, &stripe, &base).await;
    let http = reqwest::Client::new();
    let customer = ledger
        .open_customer(&Email::parse("crash@example.com").unwrap())
        .await
        .unwrap();
    let wallet_id = customer.wallet_id;

    let mut top_ups = Vec::new();
    let mut settled_before_the_kill = 0;
    for round in 0..ROUNDS {
        let mut server = Server::start(&database, port, &stripe);
        server.ready(&http, &base).await;
        let start = StartTopUp {
            top_up_id: ledger.new_top_up_id(),
            amount: Money::from_dollars(25),
            save_card: None,
            wants_invoice: false,
        };
        let page = ledger.start_top_up(wallet_id, start).await.unwrap();
        let session_id = page.rsplit('/').next().unwrap();
        // In the first round the server is dead when the bank charges; then it dies later and later.
        if round == 0 {
            server.kill();
        }
        let pay = format!("http://{}/_sandbox/sessions/{session_id}/pay", sandbox.http);
        let paid = http
            .post(pay)
            .json(&json!({ "card": "4242424242424242" }))
            .send()
            .await
            .unwrap();
        assert_eq!(paid.status(), 200);
        if round > 0 {
            tokio::time::sleep(Duration::from_millis(round * 40)).await;
            let state = ledger
                .top_up(wallet_id, start.top_up_id)
                .await
                .unwrap()
                .state;
            settled_before_the_kill += u64::from(state == TopUpState::Settled);
            server.kill();
        }
        top_ups.push(start.top_up_id);
    }
    assert!(
        settled_before_the_kill < ROUNDS,
        "no kill came before a credit, so nothing was tried"
    );

    let server = Server::start(&database, port, &stripe);
    server.ready(&http, &base).await;
    for top_up_id in &top_ups {
        let mut waited = 0;
        while ledger.top_up(wallet_id, *top_up_id).await.unwrap().state != TopUpState::Settled {
            waited += 1;
            assert!(
                waited < 700,
                "not credited within 70 seconds of the restart"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    let wallet = ledger.wallet(wallet_id).await.unwrap();
    let rounds = i64::try_from(ROUNDS).unwrap();
    assert_eq!(wallet.paid, Money::from_cents(2500 * rounds));
    assert_eq!(wallet.promotional, Money::from_cents(50 * rounds));
    assert_eq!(wallet.version, 2 * rounds);
    let report = ledger.verify(None).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
    drop(pool);
}
