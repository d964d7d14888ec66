//! A server with switches, wallets and prices.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use app::Site;
use domain::call::CallRules;
use domain::{Email, Money, WalletId};
use ledger::stripe::{Stripe, StripeConfig};
use ledger::{Clock, ImportRates, Ledger, Rules};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use server::{Doors, router};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) const LANDLINE: &str = "+525512345678";
pub(crate) const MOBILE: &str = "+5215512345678";
pub(crate) const PREMIUM: &str = "+19005551234";
pub(crate) const BLOCKED: &str = "+8816123456";
pub(crate) const NOWHERE: &str = "+9991234567";

const PRICES: &str = "prefix,destination,kind,per_minute,initial,increment,blocked
52,Mexico,landline,0.10,1,1,no
521,Mexico mobile,mobile,0.10,60,60,no
1900,Premium,special,1,1,1,no
44,United Kingdom,landline,0.20,1,1,no
881,Satellite,special,9,60,60,yes
";

pub(crate) struct Switch {
    pub(crate) ledger: Ledger,
    pub(crate) owner: PgPool,
    pub(crate) clock: Clock,
    pub(crate) key: String,
    pub(crate) base: String,
    pub(crate) http: Client,
    database: PgConnectOptions,
}

/// An answer, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The answer with this status, read.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json()
    }

    /// A problem document with this status.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, expected: Value) {
        assert_eq!(self.expect(status), expected);
        assert_eq!(self.kind, "application/problem+json");
    }
}

impl Switch {
    pub(crate) async fn open(pool: PgPoolOptions, database: PgConnectOptions) -> Self {
        Self::with_rules(pool, database, Rules::default()).await
    }

    pub(crate) async fn with_rules(
        pool: PgPoolOptions,
        database: PgConnectOptions,
        rules: Rules,
    ) -> Self {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Clock::default();
        let (ledger, base) = start(&database, rules, &clock).await;
        let owner = pool.connect_with(database.clone()).await.unwrap();
        let key = ledger.create_switch_key("test", "test").await.unwrap();
        let switch = Self {
            ledger,
            owner,
            clock,
            key: key.unwrap(),
            base,
            http: Client::builder()
                .timeout(Duration::from_secs(30))
                .build()
                .unwrap(),
            database,
        };
        switch.import(PRICES).await;
        switch
    }

    /// The server forgets everything it had in memory.
    pub(crate) async fn restart(&mut self) {
        let rules = self.ledger.rules().clone();
        (self.ledger, self.base) = start(&self.database, rules, &self.clock).await;
    }

    pub(crate) async fn import(&self, text: &str) {
        let import = ImportRates {
            name: "test".into(),
            text: text.into(),
            effective: None,
            complete: false,
            author: "test".into(),
            dry_run: false,
        };
        self.ledger.import_rates(import).await.unwrap();
    }

    /// A wallet that is older than a month, with paid and given credit.
    pub(crate) async fn funded(&self, paid: &str, bonus: &str) -> WalletId {
        let wallet_id = self.wallet().await;
        self.fund(wallet_id, paid, bonus).await;
        wallet_id
    }

    pub(crate) async fn wallet(&self) -> WalletId {
        let email = format!("{}@example.com", Uuid::now_v7().simple());
        let email = Email::parse(&email).unwrap();
        let wallet_id = self.ledger.open_customer(&email).await.unwrap().wallet_id;
        sqlx::query(
            "update wallet set created_at = now() - interval '31 days' where wallet_id = $1",
        )
        .bind(wallet_id)
        .execute(&self.owner)
        .await
        .unwrap();
        wallet_id
    }

    /// A settled top-up as the books hold one, written by the owner: these tests need credit, not
    /// Stripe.
    pub(crate) async fn fund(&self, wallet_id: WalletId, paid: &str, bonus: &str) {
        let (paid, bonus) = (money(paid), money(bonus));
        let top_up_id = Uuid::now_v7();
        let mut tx = self.owner.begin().await.unwrap();
        sqlx::query(
            "insert into top_up (wallet_id, top_up_id, source, state, amount, bonus, idempotency_key,
                 checkout_expires_at, return_origin, next_check_at, settled_at, stripe_payment_id)
             values ($1, $2, 'manual', 'settled', $3, $4, $5, now(), '', now(), now(), $6)",
        )
        .bind(wallet_id)
        .bind(top_up_id)
        .bind(paid)
        .bind(bonus)
        .bind(format!("topup:{top_up_id}"))
        .bind(format!("pi_{}", top_up_id.simple()))
        .execute(&mut *tx)
        .await
        .unwrap();
        let before = self.ledger.wallet(wallet_id).await.unwrap();
        let parts = [
            ("top_up", "stripe_clearing", paid),
            ("bonus", "promotion_expense", bonus),
        ];
        let (mut available, mut promotional) = (before.available(), before.promotional);
        let mut seq = before.version;
        for (kind, from, amount) in parts.into_iter().filter(|part| part.2.is_positive()) {
            let given = if kind == "bonus" { amount } else { Money::ZERO };
            seq += 1;
            available += amount;
            promotional += given;
            sqlx::query(
                "insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
                     available_after, held_after, promotional_after, debt_after, subject, subject_id, expires_at)
                 values ($1, $2, $3, $4, 'available', $5, $6, $7, $8, $9, 0, 'top_up', $10,
                     case $3 when 'bonus' then now() + interval '365 days' end)",
            )
            .bind(wallet_id)
            .bind(seq)
            .bind(kind)
            .bind(from)
            .bind(amount)
            .bind(given)
            .bind(available)
            .bind(before.held)
            .bind(promotional)
            .bind(top_up_id.to_string())
            .execute(&mut *tx)
            .await
            .unwrap();
        }
        sqlx::query("update wallet set paid = paid + $2, promotional = promotional + $3, version = $4 where wallet_id = $1")
            .bind(wallet_id)
            .bind(paid)
            .bind(bonus)
            .bind(seq)
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn send(&self, method: Method, path: &str, key: &str, body: String) -> Answer {
        let answer = self
            .http
            .request(method, format!("{}/switch/v1{path}", self.base))
            .header("authorization", format!("Bearer {key}"))
            .body(body)
            .send()
            .await
            .unwrap();
        let kind = answer.headers().get("content-type");
        Answer {
            status: answer.status().as_u16(),
            kind: kind.map_or_else(String::new, |kind| kind.to_str().unwrap().to_owned()),
            text: answer.text().await.unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &self.key, String::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &self.key, body.to_string())
            .await
    }

    pub(crate) async fn authorize(&self, wallet_id: WalletId, call_id: &str, to: &str) -> Answer {
        let body = json!({ "call_id": call_id, "from": "+12125550123", "to": to });
        self.post(&format!("/wallets/{wallet_id}/calls"), body)
            .await
    }

    pub(crate) async fn answer(&self, wallet_id: WalletId, call_id: &str) -> Answer {
        let path = format!("/wallets/{wallet_id}/calls/{call_id}/answer");
        self.post(&path, json!({})).await
    }

    pub(crate) async fn update(
        &self,
        wallet_id: WalletId,
        call_id: &str,
        seq: i64,
        talked: i64,
    ) -> Answer {
        let path = format!("/wallets/{wallet_id}/calls/{call_id}/update");
        self.post(&path, json!({ "seq": seq, "talked_seconds": talked }))
            .await
    }

    pub(crate) async fn end(&self, wallet_id: WalletId, call_id: &str, talked: i64) -> Answer {
        let path = format!("/wallets/{wallet_id}/calls/{call_id}/end");
        self.post(
            &path,
            json!({ "talked_seconds": talked, "cause": "normal" }),
        )
        .await
    }

    /// Available, held.
    pub(crate) async fn balance(&self, wallet_id: WalletId) -> (Money, Money) {
        let wallet = self.ledger.wallet(wallet_id).await.unwrap();
        (wallet.available(), wallet.held)
    }

    pub(crate) async fn assert_clean(&self) {
        let report = self.ledger.verify(None).await.unwrap();
        assert!(report.is_clean(), "{report:#?}");
        let transfers: i64 = sqlx::query_scalar("select count(*) from transfer")
            .fetch_one(&self.owner)
            .await
            .unwrap();
        assert!(transfers > 0, "nothing was written, so nothing was checked");
    }
}

async fn start(database: &PgConnectOptions, rules: Rules, clock: &Clock) -> (Ledger, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    // Nobody listens there: a test that asks Stripe without meaning to fails at once.
    let stripe = Stripe::new(StripeConfig {
        secret_key: "sk_test_sandbox".into(),
        api_base: "http://127.0.0.1:9/".into(),
        webhook_secrets: vec!["whsec_sandbox".into()],
        environment: "test".into(),
    })
    .unwrap();
    let ledger = Ledger::connect(ledger::Config {
        database: database.clone(),
        stripe,
        rules,
        clock: clock.clone(),
        public_origin: base.clone(),
        originate: None,
    })
    .await
    .unwrap();
    let doors = Doors {
        ledger: ledger.clone(),
        site: Site::default(),
        site_root: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../public")),
        public_origin: base.clone(),
        payment_origins: Vec::new(),
        trusted_proxies: 0,
        push_key: None,
        stop: CancellationToken::new(),
    };
    let service = router(doors).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    (ledger, base)
}

/// Many calls at once.
pub(crate) fn many_calls() -> Rules {
    Rules {
        call: CallRules {
            calls_at_once: 1_000,
            ..CallRules::default()
        },
        ..Rules::default()
    }
}

pub(crate) fn money(text: &str) -> Money {
    text.parse().unwrap()
}
