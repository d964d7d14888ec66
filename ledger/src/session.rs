//! Browser sessions: what the session layer of the server stores, and what the account page lists.

use domain::CustomerId;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::Ledger;
use crate::error::Error;

/// A session ends this long after its sign-in, used or not.
const LONGEST: Duration = Duration::days(90);
/// For how long a browser is known after a sign-in; it keeps its name as long.
const DEVICE_KNOWN: Duration = Duration::days(400);
/// How exact *last seen* is: a session in use is written once in this time.
const SEEN_EVERY: Duration = Duration::minutes(5);

/// A signed-in session as the account page lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSummary {
    pub session_id: Uuid,
    pub device: String,
    pub created_at: OffsetDateTime,
    pub last_seen_at: OffsetDateTime,
}

/// A session as the session layer stores it; the secret is the cookie's value.
#[derive(Clone, Debug)]
pub struct StoredSession {
    pub session_id: Uuid,
    pub customer_id: Option<CustomerId>,
    pub device: Option<String>,
    pub data: serde_json::Value,
    pub expires_at: OffsetDateTime,
}

impl Ledger {
    /// Stores a new session; false if this secret is taken.
    pub async fn insert_session(
        &self,
        secret: &[u8],
        session: &StoredSession,
    ) -> Result<bool, Error> {
        let inserted = sqlx::query!(
            "insert into session (session_hash, session_id, customer_id, device, data, expires_at)
             values ($1, $2, $3, $4, $5, $6) on conflict (session_hash) do nothing",
            hash(secret),
            session.session_id,
            session.customer_id as Option<CustomerId>,
            session.device,
            session.data,
            session.expires_at
        )
        .execute(self.web())
        .await?;
        Ok(inserted.rows_affected() == 1)
    }

    /// Changes a session that is there. One that was ended meanwhile stays ended.
    pub async fn update_session(
        &self,
        secret: &[u8],
        session: &StoredSession,
    ) -> Result<(), Error> {
        sqlx::query!(
            "update session set customer_id = $2, device = $3, data = $4, last_seen_at = $6,
                 expires_at = least($5, created_at + $7)
             where session_hash = $1",
            hash(secret),
            session.customer_id as Option<CustomerId>,
            session.device,
            session.data,
            session.expires_at,
            self.inner.clock.now(),
            LONGEST as Duration
        )
        .execute(self.web())
        .await?;
        Ok(())
    }

    /// The session behind this secret, unless it is over. Notes now and then that it was seen,
    /// which also moves its idle limit.
    pub async fn session(
        &self,
        secret: &[u8],
        idle: Duration,
    ) -> Result<Option<StoredSession>, Error> {
        let now = self.inner.clock.now();
        let mut lane = self.look().await?;
        let row = sqlx::query!(
            r#"select session_id, customer_id as "customer_id: CustomerId", device, data, expires_at, last_seen_at
               from session where session_hash = $1 and expires_at > $2"#,
            hash(secret),
            now
        )
        .fetch_optional(lane.connection())
        .await;
        let Some(row) = lane.done(row)? else {
            return Ok(None);
        };
        if now - row.last_seen_at > SEEN_EVERY {
            sqlx::query!(
                "update session set last_seen_at = $2, expires_at = least($3, created_at + $4) where session_hash = $1",
                hash(secret),
                now,
                now + idle,
                LONGEST as Duration
            )
            .execute(self.web())
            .await?;
        }
        Ok(Some(StoredSession {
            session_id: row.session_id,
            customer_id: row.customer_id,
            device: row.device,
            data: row.data,
            expires_at: row.expires_at,
        }))
    }

    pub async fn delete_session(&self, secret: &[u8]) -> Result<(), Error> {
        sqlx::query!("delete from session where session_hash = $1", hash(secret))
            .execute(self.web())
            .await?;
        Ok(())
    }

    /// Where this person is signed in, most recent first.
    pub async fn sessions(&self, customer_id: CustomerId) -> Result<Vec<SessionSummary>, Error> {
        let sessions = sqlx::query_as!(
            SessionSummary,
            r#"select session_id, coalesce(device, '') as "device!", created_at, last_seen_at
               from session where customer_id = $1 and expires_at > $2 order by last_seen_at desc"#,
            customer_id as CustomerId,
            self.inner.clock.now()
        )
        .fetch_all(self.web())
        .await?;
        Ok(sessions)
    }

    /// Signs out one session; one that is another's or gone already is *not found*.
    pub async fn end_session(
        &self,
        customer_id: CustomerId,
        session_id: Uuid,
    ) -> Result<(), Error> {
        let ended = sqlx::query!(
            "delete from session where customer_id = $1 and session_id = $2",
            customer_id as CustomerId,
            session_id
        )
        .execute(self.web())
        .await?;
        if ended.rows_affected() == 0 {
            Err(Error::NotFound)
        } else {
            Ok(())
        }
    }

    /// Signs out everywhere but here.
    pub async fn end_other_sessions(
        &self,
        customer_id: CustomerId,
        keep: Uuid,
    ) -> Result<(), Error> {
        sqlx::query!(
            "delete from session where customer_id = $1 and session_id <> $2",
            customer_id as CustomerId,
            keep
        )
        .execute(self.web())
        .await?;
        Ok(())
    }

    /// Removes what is past its date: sessions, codes, counted attempts, letters and events of 90 days,
    /// price lists that nobody took in.
    pub async fn tidy(&self) -> Result<(), Error> {
        let now = self.inner.clock.now();
        sqlx::query!("delete from session where expires_at < $1", now)
            .execute(self.worker())
            .await?;
        sqlx::query!("delete from sign_in_code where expires_at < $1", now)
            .execute(self.worker())
            .await?;
        sqlx::query!("delete from passkey_ceremony where expires_at < $1", now)
            .execute(self.worker())
            .await?;
        sqlx::query!(
            "delete from attempt where window_start < $1",
            now - Duration::days(2)
        )
        .execute(self.worker())
        .await?;
        sqlx::query!(
            "delete from known_device where last_seen_at < $1",
            now - DEVICE_KNOWN
        )
        .execute(self.worker())
        .await?;
        let old = now - Duration::days(90);
        sqlx::query!(
            "delete from email where state <> 'due' and created_at < $1",
            old
        )
        .execute(self.worker())
        .await?;
        sqlx::query!(
            "delete from stripe_event where state in ('done', 'ignored') and received_at < $1",
            old
        )
        .execute(self.worker())
        .await?;
        self.forget_price_drafts().await?;
        self.forget_check_runs().await?;
        Ok(())
    }
}

fn hash(secret: &[u8]) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}
