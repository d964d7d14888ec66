//! Buying as a person does: starts, pays on the hosted page, comes back.

use std::time::Duration;

use anyhow::{Context, bail};
use domain::{Declined, Money, TopUpId, WalletId};
use ledger::{Error, Ledger, StartTopUp};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use time::OffsetDateTime;

pub(super) const VISA: &str = "4242424242424242";
pub(super) const DECLINED: &str = "4000000000000002";

/// A top-up, and when it was.
pub(super) struct Purchase {
    pub(super) wallet_id: WalletId,
    pub(super) top_up_id: TopUpId,
    pub(super) dollars: u32,
    pub(super) card: &'static str,
    pub(super) at: OffsetDateTime,
}

/// Buys, and moves it to its day; what was done before is not done again.
pub(super) async fn purchase(
    ledger: &Ledger,
    sandbox: &Sandbox,
    connection: &mut PgConnection,
    purchase: &Purchase,
) -> anyhow::Result<()> {
    let start = StartTopUp {
        top_up_id: purchase.top_up_id,
        amount: Money::from_dollars(purchase.dollars),
        save_card: None,
        wants_invoice: false,
    };
    match ledger.start_top_up(purchase.wallet_id, start).await {
        Ok(page) => sandbox.finish(&page, purchase.card).await?,
        // The page is closed already; what came of it is looked up below.
        Err(Error::Declined(Declined::TopUpOver)) => {}
        Err(error) => {
            return Err(error).context(
                "start a demo top-up: is the sandbox running? `cargo xtask run` starts it",
            );
        }
    }
    settle(ledger, connection, purchase).await?;
    date_back(connection, purchase).await
}

/// No server runs yet that Stripe could tell: the reconciler looks, as after a lost webhook. It is made due
/// by the owner: time that a clock of ours ran ahead would be missed by whoever goes on after a kill.
async fn settle(
    ledger: &Ledger,
    connection: &mut PgConnection,
    purchase: &Purchase,
) -> anyhow::Result<()> {
    for _ in 0..100 {
        let pending = ledger.pending_top_ups(purchase.wallet_id).await?;
        if pending
            .iter()
            .all(|item| item.top_up_id != purchase.top_up_id)
        {
            return Ok(());
        }
        sqlx::query(
            "update top_up set next_check_at = now() - interval '1 second'
             where wallet_id = $1 and top_up_id = $2",
        )
        .bind(purchase.wallet_id.0)
        .bind(purchase.top_up_id.0)
        .execute(&mut *connection)
        .await?;
        if ledger.reconcile_top_ups().await? == 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    bail!("settle a demo top-up: the sandbox did not answer in time")
}

/// Moves what just happened to the past. Only the owner of the database can; the application's
/// roles may not choose a transfer's time.
async fn date_back(connection: &mut PgConnection, purchase: &Purchase) -> anyhow::Result<()> {
    let Purchase {
        wallet_id,
        top_up_id,
        at,
        ..
    } = *purchase;
    let mut tx = connection.begin().await?;
    for sql in [
        "update transfer set created_at = $3 + interval '40 seconds',
             expires_at = case when expires_at is null then null else $3 + interval '365 days' end
         where wallet_id = $1 and subject = 'top_up' and subject_id = $2::text",
        "update top_up set started_at = $3,
             settled_at = case when settled_at is null then null else $3 + interval '40 seconds' end
         where wallet_id = $1 and top_up_id = $2",
        "update wallet set created_at = least(created_at, $3 - interval '10 minutes')
         where wallet_id = $1 and $2::uuid is not null",
        "update customer set created_at = least(created_at, $3 - interval '10 minutes')
         where wallet_id = $1 and $2::uuid is not null",
        // What was told longer ago than a week was put away since.
        "update notice set created_at = $3 + interval '40 seconds',
             read_at = case when $3 < now() - interval '7 days' then $3 + interval '1 hour' end
         where wallet_id = $1 and event_key = $2::text",
    ] {
        sqlx::query(sql)
            .bind(wallet_id.0)
            .bind(top_up_id.0)
            .bind(at)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The world outside, as the sandbox plays it.
pub(super) struct Sandbox {
    base: String,
    http: reqwest::Client,
}

impl Sandbox {
    pub(super) fn at(url: &str) -> Self {
        Self {
            base: url.trim_end_matches('/').to_owned(),
            http: reqwest::Client::new(),
        }
    }

    /// Pays on a hosted page that is still open; a page of ours says that it was paid. A card that is
    /// declined is no failure: it is what Ana did, and left.
    pub(super) async fn finish(&self, page: &str, card: &str) -> anyhow::Result<()> {
        let Some(session_id) = page.rsplit('/').next().filter(|id| id.starts_with("cs_")) else {
            return Ok(());
        };
        let url = format!("{}/_sandbox/sessions/{session_id}/pay", self.base);
        let answer = self
            .http
            .post(url)
            .json(&json!({ "card": card }))
            .send()
            .await?;
        if answer.status() == reqwest::StatusCode::PAYMENT_REQUIRED {
            let url = format!("{}/v1/checkout/sessions/{session_id}/expire", self.base);
            let expired = self.http.post(url).bearer_auth("sk_test_sandbox");
            expired.send().await?.error_for_status()?;
        } else {
            answer.error_for_status()?;
        }
        Ok(())
    }

    /// Has the bank dispute a payment, unless it does already.
    pub(super) async fn dispute(&self, payment_id: &str) -> anyhow::Result<()> {
        let list = format!("{}/v1/disputes?payment_intent={payment_id}", self.base);
        let known = self.read(list).await?;
        if known["data"][0].is_object() {
            return Ok(());
        }
        let payment = format!("{}/v1/payment_intents/{payment_id}", self.base);
        let payment = self.read(payment).await?;
        let charge = payment["latest_charge"]
            .as_str()
            .context("a paid payment has a charge")?;
        let url = format!("{}/_sandbox/charges/{charge}/dispute", self.base);
        let disputed = self.http.post(url).json(&json!({ "kind": "chargeback" }));
        disputed.send().await?.error_for_status()?;
        Ok(())
    }

    async fn read(&self, url: String) -> anyhow::Result<Value> {
        let answer = self.http.get(url).bearer_auth("sk_test_sandbox");
        Ok(answer.send().await?.error_for_status()?.json().await?)
    }
}
