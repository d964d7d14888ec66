//! Who is signed in, for the doors that are not pages.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::{CustomerId, WalletId};
use serde::de::DeserializeOwned;
use tower_sessions::Session;

/// The wallet of whoever is signed in; everyone else is told nothing but 401.
pub(crate) struct Visitor {
    pub(crate) customer_id: CustomerId,
    pub(crate) wallet_id: WalletId,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let session = Session::from_request_parts(parts, state)
            .await
            .map_err(|(status, _)| status)?;
        Ok(Self {
            customer_id: known(&session, "customer_id").await?,
            wallet_id: known(&session, "wallet_id").await?,
        })
    }
}

async fn known<T: DeserializeOwned>(session: &Session, key: &str) -> Result<T, StatusCode> {
    let value = session.get(key).await;
    value
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?
        .ok_or(StatusCode::UNAUTHORIZED)
}
