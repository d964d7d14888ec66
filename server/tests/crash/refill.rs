//! `kill -9` of a real server at every state of a refill's way to Stripe: due, created, sent (charged and
//! not), unknown, with the bank. No event arrives; what comes after must find out by itself.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use domain::refill::RefillTerms;
use domain::{Email, Money, WalletId};
use language::Language;
use ledger::{Adjust, ArmRefill, IncomingMessage, Ledger, SavedFrom};
use reqwest::Client;
use serde_json::{Value, json};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

use crate::process::{Server, free_port, open_ledger};

/// Wallets whose bank takes a minute, whose charge is on its way, and that nobody has looked at.
const AT_THE_BANK: usize = 2;
const ON_THEIR_WAY: usize = 40;
const DUE: usize = 3;
/// What becomes of the requests on their way, in the order they come; not all are at Stripe at once.
const FAULTS: [(&str, u32); 3] = [
    ("500_after_commit", 2),
    ("timeout_after_commit", 3),
    ("slow", 35),
];
/// How long Stripe keeps those waiting that it keeps waiting.
const KEPT_WAITING_MS: u64 = 8_000;
/// A dead worker's lease lasts a minute, and so does the bank.
const RESOLVED_WITHIN: Duration = Duration::from_secs(150);

struct Place {
    ledger: Ledger,
    owner: PgPool,
    http: Client,
    sandbox: sandbox::Running,
}

#[sqlx::test(migrations = "../migrations")]
async fn a_server_killed_at_any_state_of_a_refill_charges_and_credits_once(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let port = free_port();
    let base = format!("http://127.0.0.1:{port}");
    let hook = format!("{base}/stripe/webhook");
    let sandbox = sandbox::start(sandbox::Config::for_tests(Some(hook))).await;
    let sandbox = sandbox.unwrap();
    let stripe = format!("http://{}/", sandbox.http);
    let place = Place {
        ledger: open_ledger(&database, &stripe, &base).await,
        owner: pool.connect_with(database.clone()).await.unwrap(),
        http: Client::new(),
        sandbox,
    };
    place
        .control("webhooks/mode", json!({ "mode": "drop" }))
        .await;
    let mut wallets = Vec::new();
    for _ in 0..AT_THE_BANK + ON_THEIR_WAY + DUE {
        wallets.push(place.armed_wallet().await);
    }
    let (at_the_bank, others) = wallets.split_at(AT_THE_BANK);
    let (on_their_way, due) = others.split_at(ON_THEIR_WAY);

    for wallet_id in at_the_bank {
        let card = place.ledger.cards(*wallet_id).await.unwrap().remove(0);
        let next = format!("payment_methods/{}/next", card.payment_method_id);
        place
            .control(&next, json!({ "outcome": "processing" }))
            .await;
        place.spend(*wallet_id).await;
    }
    let mut server = Server::start(&database, port, &stripe);
    server.ready(&place.http, &base).await;
    place.wait_for(&[("processing", AT_THE_BANK)]).await;
    server.kill();

    for (kind, n) in FAULTS {
        let fault = json!({
            "path": "/v1/payment_intents", "kind": kind, "n": n, "milliseconds": KEPT_WAITING_MS
        });
        place.control("faults", fault).await;
    }
    for wallet_id in on_their_way {
        place.spend(*wallet_id).await;
    }
    let mut server = Server::start(&database, port, &stripe);
    place
        .wait_for(&[
            ("processing", 1),
            ("created", 1),
            ("sent", 6),
            ("unknown", 2),
        ])
        .await;
    for wallet_id in due {
        place.spend(*wallet_id).await;
    }
    server.kill();
    let struck = place.states().await;
    println!("killed with refills in these states: {struck:?}");
    assert!(struck["due"] >= DUE);
    assert!(
        place.charged().await.len() >= 3,
        "some were charged, unheard"
    );
    assert_eq!(place.refilled().await, []);
    place.control("faults/clear", json!({})).await;

    // Once more, in the middle of finding out.
    let mut server = Server::start(&database, port, &stripe);
    server.ready(&place.http, &base).await;
    server.kill();
    let server = Server::start(&database, port, &stripe);
    place.wait_for(&[("succeeded", wallets.len())]).await;
    drop(server);

    wallets.sort();
    let once: Vec<_> = wallets
        .into_iter()
        .map(|id| (id, Money::from_dollars(25)))
        .collect();
    assert_eq!(place.charged().await, once, "each card was charged once");
    assert_eq!(
        place.refilled().await,
        once,
        "and each wallet credited once"
    );
    let report = place.ledger.verify(None).await.unwrap();
    assert!(report.is_clean(), "{report:#?}");
}

impl Place {
    async fn control(&self, path: &str, body: Value) {
        let url = format!("http://{}/_sandbox/{path}", self.sandbox.http);
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {answer:?}");
    }

    /// A wallet with $10.00, a saved card, and a refill of $25.00 below that.
    async fn armed_wallet(&self) -> WalletId {
        let ledger = &self.ledger;
        let email = format!("{}@example.com", Uuid::now_v7().simple());
        let email = Email::parse(&email).unwrap();
        let wallet_id = ledger.open_customer(&email).await.unwrap().wallet_id;
        let id = ledger.new_card_setup_id();
        let page = ledger.start_card_setup(wallet_id, id, SavedFrom::Account, Language::English);
        let page = page.await.unwrap();
        let session_id = page.rsplit('/').next().unwrap();
        let card = json!({ "card": "4242424242424242" });
        self.control(&format!("sessions/{session_id}/pay"), card)
            .await;
        ledger.check_card_setup(wallet_id, id).await.unwrap();
        let gift = Adjust {
            wallet_id,
            adjustment_id: Uuid::now_v7(),
            amount: Money::from_dollars(10),
            reason: "to begin with".into(),
            author: "test".into(),
            credit_expires_at: None,
        };
        ledger.adjust(gift).await.unwrap();
        let terms = RefillTerms {
            threshold: Money::from_dollars(10),
            amount: Money::from_dollars(25),
            monthly_cap: Money::from_dollars(100),
        };
        let arm = ArmRefill {
            terms,
            charge_now: false,
            language: Language::English,
        };
        ledger.arm_refill(wallet_id, arm).await.unwrap();
        ledger.decide_refills().await.unwrap();
        wallet_id
    }

    /// Takes the balance below the threshold.
    async fn spend(&self, wallet_id: WalletId) {
        let message = IncomingMessage {
            wallet_id,
            message_id: "m1".into(),
            switch_id: "test".into(),
            sender: "15550100".into(),
            recipient: "15550101".into(),
            segments: 1,
            body: "hello".into(),
            price: "0.01".parse().unwrap(),
        };
        self.ledger.charge_message(message).await.unwrap();
    }

    /// How many refills are in each state; `due` before anything was decided.
    async fn states(&self) -> BTreeMap<String, usize> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "select state, count(*) from refill_attempt group by state
             union all select 'due', count(*) from refill_due join refill_rule using (wallet_id)
             where state = 'armed'",
        )
        .fetch_all(&self.owner)
        .await
        .unwrap();
        rows.into_iter()
            .map(|(state, n)| (state, usize::try_from(n).unwrap()))
            .collect()
    }

    async fn wait_for(&self, wanted: &[(&str, usize)]) {
        let begun = Instant::now();
        loop {
            let states = self.states().await;
            let is_there = |(state, n): &(&str, usize)| states.get(*state) >= Some(n);
            if wanted.iter().all(is_there) {
                return;
            }
            assert!(
                begun.elapsed() < RESOLVED_WITHIN,
                "{states:?}, not {wanted:?}"
            );
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// What Stripe's own record says it charged, one line each, by wallet.
    async fn charged(&self) -> Vec<(WalletId, Money)> {
        let url = format!("http://{}/v1/payment_intents?limit=100", self.sandbox.http);
        let page = self
            .http
            .get(url)
            .bearer_auth("sk_test_sandbox")
            .send()
            .await;
        let page: Value = page.unwrap().json().await.unwrap();
        assert_eq!(page["has_more"], false);
        let payments = page["data"].as_array().unwrap().iter();
        let mut charged: Vec<_> = payments
            .filter(|payment| payment["status"] == "succeeded")
            .map(|payment| {
                let wallet_id = payment["metadata"]["wallet_id"].as_str().unwrap();
                let cents = payment["amount_received"].as_i64().unwrap();
                (wallet_id.parse().unwrap(), Money::from_cents(cents))
            })
            .collect();
        charged.sort();
        charged
    }

    /// What the books credited, one line each, by wallet.
    async fn refilled(&self) -> Vec<(WalletId, Money)> {
        sqlx::query_as(
            "select wallet_id, amount from transfer where kind = 'top_up' order by wallet_id",
        )
        .fetch_all(&self.owner)
        .await
        .unwrap()
    }
}
