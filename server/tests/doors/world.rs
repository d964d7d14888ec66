//! A server on a port and a database of its own, with a sandbox of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use app::Site;
use domain::top_up::TopUpState;
use domain::{CustomerId, Email, Money, TopUpId, WalletId};
use ledger::stripe::{Stripe, StripeConfig};
use ledger::{Clock, Ledger, Originate, Rules, SealingKey, StartTopUp, StoredSession};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use reqwest::header::{COOKIE, HeaderMap};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use server::push::{PushKey, Pusher};
use server::{Doors, Workers, router};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

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

/// Somebody who is signed in.
pub(crate) struct Person {
    pub(crate) customer_id: CustomerId,
    pub(crate) wallet_id: WalletId,
    /// What their sessions are opened with, instead of a code.
    pub(crate) passkey_id: Option<Uuid>,
    pub(crate) cookie: String,
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

    /// A new customer with a session in a browser.
    pub(crate) async fn person(&self) -> Person {
        let email = format!("{}@example.com", Uuid::now_v7().simple());
        let customer = self
            .ledger
            .open_customer(&Email::parse(&email).unwrap())
            .await
            .unwrap();
        let person = Person {
            customer_id: customer.customer_id,
            wallet_id: customer.wallet_id,
            passkey_id: None,
            cookie: String::new(),
        };
        self.session_of(&person).await
    }

    /// A session that somebody opened just now.
    pub(crate) async fn session_of(&self, customer: &Person) -> Person {
        let id = tower_sessions::session::Id::default();
        let session_id = Uuid::now_v7();
        let mut data = json!({
            "customer_id": customer.customer_id,
            "wallet_id": customer.wallet_id,
            "session_id": session_id,
            "signed_in_at": self.clock.now().unix_timestamp(),
        });
        if let Some(passkey_id) = customer.passkey_id {
            data["passkey_id"] = json!(passkey_id);
        }
        let session = StoredSession {
            session_id,
            customer_id: Some(customer.customer_id),
            device: Some("Test".into()),
            data,
            expires_at: time::OffsetDateTime::now_utc() + time::Duration::days(1),
        };
        assert!(
            self.ledger
                .insert_session(&id.0.to_le_bytes(), &session)
                .await
                .unwrap()
        );
        Person {
            customer_id: customer.customer_id,
            wallet_id: customer.wallet_id,
            passkey_id: customer.passkey_id,
            cookie: format!("__Host-session={id}"),
        }
    }

    /// Another server on the same database and the same Stripe.
    pub(crate) async fn another_server(&self) -> Ledger {
        self.server_with(Rules::default(), PATIENCE).await
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

    /// Stripe's name of a customer.
    pub(crate) async fn stripe_customer(&self, person: &Person) -> String {
        let id = sqlx::query_scalar("select stripe_customer_id from customer where wallet_id = $1");
        id.bind(person.wallet_id)
            .fetch_one(&self.owner)
            .await
            .unwrap()
    }

    /// Sends a form, as a browser without scripts does.
    pub(crate) async fn post(
        &self,
        path: &str,
        person: &Person,
        fields: &[(&str, &str)],
    ) -> Response {
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request
            .header("accept", "text/html")
            .header("origin", &self.base)
            .header("referer", format!("{}/", self.base))
            .header(COOKIE, &person.cookie);
        request.form(fields).send().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str, person: Option<&Person>) -> Response {
        let mut request = self
            .http
            .get(format!("{}{path}", self.base))
            .header("accept", "text/html");
        if let Some(person) = person {
            request = request.header(COOKIE, &person.cookie);
        }
        request.send().await.unwrap()
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

/// The session whose hosted page this is.
pub(crate) fn session_of(page: &str) -> String {
    let id = page.rsplit('/').next().unwrap();
    assert!(id.starts_with("cs_"), "not a payment page: {page}");
    id.to_owned()
}

/// A key of messages to browsers, always the same.
fn push_key() -> PushKey {
    static KEY: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    PushKey::read(KEY.get_or_init(|| PushKey::generate().unwrap())).unwrap()
}
