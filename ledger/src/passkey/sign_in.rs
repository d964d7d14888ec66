//! Signing in with a passkey, without a name or an address.

use domain::CustomerId;
use time::Duration;
use uuid::Uuid;
use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey, PublicKeyCredential};

use super::{Ceremony, broken, plain, refused};
use crate::Ledger;
use crate::attempt::Limit;
use crate::error::{Error, Fault};

/// Answers of one network address that may be wrong.
const TRIES_PER_CLIENT: Limit = Limit {
    scope: "passkey_client",
    most: 60,
    window: Duration::minutes(15),
};

/// Who signed in, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasskeySignIn {
    pub customer_id: CustomerId,
    pub passkey_id: Uuid,
}

impl Ledger {
    /// Begins a sign-in without asking who it is.
    pub async fn begin_passkey_sign_in(&self, client: &str) -> Result<Ceremony, Error> {
        let mut connection = self.web().acquire().await?;
        TRIES_PER_CLIENT
            .count(&mut connection, client, self.clock().now())
            .await?;
        drop(connection);
        let (options, state) = self
            .webauthn()?
            .start_discoverable_authentication()
            .map_err(broken)?;
        self.begun(None, &options, &state).await
    }

    /// Who the browser's answer proves it is. A key that counts backwards is a copy, and declined.
    pub async fn sign_in_with_passkey(
        &self,
        ceremony_id: Uuid,
        credential: &str,
        client: &str,
    ) -> Result<PasskeySignIn, Error> {
        let state = self.take_ceremony(ceremony_id, None).await?;
        let state: DiscoverableAuthentication = serde_json::from_value(state).map_err(broken)?;
        let credential: PublicKeyCredential =
            serde_json::from_str(credential).map_err(|_| refused())?;
        let client = client.to_owned();
        self.act(move |ledger| {
            let (state, credential, client) = (state.clone(), credential.clone(), client.clone());
            async move { ledger.check_passkey(state, &credential, &client).await }
        })
        .await
    }

    async fn check_passkey(
        &self,
        state: DiscoverableAuthentication,
        credential: &PublicKeyCredential,
        client: &str,
    ) -> Result<PasskeySignIn, Fault> {
        let now = self.clock().now();
        let mut connection = self.web().acquire().await?;
        // Counted before and outside the transaction: a refusal is a try too.
        TRIES_PER_CLIENT.count(&mut connection, client, now).await?;
        drop(connection);
        let webauthn = self.webauthn()?;
        let (user, credential_id) = webauthn
            .identify_discoverable_authentication(credential)
            .map_err(|_| refused())?;
        let mut tx = self.web().begin().await?;
        let stored = sqlx::query!(
            r#"select passkey_id, customer_id as "customer_id: CustomerId", credential from passkey
               where credential_id = $1 for update"#,
            credential_id
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or_else(refused)?;
        if stored.customer_id.0 != user {
            return Err(refused());
        }
        let mut passkey: Passkey = serde_json::from_value(stored.credential).map_err(broken)?;
        let result = webauthn
            .finish_discoverable_authentication_v2(credential, state, &passkey)
            .map_err(|_| refused())?;
        passkey.update_credential(&result);
        sqlx::query!(
            "update passkey set credential = $2, last_used_at = $3 where credential_id = $1",
            credential_id,
            plain(&passkey)?,
            now
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(PasskeySignIn {
            customer_id: stored.customer_id,
            passkey_id: stored.passkey_id,
        })
    }
}
