//! People at the desk: who they are, what they may do, and that it is noted.

use domain::WalletId;
use domain::staff::{Right, Role, may};
use ledger::Deed;
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::sign_in::SIGNED_IN_AT;
use super::{Visitor, broken, ledger, opened_by, redirect_to, refused, session, visitor};
use crate::address::ReturnTo;
use crate::error::AppError;

/// How long after signing in with a passkey one may stay at the desk.
const STAY: Duration = Duration::minutes(30);

/// Somebody at the desk.
#[derive(Clone, Debug)]
pub(crate) struct Clerk {
    pub(crate) visitor: Visitor,
    pub(crate) email: String,
    roles: Vec<Role>,
    /// Signed in with a passkey, which is still theirs, and lately. At a desk that is closed nothing is
    /// shown and nothing done.
    pub(crate) is_open: bool,
}

impl Clerk {
    pub(crate) fn may(&self, right: Right) -> bool {
        may(&self.roles, right)
    }

    pub(crate) fn deed(
        &self,
        act: &'static str,
        subject: &'static str,
        subject_id: impl Into<String>,
    ) -> Deed {
        Deed {
            actor: self.email.clone(),
            act,
            subject,
            subject_id: subject_id.into(),
            wallet_id: None,
            detail: Value::Object(serde_json::Map::new()),
            session_id: Some(self.visitor.session_id),
        }
    }

    /// A deed about a customer's wallet.
    pub(crate) fn deed_on(&self, act: &'static str, wallet_id: WalletId, detail: Value) -> Deed {
        Deed {
            wallet_id: Some(wallet_id),
            detail,
            ..self.deed(act, "wallet", wallet_id.to_string())
        }
    }
}

/// Who is at the desk. To everybody without a role, and to a role without the right, there is nothing
/// here, as at any address nobody knows.
pub(crate) async fn clerk(right: Option<Right>) -> Result<Clerk, AppError> {
    let nothing = || refused(AppError::NotFound);
    let visitor = visitor().await.map_err(|_| nothing())?;
    let ledger = ledger();
    let roles = ledger.roles(visitor.customer_id).await.map_err(refused)?;
    let is_allowed = right.map_or(!roles.is_empty(), |right| may(&roles, right));
    if !is_allowed {
        return Err(nothing());
    }
    let email = ledger
        .customer(visitor.customer_id)
        .await
        .map_err(refused)?;
    let is_open = is_open(visitor).await?;
    Ok(Clerk {
        visitor,
        email: email.email.to_string(),
        roles,
        is_open,
    })
}

async fn is_open(visitor: Visitor) -> Result<bool, AppError> {
    let signed_in: Option<i64> = session().await?.get(SIGNED_IN_AT).await.map_err(broken)?;
    let signed_in = signed_in.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    if signed_in.is_none_or(|at| ledger().clock().now() - at > STAY) {
        return Ok(false);
    }
    let Some(passkey_id) = opened_by().await? else {
        return Ok(false);
    };
    let has_passkey = ledger().has_passkey(visitor.customer_id, passkey_id).await;
    has_passkey.map_err(refused)
}

/// Who is about to do something. A desk that is closed leads to its page, which says what opens it.
pub(crate) async fn acting_clerk(right: Right) -> Result<Clerk, AppError> {
    let clerk = clerk(Some(right)).await?;
    if !clerk.is_open {
        redirect_to(&ReturnTo::read("/desk"));
        return Err(refused(AppError::SignInAgain));
    }
    Ok(clerk)
}
