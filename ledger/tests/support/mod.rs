//! A ledger on a database of its own, and the ways tests look at it.

// Each file of tests uses its part of these.
#![allow(dead_code)]

pub(crate) mod calls;
pub(crate) mod cluster;

use domain::spend::SpendRules;
use domain::{Email, Money, WalletId};
use ledger::stripe::{Stripe, StripeConfig};
use ledger::{Clock, Config, Ledger, Rules};
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

/// Nobody listens there: a test that asks Stripe without meaning to fails at once.
const NOWHERE: &str = "http://127.0.0.1:9/";

pub(crate) struct Books {
    pub(crate) ledger: Ledger,
    /// The owner of the database, who may do what the application may not.
    pub(crate) owner: PgPool,
    pub(crate) clock: Clock,
    pub(crate) database: PgConnectOptions,
}

impl Books {
    /// A ledger whose Stripe is nowhere.
    pub(crate) async fn open(pool: PgPoolOptions, database: PgConnectOptions) -> Self {
        Self::with_stripe(pool, database, NOWHERE).await
    }

    /// A ledger that asks this server instead of Stripe; the address ends with a slash.
    pub(crate) async fn with_stripe(
        pool: PgPoolOptions,
        database: PgConnectOptions,
        api_base: &str,
    ) -> Self {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Clock::default();
        let config = config(database.clone(), api_base, clock.clone());
        Self {
            ledger: Ledger::connect(config).await.unwrap(),
            owner: pool.connect_with(database.clone()).await.unwrap(),
            clock,
            database,
        }
    }

    /// Another server on the same database.
    pub(crate) async fn another_server(&self) -> Ledger {
        let config = config(self.database.clone(), NOWHERE, self.clock.clone());
        Ledger::connect(config).await.unwrap()
    }

    /// A new customer's empty wallet.
    pub(crate) async fn wallet(&self) -> WalletId {
        let email = format!("{}@example.com", Uuid::now_v7().simple());
        let customer = self
            .ledger
            .open_customer(&Email::parse(&email).unwrap())
            .await
            .unwrap();
        customer.wallet_id
    }

    /// A new wallet with this much paid and promotional credit.
    pub(crate) async fn funded(&self, paid: &str, bonus: &str) -> WalletId {
        let wallet_id = self.wallet().await;
        self.settled_top_up(wallet_id, money(paid), money(bonus))
            .await;
        wallet_id
    }

    /// A settled top-up as the books hold one, written by the owner into an empty wallet: tests of
    /// other things need credit, not Stripe.
    pub(crate) async fn settled_top_up(&self, wallet_id: WalletId, paid: Money, bonus: Money) {
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
        sqlx::query(
            "with part as (
                 select row_number() over (order by seq) as seq, kind, from_account, amount, promotional
                 from (values (1, 'top_up', 'stripe_clearing', $3::numeric, 0::numeric),
                              (2, 'bonus', 'promotion_expense', $4, $4)) as part (seq, kind, from_account, amount, promotional)
                 where amount > 0
             ), wallet_now as (
                 update wallet set paid = paid + $3, promotional = promotional + $4,
                     version = version + (select count(*) from part)
                 where wallet_id = $1 and version = 0
                 returning wallet_id
             )
             insert into transfer (wallet_id, seq, kind, from_account, to_account, amount, promotional,
                 available_after, held_after, promotional_after, debt_after, subject, subject_id, expires_at)
             select wallet_now.wallet_id, seq, kind, from_account, 'available', amount, promotional,
                 sum(amount) over (order by seq), 0, sum(promotional) over (order by seq), 0, 'top_up', $2::text,
                 case kind when 'bonus' then now() + interval '365 days' end
             from wallet_now, part",
        )
        .bind(wallet_id)
        .bind(top_up_id.to_string())
        .bind(paid)
        .bind(bonus)
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// The owner changes whatever a test wants changed.
    pub(crate) async fn corrupt(&self, sql: &'static str) {
        let done = sqlx::query(sql).execute(&self.owner).await.unwrap();
        assert!(done.rows_affected() > 0, "nothing was corrupted by: {sql}");
    }

    /// Every statement about the books holds, and there were books to check.
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

fn config(database: PgConnectOptions, api_base: &str, clock: Clock) -> Config {
    let stripe = Stripe::new(StripeConfig {
        secret_key: "sk_test_sandbox".into(),
        api_base: api_base.into(),
        webhook_secrets: vec!["whsec_sandbox".into()],
        environment: "test".into(),
    })
    .unwrap();
    Config {
        database,
        stripe,
        // What calls may take in a day is tried where switches knock; here it would end long tests.
        rules: Rules {
            spend: SpendRules::none(),
            ..Rules::default()
        },
        clock,
        public_origin: "http://localhost:3000".into(),
        originate: None,
    }
}

pub(crate) fn money(text: &str) -> Money {
    text.parse().unwrap()
}
