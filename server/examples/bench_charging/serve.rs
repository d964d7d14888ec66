//! The server in a process of its own, so that what the load takes is not taken for what it takes.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use app::Site;
use axum::serve::ListenerExt;
use ledger::stripe::{Stripe, StripeConfig};
use ledger::{Clock, Config, Ledger, Rules};
use server::{Doors, router};
use sqlx::postgres::PgConnectOptions;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What this program is told to be the server.
pub(crate) const SERVE: &str = "serve";

/// Ends with what holds it.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts this program again as the server of this database.
    pub(crate) fn start(socket: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg(SERVE)
            .arg(socket)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(process.stdout.as_mut().unwrap());
        said.read_line(&mut line).unwrap();
        let address = line.trim().parse().unwrap();
        Self { process, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves until its standard input ends.
pub(crate) async fn run(socket: PathBuf) {
    let ledger = open(database(&socket)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let doors = Doors {
        ledger,
        site: Site::default(),
        site_root: PathBuf::from("public"),
        public_origin: format!("http://{address}"),
        payment_origins: Vec::new(),
        trusted_proxies: 0,
        push_key: None,
        stop: CancellationToken::new(),
    };
    let service = router(doors).into_make_service_with_connect_info::<SocketAddr>();
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    println!("{address}");
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    tokio::select! {
        served = axum::serve(listener, service) => served.unwrap(),
        ended = ended => drop(ended),
    }
}

pub(crate) fn database(socket: &Path) -> PgConnectOptions {
    PgConnectOptions::new()
        .socket(socket)
        .username("wallet")
        .database("postgres")
}

pub(crate) async fn open(database: PgConnectOptions) -> Ledger {
    let stripe = Stripe::new(StripeConfig {
        secret_key: "sk_test_sandbox".into(),
        api_base: "http://127.0.0.1:9/".into(),
        webhook_secrets: vec![],
        environment: "bench".into(),
    })
    .unwrap();
    Ledger::connect(Config {
        database,
        stripe,
        rules: Rules::default(),
        clock: Clock::default(),
        public_origin: "http://localhost".into(),
        originate: None,
    })
    .await
    .unwrap()
}
