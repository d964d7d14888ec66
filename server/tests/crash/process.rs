//! The server as a process of its own, so that it can be killed.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ledger::stripe::{Stripe, StripeConfig};
use ledger::{Clock, Config, Ledger, Rules};
use sqlx::postgres::PgConnectOptions;

/// The test's own hands on the books the server works on: no workers, and nobody kills it.
pub(crate) async fn open_ledger(database: &PgConnectOptions, stripe: &str, base: &str) -> Ledger {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let stripe = Stripe::new(StripeConfig {
        secret_key: "sk_test_sandbox".into(),
        api_base: stripe.into(),
        webhook_secrets: vec!["whsec_sandbox".into()],
        environment: "crash".into(),
    });
    let config = Config {
        database: database.clone(),
        stripe: stripe.unwrap(),
        rules: Rules::default(),
        clock: Clock::default(),
        public_origin: base.into(),
        originate: None,
    };
    Ledger::connect(config).await.unwrap()
}

/// The server's program on this database and this Stripe.
pub(crate) fn program(database: &PgConnectOptions, stripe: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
    command
        .env("DATABASE_URL", url_of(database))
        .env("STRIPE_API_BASE", stripe)
        .env("STRIPE_ENVIRONMENT", "crash")
        .env("WALLET_ENV", "development")
        .env_remove("STRIPE_SECRET_KEY")
        .env("RUST_LOG", "off");
    command
}

/// A server that is killed when dropped.
pub(crate) struct Server(Child);

impl Server {
    pub(crate) fn start(database: &PgConnectOptions, port: u16, stripe: &str) -> Self {
        let child = program(database, stripe)
            .env("LISTEN_ADDRESS", format!("127.0.0.1:{port}"))
            // What calls may take in a day is tried elsewhere; here it would end the load.
            .env("CALLS_PER_DAY", "100000")
            .env("NEW_WALLET_CALLS_PER_DAY", "100000")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }

    pub(crate) async fn ready(&self, http: &reqwest::Client, base: &str) {
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
    pub(crate) fn kill(&mut self) {
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

/// A port nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
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
