//! Passkeys: signing in with what a device keeps, instead of a code.
//!
//! The ceremonies are webauthn-rs's. What their second half needs is kept between the two, under a
//! name that only the browser at it knows, and is taken once.
//!
//! The desk opens with a passkey only. So whoever works there and has one adds and removes others only
//! in a session that a passkey opened: a mailbox in the wrong hands must not lead to the desk.

mod sign_in;

use domain::{CustomerId, Declined, Email};
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{PasskeyRegistration, RegisterPublicKeyCredential};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::Ledger;
use crate::error::{Error, Fault};

pub use sign_in::PasskeySignIn;

/// Passkeys of one person: as many devices as somebody has, and no flood.
const MOST: i64 = 20;

/// Browsers ask people for a minute or two; later answers are not taken.
const LONGEST: Duration = Duration::minutes(5);

/// The first half of a ceremony.
#[derive(Clone, Debug)]
pub struct Ceremony {
    /// What the browser is asked, as JSON for `parse…OptionsFromJSON`.
    pub options: String,
    /// The name under which it goes on.
    pub ceremony_id: Uuid,
}

/// A passkey as the account page lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeySummary {
    pub passkey_id: Uuid,
    pub name: String,
    pub created_at: OffsetDateTime,
    pub last_used_at: Option<OffsetDateTime>,
}

/// The site that passkeys are made for; none where browsers would not make any (an address in digits).
pub(crate) fn site(public_origin: &str) -> Option<Webauthn> {
    let origin = Url::parse(public_origin).ok()?;
    let name = origin.domain()?;
    let site = WebauthnBuilder::new(name, &origin).ok()?;
    site.rp_name("Talkala Wallet").build().ok()
}

impl Ledger {
    /// Whether browsers can make passkeys for our address.
    pub fn has_passkeys(&self) -> bool {
        self.inner.webauthn.is_some()
    }

    fn webauthn(&self) -> Result<&Webauthn, Fault> {
        self.inner.webauthn.as_ref().ok_or(Fault::NotFound)
    }

    /// Where this person may sign in without a code, newest first.
    pub async fn passkeys(&self, customer_id: CustomerId) -> Result<Vec<PasskeySummary>, Error> {
        Ok(sqlx::query_as!(
            PasskeySummary,
            "select passkey_id, name, created_at, last_used_at from passkey
             where customer_id = $1 order by created_at desc",
            customer_id as CustomerId
        )
        .fetch_all(self.web())
        .await?)
    }

    /// Whether this passkey is there, and this person's.
    pub async fn has_passkey(
        &self,
        customer_id: CustomerId,
        passkey_id: Uuid,
    ) -> Result<bool, Error> {
        Ok(sqlx::query_scalar!(
            r#"select exists(select from passkey where customer_id = $1 and passkey_id = $2) as "is_there!""#,
            customer_id as CustomerId,
            passkey_id
        )
        .fetch_one(self.web())
        .await?)
    }

    /// Begins to make a passkey; a device that has one already is told so by its browser. `opened_by` is
    /// the passkey of the session it is asked from.
    pub async fn begin_passkey(
        &self,
        customer_id: CustomerId,
        opened_by: Option<Uuid>,
    ) -> Result<Ceremony, Error> {
        self.may_change_passkeys(customer_id, opened_by).await?;
        let customer = self.customer(customer_id).await?;
        let known = sqlx::query_scalar!(
            "select credential_id from passkey where customer_id = $1",
            customer_id as CustomerId
        )
        .fetch_all(self.web())
        .await?;
        let email = customer.email.as_str();
        let (options, state) = self
            .webauthn()?
            .start_passkey_registration(customer_id.0, email, email, Some(known))
            .map_err(broken)?;
        let mut options = plain(&options)?;
        // One that signs in by itself must be found without a name.
        let selection = &mut options["publicKey"]["authenticatorSelection"];
        selection["residentKey"] = "required".into();
        selection["requireResidentKey"] = true.into();
        self.begun(Some(customer_id), &options, &state).await
    }

    /// Keeps the passkey that the browser made. The same one again, or another's, is declined.
    pub async fn add_passkey(
        &self,
        customer_id: CustomerId,
        opened_by: Option<Uuid>,
        ceremony_id: Uuid,
        credential: &str,
        name: &str,
    ) -> Result<(), Error> {
        self.may_change_passkeys(customer_id, opened_by).await?;
        let state = self.take_ceremony(ceremony_id, Some(customer_id)).await?;
        let state: PasskeyRegistration = serde_json::from_value(state).map_err(broken)?;
        let credential: RegisterPublicKeyCredential =
            serde_json::from_str(credential).map_err(|_| refused())?;
        let passkey = self
            .webauthn()?
            .finish_passkey_registration(&credential, &state)
            .map_err(|_| refused())?;
        let credential_id: &[u8] = passkey.cred_id().as_ref();
        let added = sqlx::query!(
            "insert into passkey (passkey_id, customer_id, credential_id, credential, name)
             select $1, $2, $3, $4, $5
             where (select count(*) from passkey where customer_id = $2) < $6
             on conflict (credential_id) do nothing",
            Uuid::now_v7(),
            customer_id as CustomerId,
            credential_id,
            plain(&passkey)?,
            name,
            MOST
        )
        .execute(self.web())
        .await?;
        if added.rows_affected() == 0 {
            return Err(refused().into());
        }
        Ok(())
    }

    /// Forgets a passkey and ends the sessions it opened, but for the one it is asked from; one that is
    /// another's or gone already is *not found*.
    pub async fn remove_passkey(
        &self,
        customer_id: CustomerId,
        opened_by: Option<Uuid>,
        passkey_id: Uuid,
        asked_from: Uuid,
    ) -> Result<(), Error> {
        self.may_change_passkeys(customer_id, opened_by).await?;
        let mut tx = self.web().begin().await?;
        let removed = sqlx::query!(
            "delete from passkey where customer_id = $1 and passkey_id = $2",
            customer_id as CustomerId,
            passkey_id
        )
        .execute(&mut *tx)
        .await?;
        if removed.rows_affected() == 0 {
            return Err(Error::NotFound);
        }
        sqlx::query!(
            "delete from session
             where customer_id = $1 and data ->> 'passkey_id' = $2 and session_id <> $3",
            customer_id as CustomerId,
            passkey_id.to_string(),
            asked_from
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets all passkeys of somebody who lost theirs, and ends their sessions. For the console.
    pub async fn forget_passkeys(&self, email: &Email) -> Result<u64, Error> {
        let mut tx = self.web().begin().await?;
        let forgotten = sqlx::query!(
            "delete from passkey using customer
             where customer.customer_id = passkey.customer_id and email = $1",
            email as &Email
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "delete from session using customer
             where customer.customer_id = session.customer_id and email = $1",
            email as &Email
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(forgotten.rows_affected())
    }

    /// Whether somebody with a role and a passkey must sign in with it before changing any.
    pub async fn needs_passkey(
        &self,
        customer_id: CustomerId,
        opened_by: Option<Uuid>,
    ) -> Result<bool, Error> {
        Ok(sqlx::query_scalar!(
            r#"select exists(select from staff where customer_id = $1 and revoked_at is null)
                 and exists(select from passkey where customer_id = $1)
                 and not exists(select from passkey where customer_id = $1 and passkey_id = $2)
                 as "needs_passkey!""#,
            customer_id as CustomerId,
            opened_by
        )
        .fetch_one(self.web())
        .await?)
    }

    async fn may_change_passkeys(
        &self,
        customer_id: CustomerId,
        opened_by: Option<Uuid>,
    ) -> Result<(), Error> {
        if self.needs_passkey(customer_id, opened_by).await? {
            return Err(Fault::from(Declined::PasskeyNeeded).into());
        }
        Ok(())
    }

    async fn begun(
        &self,
        customer_id: Option<CustomerId>,
        options: &impl serde::Serialize,
        state: &impl serde::Serialize,
    ) -> Result<Ceremony, Error> {
        // Unguessable: whoever knows it may end the ceremony.
        let ceremony_id = Uuid::from_u128(rand::random());
        sqlx::query!(
            "insert into passkey_ceremony (ceremony_id, customer_id, state, expires_at)
             values ($1, $2, $3, $4)",
            ceremony_id,
            customer_id as Option<CustomerId>,
            plain(state)?,
            self.clock().now() + LONGEST
        )
        .execute(self.web())
        .await?;
        Ok(Ceremony {
            ceremony_id,
            options: serde_json::to_string(options).map_err(broken)?,
        })
    }

    /// What the second half needs, once, and only in the hands of whom it was begun for.
    async fn take_ceremony(
        &self,
        ceremony_id: Uuid,
        customer_id: Option<CustomerId>,
    ) -> Result<Value, Fault> {
        sqlx::query_scalar!(
            "delete from passkey_ceremony
             where ceremony_id = $1 and customer_id is not distinct from $2 and expires_at > $3
             returning state",
            ceremony_id,
            customer_id as Option<CustomerId>,
            self.clock().now()
        )
        .fetch_optional(self.web())
        .await?
        .ok_or_else(refused)
    }
}

fn refused() -> Fault {
    Declined::PasskeyRefused.into()
}

fn broken(cause: impl std::fmt::Display) -> Fault {
    tracing::error!(%cause, "ceremony of a passkey");
    Fault::Inconsistent("a ceremony of passkeys could not be held")
}

fn plain(value: &impl serde::Serialize) -> Result<Value, Fault> {
    serde_json::to_value(value).map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::site;

    #[test]
    fn passkeys_are_made_for_names() {
        assert!(site("https://wallet.example.com").is_some());
        assert!(site("http://localhost:3000").is_some());
        assert!(site("http://127.0.0.1:3000").is_none());
        assert!(site("").is_none());
    }
}
