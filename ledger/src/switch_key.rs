//! Keys of telephone switches.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand::RngExt;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Ledger;
use crate::error::Error;

/// How long a key that was right is believed without asking: a revoked one ends within this time.
const BELIEVED_FOR: Duration = Duration::from_secs(5);
/// Far more keys than there are switches; beyond it the memory starts anew.
const MOST: usize = 1_000;

/// A key as it is listed; the secret is nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchKey {
    pub name: String,
    pub switch_id: String,
    pub created_at: OffsetDateTime,
    pub revoked_at: Option<OffsetDateTime>,
}

struct Known {
    switch_id: String,
    since: Instant,
}

/// Keys that were right a moment ago, by their hash.
#[derive(Default)]
pub(crate) struct KnownKeys(Mutex<HashMap<[u8; 32], Known>>);

impl KnownKeys {
    fn find(&self, hash: &[u8; 32]) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = known.get(hash)?;
        (key.since.elapsed() < BELIEVED_FOR).then(|| key.switch_id.clone())
    }

    fn keep(&self, hash: [u8; 32], switch_id: String) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        let since = Instant::now();
        known.insert(hash, Known { switch_id, since });
    }
}

impl Ledger {
    /// Makes a key of this name for a switch and returns the secret, which is kept nowhere; none if
    /// the name is in use.
    pub async fn create_switch_key(
        &self,
        name: &str,
        switch_id: &str,
    ) -> Result<Option<String>, Error> {
        let random: [u8; 32] = rand::rng().random();
        let secret = format!("switch_{}", hex::encode(random));
        let is_new = self.keep_switch_key(name, switch_id, &secret).await?;
        Ok(is_new.then_some(secret))
    }

    /// Keeps a key whose secret is known already; false if the name or the secret is in use.
    pub async fn keep_switch_key(
        &self,
        name: &str,
        switch_id: &str,
        secret: &str,
    ) -> Result<bool, Error> {
        let done = sqlx::query!(
            "insert into switch_key (switch_key_id, name, switch_id, key_hash) values ($1, $2, $3, $4)
             on conflict do nothing",
            Uuid::now_v7(),
            name,
            switch_id,
            &hash(secret)[..]
        )
        .execute(self.worker())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// All keys there ever were, oldest first.
    pub async fn switch_keys(&self) -> Result<Vec<SwitchKey>, Error> {
        Ok(sqlx::query_as!(
            SwitchKey,
            "select name, switch_id, created_at, revoked_at from switch_key order by switch_key_id"
        )
        .fetch_all(self.worker())
        .await?)
    }

    /// Ends the key of this name, within five seconds on every server; false if there is none.
    pub async fn revoke_switch_key(&self, name: &str) -> Result<bool, Error> {
        let done = sqlx::query!(
            "update switch_key set revoked_at = now() where name = $1 and revoked_at is null",
            name
        )
        .execute(self.worker())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The switch that this secret is a key of.
    pub async fn switch_of_key(&self, secret: &str) -> Result<Option<String>, Error> {
        let hash = hash(secret);
        if let Some(switch_id) = self.inner.switch_keys.find(&hash) {
            return Ok(Some(switch_id));
        }
        let found = sqlx::query_scalar!(
            "select switch_id from switch_key where key_hash = $1 and revoked_at is null",
            &hash[..]
        )
        .fetch_optional(self.switch())
        .await?;
        if let Some(switch_id) = &found {
            self.inner.switch_keys.keep(hash, switch_id.clone());
        }
        Ok(found)
    }
}

/// The secret has 256 random bits: a plain hash of it tells nothing.
fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
