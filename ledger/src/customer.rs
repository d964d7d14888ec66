//! People: found by their e-mail address, each with one wallet.

use domain::{CustomerId, Email, WalletId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::{Error, Fault};
use crate::{Ledger, books};

/// A person who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    pub customer_id: CustomerId,
    pub wallet_id: WalletId,
    pub email: Email,
    pub created_at: OffsetDateTime,
    /// IANA name (`America/Mexico_City`), as chosen by the customer.
    pub time_zone: Option<String>,
}

impl Ledger {
    pub async fn customer(&self, customer_id: CustomerId) -> Result<Customer, Error> {
        sqlx::query_as!(
            Customer,
            r#"select customer_id as "customer_id: CustomerId", wallet_id as "wallet_id: WalletId",
                      email as "email: Email", created_at, time_zone
               from customer where customer_id = $1"#,
            customer_id as CustomerId
        )
        .fetch_optional(self.web())
        .await?
        .ok_or(Error::NotFound)
    }

    /// The customer with this address and an open wallet; made at the first sign-in, the same ever after.
    pub async fn open_customer(&self, email: &Email) -> Result<Customer, Error> {
        let email = email.clone();
        self.act(move |ledger| {
            let email = email.clone();
            async move {
                let mut connection = ledger.web().acquire().await?;
                let customer = find_or_insert(&mut connection, &email).await?;
                // A crash between the two is healed by the next sign-in.
                books::open(&mut connection, customer.wallet_id).await?;
                Ok(customer)
            }
        })
        .await
    }
}

async fn find_or_insert(connection: &mut PgConnection, email: &Email) -> Result<Customer, Fault> {
    sqlx::query!(
        "insert into customer (customer_id, wallet_id, email) values ($1, $2, $3)
         on conflict (email) do nothing",
        Uuid::now_v7(),
        Uuid::now_v7(),
        email as &Email
    )
    .execute(&mut *connection)
    .await?;
    let customer = sqlx::query_as!(
        Customer,
        r#"select customer_id as "customer_id: CustomerId", wallet_id as "wallet_id: WalletId",
                  email as "email: Email", created_at, time_zone
           from customer where email = $1"#,
        email as &Email
    )
    .fetch_one(connection)
    .await?;
    Ok(customer)
}
