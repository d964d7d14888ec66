//! Notices for browsers that asked to be told: who they are, and what is on its way to them.

use domain::notice::Notice;
use domain::{CustomerId, WalletId};
use language::{Language, notice as words};
use serde_json::{Value, json};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::Ledger;
use crate::error::{Error, Fault};

/// After this long nobody wants to be told any more; the notice stands on the page.
const GIVE_UP_AFTER: Duration = Duration::hours(12);
/// Until a message that failed is tried again; doubled each time.
const RETRY_AFTER: Duration = Duration::seconds(30);
/// Messages taken at once.
const BATCH: i64 = 20;

/// Where a browser is told, as its push service names it, and the keys that only it can open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushSubscription {
    pub endpoint: String,
    pub p256dh: String,
    pub auth: String,
    /// The name of the device, for the export.
    pub device: String,
}

/// A message to send now.
#[derive(Clone, Debug)]
pub struct DuePush {
    push_message_id: Uuid,
    pub endpoint: String,
    pub p256dh: String,
    pub auth: String,
    /// `title`, `body` and `url`.
    pub body: Value,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushOutcome {
    Sent,
    /// The browser wants no more of them.
    Gone,
    /// Tried again later.
    Failed,
}

impl Ledger {
    /// Tells this browser from now on. The same one again belongs to whoever asked last.
    pub async fn push_here(
        &self,
        customer_id: CustomerId,
        subscription: &PushSubscription,
    ) -> Result<(), Error> {
        sqlx::query!(
            "insert into push_subscription (endpoint, customer_id, p256dh, auth, device)
             values ($1, $2, $3, $4, $5)
             on conflict (endpoint) do update set customer_id = excluded.customer_id,
                 p256dh = excluded.p256dh, auth = excluded.auth, device = excluded.device",
            subscription.endpoint,
            customer_id as CustomerId,
            subscription.p256dh,
            subscription.auth,
            subscription.device
        )
        .execute(self.web())
        .await?;
        Ok(())
    }

    /// Tells this browser no more; one that is another's or gone already stays as it is.
    pub async fn push_no_more(&self, customer_id: CustomerId, endpoint: &str) -> Result<(), Error> {
        sqlx::query!(
            "delete from push_subscription where customer_id = $1 and endpoint = $2",
            customer_id as CustomerId,
            endpoint
        )
        .execute(self.web())
        .await?;
        Ok(())
    }

    /// Takes messages that are due. Each comes again later unless it is said what became of it.
    pub async fn take_pushes(&self) -> Result<Vec<DuePush>, Error> {
        let now = self.clock().now();
        sqlx::query!("delete from push_message where give_up_at < $1", now)
            .execute(self.worker())
            .await?;
        Ok(sqlx::query_as!(
            DuePush,
            "update push_message as message
             set attempts = attempts + 1, next_at = $1 + $2::interval * (2 ^ least(attempts, 10))
             from push_subscription as browser
             where message.push_message_id in (
                 select push_message_id from push_message where next_at <= $1
                 order by next_at limit $3 for update skip locked
             ) and browser.endpoint = message.endpoint
             returning message.push_message_id, message.endpoint, p256dh, auth, body",
            now,
            RETRY_AFTER as Duration,
            BATCH
        )
        .fetch_all(self.worker())
        .await?)
    }

    pub async fn push_ended(&self, push: &DuePush, outcome: PushOutcome) -> Result<(), Error> {
        match outcome {
            PushOutcome::Failed => {}
            PushOutcome::Sent => {
                sqlx::query!(
                    "delete from push_message where push_message_id = $1",
                    push.push_message_id
                )
                .execute(self.worker())
                .await?;
            }
            PushOutcome::Gone => {
                sqlx::query!(
                    "delete from push_subscription where endpoint = $1",
                    push.endpoint
                )
                .execute(self.worker())
                .await?;
            }
        }
        Ok(())
    }
}

/// One message for each browser of the wallet's owner, in the transaction of the notice itself.
pub(crate) async fn write(
    tx: &mut PgConnection,
    wallet_id: WalletId,
    notice: &Notice,
    language: Language,
    now: OffsetDateTime,
) -> Result<(), Fault> {
    let body = json!({
        "title": words::headline(notice, language),
        "body": words::detail(notice, language),
        "url": words::way_on(notice, language).0,
    });
    sqlx::query!(
        "insert into push_message (push_message_id, endpoint, body, next_at, give_up_at)
         select gen_random_uuid(), endpoint, $2, $3, $4
         from push_subscription join customer using (customer_id)
         where wallet_id = $1",
        wallet_id as WalletId,
        body,
        now,
        now + GIVE_UP_AFTER
    )
    .execute(tx)
    .await?;
    Ok(())
}
