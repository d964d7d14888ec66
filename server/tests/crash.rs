//! `kill -9` of a real server around the moment a payment is credited: nothing lost, nothing twice.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected should stop there"
)]

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use domain::top_up::TopUpState;
use domain::{Email, Money};
use ledger::stripe::{Stripe, StripeConfig};
use ledger::{Clock, Ledger, Rules, StartTopUp};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const ROUNDS: u64 = 12;

/// A server that is killed when dropped.
struct Server(Child);

impl Server {
    fn start(database_url: &str, port: u16, stripe: &str) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_server"))
            .env("DATABASE_URL", database_url)
            .env("LISTEN_ADDRESS", format!("127.0.0.1:{port}"))
            .env("STRIPE_API_BASE", stripe)
            .env("STRIPE_ENVIRONMENT", "crash")
            .env("WALLET_ENV", "development")
            .env_remove("STRIPE_SECRET_KEY")
            .env("RUST_LOG", "off")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }

    async fn ready(&self, http: &reqwest::Client, base: &str) {
        for _ in 0..200 {
            if http
                .get(format!("{base}/readyz"))
                .send()
                .await
                .is_ok_and(|answer| answer.status() == 200)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server did not start");
    }

    /// SIGKILL: nothing is finished, nothing is said.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_server_killed_around_the_credit_credits_once(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let base = format!("http://127.0.0.1:{port}");
    let sandbox = sandbox::start(sandbox::Config::for_tests(Some(format!(
        "{base}/stripe/webhook"
    ))))
    .await
    .unwrap();
    let stripe = format!("http://{}/", sandbox.http);
    let ledger = Ledger::connect(ledger::Config {
        database: database.clone(),
        stripe: Stripe::new(StripeConfig {
            secret_key: "sk_test_sandbox".into(),
            api_base: stripe.clone(),
            webhook_secrets: vec!["whsec_sandbox".into()],
            environment: "crash".into(),
        })
        .unwrap(),
        rules: Rules::default(),
        clock: Clock::default(),
        public_origin: base.clone(),
        originate: None,
    })
    .await
    .unwrap();
    let http = reqwest::Client::new();
    let url = url_of(&database);
    let customer = ledger
        .open_customer(&Email::parse("crash@example.com").unwrap())
        .await
        .unwrap();
    let wallet_id = customer.wallet_id;

    let mut top_ups = Vec::new();
    let mut settled_before_the_kill = 0;
    for round in 0..ROUNDS {
        let mut server = Server::start(&url, port, &stripe);
        server.ready(&http, &base).await;
        let start = StartTopUp {
            top_up_id: ledger.new_top_up_id(),
            amount: Money::from_dollars(25),
            save_card: false,
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

    let server = Server::start(&url, port, &stripe);
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

fn url_of(database: &PgConnectOptions) -> String {
    let (user, name) = (database.get_username(), database.get_database().unwrap());
    match database.get_socket() {
        Some(socket) => format!(
            "postgresql://{user}@localhost/{name}?host={}",
            socket.display()
        ),
        None => format!(
            "postgresql://{user}@{}:{}/{name}",
            database.get_host(),
            database.get_port()
        ),
    }
}
