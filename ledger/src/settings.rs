//! What a person chose for pages and statements. Nothing here moves money.

use domain::call::CallRefusal;
use domain::{CustomerId, Declined};

use crate::Ledger;
use crate::error::Error;

/// Choices of one person; none is *as it comes*.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// IANA name (`America/Mexico_City`); none takes the browser's.
    pub time_zone: Option<String>,
    /// E.164 digits of the destination that the wallet page measures the balance by.
    pub talk_prefix: Option<String>,
}

impl Ledger {
    pub async fn settings(&self, customer_id: CustomerId) -> Result<Settings, Error> {
        sqlx::query_as!(
            Settings,
            "select time_zone, talk_prefix from customer where customer_id = $1",
            customer_id as CustomerId
        )
        .fetch_optional(self.web())
        .await?
        .ok_or(Error::NotFound)
    }

    /// Fixes the time zone of pages and statements; the caller knows that there is such a zone.
    pub async fn choose_time_zone(
        &self,
        customer_id: CustomerId,
        name: Option<&str>,
    ) -> Result<(), Error> {
        sqlx::query!(
            "update customer set time_zone = $2 where customer_id = $1",
            customer_id as CustomerId,
            name
        )
        .execute(self.web())
        .await?;
        Ok(())
    }

    /// Keeps the destination to measure by. One that is not sold now is declined.
    pub async fn choose_destination(
        &self,
        customer_id: CustomerId,
        prefix: &str,
    ) -> Result<(), Error> {
        let rate = self.rate(prefix).await?;
        if rate.is_none_or(|rate| rate.blocked) {
            return Err(Error::Declined(Declined::Call(CallRefusal::NoRate)));
        }
        sqlx::query!(
            "update customer set talk_prefix = $2 where customer_id = $1",
            customer_id as CustomerId,
            prefix
        )
        .execute(self.web())
        .await?;
        Ok(())
    }
}
