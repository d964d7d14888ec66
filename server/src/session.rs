//! Browser sessions: tower-sessions in front, the ledger's table behind.

use async_trait::async_trait;
use domain::CustomerId;
use ledger::{Ledger, StoredSession};
use time::Duration;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};
use uuid::Uuid;

/// A session that is not used for so long is over.
const IDLE: Duration = Duration::days(30);

/// Finds the session of each request by its cookie.
///
/// `__Host-` makes browsers refuse the cookie unless it is `Secure`, for this host only and for
/// all paths; they treat `localhost` as secure.
pub(crate) fn layer(ledger: Ledger) -> SessionManagerLayer<Store> {
    SessionManagerLayer::new(Store { ledger })
        .with_name("__Host-session")
        .with_secure(true)
        .with_http_only(true)
        // Not strict: people come back from the payment page by a cross-site redirect.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(IDLE))
}

#[derive(Clone)]
pub(crate) struct Store {
    ledger: Ledger,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while !self
            .ledger
            .insert_session(&secret(&record.id), &stored(record)?)
            .await
            .map_err(backend)?
        {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.ledger
            .update_session(&secret(&record.id), &stored(record)?)
            .await
            .map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(session) = self
            .ledger
            .session(&secret(id), IDLE)
            .await
            .map_err(backend)?
        else {
            return Ok(None);
        };
        let data = serde_json::from_value(session.data)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date: session.expires_at,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.ledger
            .delete_session(&secret(id))
            .await
            .map_err(backend)
    }
}

/// What the account page lists is kept in columns beside the data.
fn stored(record: &Record) -> Result<StoredSession> {
    let read = |name: &str| record.data.get(name).cloned();
    let session_id =
        read("session_id").and_then(|value| serde_json::from_value::<Uuid>(value).ok());
    Ok(StoredSession {
        session_id: session_id.unwrap_or_else(Uuid::now_v7),
        customer_id: read("customer_id")
            .and_then(|value| serde_json::from_value::<CustomerId>(value).ok()),
        device: read("device").and_then(|value| value.as_str().map(str::to_owned)),
        data: serde_json::to_value(&record.data)
            .map_err(|error| Error::Encode(error.to_string()))?,
        expires_at: record.expiry_date,
    })
}

fn secret(id: &Id) -> [u8; 16] {
    id.0.to_le_bytes()
}

fn backend(error: ledger::Error) -> Error {
    Error::Backend(error.to_string())
}
