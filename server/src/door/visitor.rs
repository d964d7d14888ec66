//! Who is signed in, for the doors that are not pages.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::WalletId;
use tower_sessions::Session;

/// The wallet of whoever is signed in; everyone else is told nothing but 401.
pub(crate) struct Visitor {
    pub(crate) wallet_id: WalletId,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let session = Session::from_request_parts(parts, state)
            .await
            .map_err(|(status, _)| status)?;
        let wallet_id = session
            .get("wallet_id")
            .await
            .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
        Ok(Self {
            wallet_id: wallet_id.ok_or(StatusCode::UNAUTHORIZED)?,
        })
    }
}
