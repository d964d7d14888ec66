//! Demo data: a customer with a few months behind her, made by the same acts as real life.

mod calls;
mod desk;
mod refill;

use std::time::Duration as Pause;

use anyhow::{Context, bail};
use domain::{Email, Money, TopUpId, WalletId};
use ledger::{Clock, Ledger, StartTopUp};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{connect, rates, switch_key};
use crate::config::Config;

const EMAIL: &str = "ana@example.com";
const VISA: &str = "4242424242424242";
const DECLINED: &str = "4000000000000002";

/// What Ana bought, oldest first: how many days ago, for how much, with which card.
const TOP_UPS: [(i64, u32, &str); 9] = [
    (172, 10, VISA),
    (149, 25, VISA),
    (118, 25, VISA),
    (92, 50, VISA),
    (61, 10, DECLINED),
    (61, 25, VISA),
    (33, 100, VISA),
    (12, 25, VISA),
    (2, 50, VISA),
];

/// Seeds an empty database; one with other customers is left as it is. What an interrupted run
/// did not get to is done now.
pub(super) async fn run(config: &Config, database: &PgConnectOptions) -> anyhow::Result<()> {
    let clock = Clock::default();
    let ledger = connect(config, database, clock).await?;
    rates::seed(&ledger).await?;
    if config.uses_sandbox() {
        switch_key::seed(&ledger).await?;
    }
    let owner = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(database.clone())
        .await?;
    let customers: i64 = sqlx::query_scalar("select count(*) from customer")
        .fetch_one(&owner)
        .await?;
    if customers > 0 {
        println!("The database has customers already: nothing is seeded.");
        return Ok(());
    }
    if !config.uses_sandbox() {
        println!("Payments go to Stripe itself: no demo top-ups are made.");
        return Ok(());
    }
    let sandbox = Sandbox {
        base: config.sandbox_url.trim_end_matches('/').to_owned(),
        http: reqwest::Client::new(),
    };
    let ana = ledger.open_customer(&Email::parse(EMAIL)?).await?;
    let done: i64 = sqlx::query_scalar("select count(*) from top_up where wallet_id = $1")
        .bind(ana.wallet_id.0)
        .fetch_one(&owner)
        .await?;
    let mut connection = owner.acquire().await?;
    calls::people(&ledger, ana.wallet_id).await?;
    desk::people(&ledger, ana.wallet_id).await?;
    for (index, (days_ago, dollars, card)) in TOP_UPS.into_iter().enumerate() {
        // The books are in the order of what happened, so everything is done in that order.
        if let Some(before) = index.checked_sub(1).map(|before| TOP_UPS[before].0) {
            calls::between(&ledger, &mut connection, ana.wallet_id, before, days_ago).await?;
        }
        if index < usize::try_from(done)? {
            continue;
        }
        println!(
            "Demo top-up {} of {}: ${dollars}.00, {days_ago} days ago",
            index + 1,
            TOP_UPS.len()
        );
        let top_up_id = buy(
            &ledger,
            &sandbox,
            ana.wallet_id,
            Money::from_dollars(dollars),
            card,
        )
        .await?;
        // Some hour of the day, another for each, the same at every run.
        let hour = i64::try_from(index * 5 % 11).context("a small number")? + 9;
        let at = OffsetDateTime::now_utc().replace_time(time::Time::MIDNIGHT)
            - Duration::days(days_ago)
            + Duration::hours(hour);
        date_back(&mut connection, ana.wallet_id, top_up_id, at).await?;
    }
    let last = TOP_UPS.last().map_or(0, |top_up| top_up.0);
    calls::between(&ledger, &mut connection, ana.wallet_id, last, 0).await?;
    // Her past moved the clock of its ledger ahead; these happen now.
    let present = connect(config, database, Clock::default()).await?;
    desk::corrections(&present, ana.wallet_id).await?;
    refill::card_and_rule(&present, &sandbox, ana.wallet_id).await?;
    println!("Demo customer: {EMAIL}");
    Ok(())
}

/// Buys as a person does: starts, pays on the hosted page, comes back.
async fn buy(
    ledger: &Ledger,
    sandbox: &Sandbox,
    wallet_id: WalletId,
    amount: Money,
    card: &str,
) -> anyhow::Result<TopUpId> {
    let start = StartTopUp {
        top_up_id: ledger.new_top_up_id(),
        amount,
        save_card: None,
        wants_invoice: false,
    };
    let page = ledger
        .start_top_up(wallet_id, start)
        .await
        .context("start a demo top-up: is the sandbox running? `cargo xtask run` starts it")?;
    let session_id = page
        .rsplit('/')
        .next()
        .context("the page's address ends with the session")?;
    sandbox.pay(session_id, card).await?;
    if card == DECLINED {
        sandbox.expire(session_id).await?;
    }
    for _ in 0..100 {
        // No server runs yet that Stripe could tell: the reconciler looks, as after a lost webhook.
        ledger.clock().advance(Duration::seconds(31));
        ledger.reconcile_top_ups().await?;
        let pending = ledger.pending_top_ups(wallet_id).await?;
        if pending.iter().all(|item| item.top_up_id != start.top_up_id) {
            return Ok(start.top_up_id);
        }
        tokio::time::sleep(Pause::from_millis(200)).await;
    }
    bail!("settle a demo top-up: the sandbox did not answer in time")
}

/// Moves what just happened to the past. Only the owner of the database can; the application's
/// roles may not choose a transfer's time.
async fn date_back(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    top_up_id: TopUpId,
    at: OffsetDateTime,
) -> anyhow::Result<()> {
    let mut tx = connection.begin().await?;
    sqlx::query("update transfer set created_at = $3 where wallet_id = $1 and subject = 'top_up' and subject_id = $2::text")
        .bind(wallet_id.0)
        .bind(top_up_id.0)
        .bind(at + Duration::seconds(40))
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "update transfer set expires_at = $3 + interval '365 days'
         where wallet_id = $1 and subject = 'top_up' and subject_id = $2::text and expires_at is not null",
    )
    .bind(wallet_id.0)
    .bind(top_up_id.0)
    .bind(at)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "update top_up set started_at = $3, settled_at = case when settled_at is null then null else $3 + interval '40 seconds' end
         where wallet_id = $1 and top_up_id = $2",
    )
    .bind(wallet_id.0)
    .bind(top_up_id.0)
    .bind(at)
    .execute(&mut *tx)
    .await?;
    let oldest: Uuid = wallet_id.0;
    sqlx::query("update wallet set created_at = least(created_at, $2) where wallet_id = $1")
        .bind(oldest)
        .bind(at - Duration::minutes(10))
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// The sandbox's control plane.
struct Sandbox {
    base: String,
    http: reqwest::Client,
}

impl Sandbox {
    /// A card that is declined is no failure: it is what Ana did.
    async fn pay(&self, session_id: &str, card: &str) -> anyhow::Result<()> {
        let url = format!("{}/_sandbox/sessions/{session_id}/pay", self.base);
        let answer = self
            .http
            .post(url)
            .json(&serde_json::json!({ "card": card }))
            .send()
            .await?;
        if answer.status() != reqwest::StatusCode::PAYMENT_REQUIRED {
            answer.error_for_status()?;
        }
        Ok(())
    }

    async fn expire(&self, session_id: &str) -> anyhow::Result<()> {
        let url = format!("{}/v1/checkout/sessions/{session_id}/expire", self.base);
        self.http
            .post(url)
            .bearer_auth("sk_test_sandbox")
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }
}
