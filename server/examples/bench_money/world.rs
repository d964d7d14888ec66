//! A whole server on a port, its workers, its database beside it, and the sandbox in Stripe's place.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use app::Site;
use domain::refill::RefillTerms;
use domain::{Email, Money, WalletId};
use language::Language;
use ledger::stripe::{Stripe, StripeConfig};
use ledger::{Adjust, ArmRefill, Clock, Config, Ledger, MIGRATOR, Rules, SavedFrom, SealingKey};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use reqwest::Client;
use serde_json::{Value, json};
use server::{Doors, Workers, router};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::cluster::Cluster;

const VISA: &str = "4242424242424242";
/// After this an outcome is unknown. In production it takes longer, and that is all that differs.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) owner: PgPool,
    pub(crate) clock: Clock,
    http: Client,
    sandbox: sandbox::Running,
    stop: CancellationToken,
    /// Ended with the world.
    _workers: JoinSet<()>,
}

impl World {
    pub(crate) async fn start(cluster: &Cluster) -> Self {
        // A test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let pool = PgPoolOptions::new().max_connections(4);
        let owner = pool.connect_with(cluster.options()).await.unwrap();
        MIGRATOR.run(&owner).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let outside = sandbox::Config::for_tests(Some(format!("{base}/stripe/webhook")));
        let sandbox = sandbox::start(outside).await.unwrap();
        let clock = Clock::default();
        let ledger = connect(cluster, sandbox.http, &clock, &base).await;
        let stop = CancellationToken::new();
        let doors = Doors {
            ledger: ledger.clone(),
            site: Site::default(),
            site_root: PathBuf::from("public"),
            public_origin: base,
            payment_origins: vec![sandbox.public_url.clone()],
            trusted_proxies: 0,
            push_key: None,
            stop: stop.clone(),
        };
        let service = router(doors).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let workers = Workers {
            ledger: ledger.clone(),
            mail: AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
                .port(sandbox.smtp.port())
                .build(),
            mail_from: "Talkala Wallet <wallet@localhost>".parse().unwrap(),
            sealing_key: Arc::new(SealingKey::from_seed(&[7; 32]).unwrap()),
            push: None,
            price_lists: None,
            stop: stop.clone(),
        };
        Self {
            _workers: workers.start(),
            ledger,
            owner,
            clock,
            http: Client::new(),
            sandbox,
            stop,
        }
    }

    /// Asks the sandbox's control plane for something; it must agree.
    pub(crate) async fn control(&self, path: &str, body: Value) {
        let url = format!("http://{}/_sandbox/{path}", self.sandbox.http);
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {answer:?}");
    }

    /// An object of Stripe's API.
    pub(crate) async fn stripe(&self, path: &str) -> Value {
        let url = format!("http://{}/v1/{path}", self.sandbox.http);
        let request = self.http.get(url).bearer_auth("sk_test_sandbox");
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Pays on the hosted page.
    pub(crate) async fn pay(&self, page: &str) {
        let session_id = page.rsplit('/').next().unwrap();
        let body = json!({ "card": VISA });
        self.control(&format!("sessions/{session_id}/pay"), body)
            .await;
    }

    /// A new customer's wallet.
    pub(crate) async fn wallet(&self) -> WalletId {
        let email = Email::parse(&format!("{}@example.com", Uuid::now_v7().simple())).unwrap();
        self.ledger.open_customer(&email).await.unwrap().wallet_id
    }

    /// A wallet with $10.00, a saved card, and auto-refill of $25.00 below that.
    pub(crate) async fn armed_wallet(&self) -> WalletId {
        let (ledger, wallet_id) = (&self.ledger, self.wallet().await);
        let id = ledger.new_card_setup_id();
        let page = ledger.start_card_setup(wallet_id, id, SavedFrom::Account, Language::English);
        self.pay(&page.await.unwrap()).await;
        ledger.check_card_setup(wallet_id, id).await.unwrap();
        let gift = Adjust {
            wallet_id,
            adjustment_id: Uuid::now_v7(),
            amount: Money::from_dollars(10),
            reason: "to begin with".into(),
            author: "bench".into(),
            credit_expires_at: None,
        };
        ledger.adjust(gift).await.unwrap();
        let arm = ArmRefill {
            terms: RefillTerms {
                threshold: Money::from_dollars(10),
                amount: Money::from_dollars(25),
                monthly_cap: Money::from_dollars(100),
            },
            charge_now: false,
            language: Language::English,
        };
        ledger.arm_refill(wallet_id, arm).await.unwrap();
        wallet_id
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn connect(cluster: &Cluster, sandbox: SocketAddr, clock: &Clock, base: &str) -> Ledger {
    let stripe = StripeConfig {
        secret_key: "sk_test_sandbox".into(),
        api_base: format!("http://{sandbox}/"),
        webhook_secrets: vec!["whsec_sandbox".into()],
        environment: "bench".into(),
    };
    let config = Config {
        database: cluster.options(),
        stripe: Stripe::with_timeout(stripe, PATIENCE).unwrap(),
        rules: Rules::default(),
        clock: clock.clone(),
        public_origin: base.to_owned(),
        originate: None,
    };
    Ledger::connect(config).await.unwrap()
}
