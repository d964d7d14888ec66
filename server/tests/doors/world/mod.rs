//! A server on a port and a database of its own, with a sandbox of its own.

mod people;
mod stripe;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use app::Site;
use domain::{Money, WalletId};
use ledger::stripe::{Stripe, StripeConfig};
use ledger::{Clock, Ledger, Originate, Rules, SealingKey};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use reqwest::Client;
use server::push::{PushKey, Pusher};
use server::{Doors, Workers, router};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub(crate) use people::Person;
pub(crate) use stripe::session_of;

pub(crate) const VISA: &str = "4242424242424242";
/// How long an answer of Stripe's may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) owner: PgPool,
    database: PgConnectOptions,
    /// What every door of this server was made from.
    pub(crate) doors: Doors,
    pub(crate) clock: Clock,
    pub(crate) sandbox: sandbox::Running,
    /// `http://127.0.0.1:PORT`
    pub(crate) base: String,
    /// Follows no redirects.
    pub(crate) http: Client,
    stop: CancellationToken,
    workers: JoinSet<()>,
}

impl World {
    /// Everything runs, workers too.
    pub(crate) async fn start(pool: PgPoolOptions, database: PgConnectOptions) -> Self {
        let mut world = Self::without_workers(pool, database).await;
        let workers = Workers {
            ledger: world.ledger.clone(),
            mail: AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
                .port(world.sandbox.smtp.port())
                .build(),
            mail_from: "Talkala Wallet <wallet@localhost>".parse().unwrap(),
            sealing_key: Arc::new(SealingKey::from_seed(&[7; 32]).unwrap()),
            push: Some(Pusher::new(Arc::new(push_key()), &world.base, true)),
            price_lists: None,
            stop: world.stop.clone(),
        };
        world.workers = workers.start();
        world
    }

    /// The doors are open, but nothing happens unless a test does it.
    pub(crate) async fn without_workers(pool: PgPoolOptions, database: PgConnectOptions) -> Self {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let sandbox = sandbox::start(sandbox::Config::for_tests(Some(format!(
            "{base}/stripe/webhook"
        ))))
        .await
        .unwrap();
        let clock = Clock::default();
        let ledger = connect(
            database.clone(),
            sandbox.http,
            clock.clone(),
            base.clone(),
            Rules::default(),
            PATIENCE,
        )
        .await;
        let stop = CancellationToken::new();
        let doors = Doors {
            ledger: ledger.clone(),
            site: Site::default(),
            site_root: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../public")),
            public_origin: base.clone(),
            payment_origins: vec![sandbox.public_url.clone()],
            trusted_proxies: 0,
            push_key: Some(push_key().public().to_owned()),
            stop: stop.clone(),
        };
        let service = router(doors.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        let owner = pool.connect_with(database.clone()).await.unwrap();
        Self {
            ledger,
            owner,
            database,
            doors,
            clock,
            sandbox,
            base,
            http,
            stop,
            workers: JoinSet::new(),
        }
    }

    /// Another server on the same database and the same Stripe.
    pub(crate) async fn another_server(&self) -> Ledger {
        self.server_with(Rules::default(), PATIENCE).await
    }

    /// Another server, on a machine whose clock is off by so much.
    pub(crate) async fn server_off_by(&self, by: time::Duration) -> Ledger {
        let (database, sandbox) = (self.database.clone(), self.sandbox.http);
        let (clock, base) = (Clock::of_a_machine_off_by(by), self.base.clone());
        connect(database, sandbox, clock, base, Rules::default(), PATIENCE).await
    }

    /// Another server that waits a second for Stripe: what takes longer has an unknown outcome.
    pub(crate) async fn impatient_server(&self) -> Ledger {
        self.server_with(Rules::default(), Duration::from_secs(1))
            .await
    }

    /// Another server by other rules.
    pub(crate) async fn server_with(&self, rules: Rules, patience: Duration) -> Ledger {
        let (database, sandbox) = (self.database.clone(), self.sandbox.http);
        let (clock, base) = (self.clock.clone(), self.base.clone());
        connect(database, sandbox, clock, base, rules, patience).await
    }

    /// A destination at this price a minute.
    pub(crate) async fn add_rate(&self, prefix: &str, per_minute: &str) {
        let insert = "with list as (
                insert into price_list (price_list_id, name) values (1, 'test') returning price_list_id
            )
            insert into rate (prefix, valid_from, destination, kind, per_minute, price_list_id)
            select $1, '2020-01-01', 'Somewhere', 'landline', $2::text::numeric, price_list_id from list";
        let inserted = sqlx::query(insert).bind(prefix).bind(per_minute);
        inserted.execute(&self.owner).await.unwrap();
    }

    pub(crate) async fn owner_does(&self, sql: &'static str) {
        let done = sqlx::query(sql).execute(&self.owner).await.unwrap();
        assert!(done.rows_affected() > 0, "nothing was changed by: {sql}");
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    /// One top-up of $25 with its bonus, once, and books without a contradiction.
    pub(crate) async fn assert_credited_once(&self, wallet_id: WalletId) {
        let wallet = self.ledger.wallet(wallet_id).await.unwrap();
        assert_eq!(
            (wallet.paid, wallet.promotional, wallet.version),
            (money("25"), money("0.50"), 2)
        );
        self.assert_clean().await;
    }

    pub(crate) async fn assert_clean(&self) {
        let report = self.ledger.verify(None).await.unwrap();
        assert!(report.is_clean(), "{report:#?}");
        assert!(
            self.count("select count(*) from transfer").await > 0,
            "nothing was written, so nothing was checked"
        );
    }
}

async fn connect(
    database: PgConnectOptions,
    sandbox: SocketAddr,
    clock: Clock,
    public_origin: String,
    rules: Rules,
    patience: Duration,
) -> Ledger {
    let stripe = StripeConfig {
        secret_key: "sk_test_sandbox".into(),
        api_base: format!("http://{sandbox}/"),
        webhook_secrets: vec!["whsec_old".into(), "whsec_sandbox".into()],
        environment: "test".into(),
    };
    let config = ledger::Config {
        database,
        stripe: Stripe::with_timeout(stripe, patience).unwrap(),
        rules,
        clock,
        public_origin,
        originate: Some(Originate {
            url: format!("http://{sandbox}"),
            key: None,
        }),
    };
    Ledger::connect(config).await.unwrap()
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

/// A key of messages to browsers, always the same.
fn push_key() -> PushKey {
    static KEY: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    PushKey::read(KEY.get_or_init(|| PushKey::generate().unwrap())).unwrap()
}
