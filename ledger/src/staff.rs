//! People who run the service: customers like others who also have a role.

use domain::staff::Role;
use domain::{CustomerId, Email};
use time::OffsetDateTime;

use crate::Ledger;
use crate::error::Error;

/// A role somebody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRow {
    pub email: Email,
    pub role: Role,
    pub granted_by: String,
    pub granted_at: OffsetDateTime,
}

impl Ledger {
    /// Gives a person a role; again changes nothing. A person nobody knows yet signs in with this
    /// address later.
    pub async fn grant_role(&self, email: &Email, role: Role, by: &str) -> Result<(), Error> {
        let customer = self.open_customer(email).await?;
        sqlx::query!(
            "insert into staff (customer_id, role, granted_by, granted_at) values ($1, $2, $3, $4)
             on conflict (customer_id, role) do update
             set granted_by = excluded.granted_by, granted_at = excluded.granted_at, revoked_at = null
             where staff.revoked_at is not null",
            customer.customer_id as CustomerId,
            role.word(),
            by,
            self.clock().now()
        )
        .execute(self.worker())
        .await?;
        Ok(())
    }

    /// Takes a role from a person, at once and everywhere; false if they do not have it.
    pub async fn revoke_role(&self, email: &Email, role: Role) -> Result<bool, Error> {
        let done = sqlx::query!(
            "update staff set revoked_at = $3 from customer
             where customer.customer_id = staff.customer_id and email = $1 and role = $2 and revoked_at is null",
            email as &Email,
            role.word(),
            self.clock().now()
        )
        .execute(self.worker())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// What a person may be at the desk; nothing for everybody else.
    pub async fn roles(&self, customer_id: CustomerId) -> Result<Vec<Role>, Error> {
        Ok(sqlx::query_scalar!(
            r#"select role as "role: Role" from staff where customer_id = $1 and revoked_at is null order by role"#,
            customer_id as CustomerId
        )
        .fetch_all(self.web())
        .await?)
    }

    /// The same by address, for the console.
    pub async fn roles_of(&self, email: &Email) -> Result<Vec<Role>, Error> {
        Ok(sqlx::query_scalar!(
            r#"select role as "role: Role" from staff join customer using (customer_id)
               where email = $1 and revoked_at is null order by role"#,
            email as &Email
        )
        .fetch_all(self.web())
        .await?)
    }

    /// Everybody who has a role, by address.
    pub async fn staff(&self) -> Result<Vec<StaffRow>, Error> {
        Ok(sqlx::query_as!(
            StaffRow,
            r#"select email as "email: Email", role as "role: Role", granted_by, granted_at
               from staff join customer using (customer_id) where revoked_at is null order by email, role"#
        )
        .fetch_all(self.web())
        .await?)
    }
}
