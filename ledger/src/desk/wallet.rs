//! What stands behind a customer's wallet.

use domain::call::CallState;
use domain::{Money, TopUpId, WalletId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::Error;
use crate::{Customer, Ledger};

/// Rows of each list.
const MOST: i64 = 50;

/// A call that holds credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningCall {
    pub call_id: String,
    pub switch_id: String,
    pub state: CallState,
    pub destination: String,
    pub held: Money,
    pub confirmed_seconds: i32,
    pub authorized_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// A purchase with its names at Stripe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUpTrace {
    pub top_up_id: TopUpId,
    pub source: String,
    pub state: String,
    pub amount: Money,
    pub bonus: Money,
    pub payment_id: Option<String>,
    pub receipt_number: Option<String>,
    pub decline_code: Option<String>,
    pub alarm: Option<String>,
    pub started_at: OffsetDateTime,
}

/// An event from Stripe about this wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventTrace {
    pub event_id: String,
    pub event_type: String,
    pub state: String,
    pub note: Option<String>,
    pub received_at: OffsetDateTime,
}

impl Ledger {
    /// Whose wallet it is.
    pub async fn customer_of(&self, wallet_id: WalletId) -> Result<Customer, Error> {
        let customer_id = sqlx::query_scalar!(
            r#"select customer_id as "customer_id: domain::CustomerId" from customer where wallet_id = $1"#,
            wallet_id as WalletId
        )
        .fetch_optional(self.web())
        .await?
        .ok_or(Error::NotFound)?;
        self.customer(customer_id).await
    }

    /// Ends a session of whose wallet it is; one of somebody else is *not found*.
    pub async fn end_session_of(&self, wallet_id: WalletId, session_id: Uuid) -> Result<(), Error> {
        let customer = self.customer_of(wallet_id).await?;
        self.end_session(customer.customer_id, session_id).await
    }

    /// Calls that hold credit now, oldest first.
    pub async fn holding_calls(&self, wallet_id: WalletId) -> Result<Vec<RunningCall>, Error> {
        Ok(sqlx::query_as!(
            RunningCall,
            r#"select call_id, switch_id, state as "state: CallState", destination, held as "held: Money",
                      confirmed_seconds, authorized_at, expires_at
               from call where wallet_id = $1 and state in ('authorized', 'answered')
               order by authorized_at limit $2"#,
            wallet_id as WalletId,
            MOST
        )
        .fetch_all(self.web())
        .await?)
    }

    /// Purchases, newest first, with what was tried and what Stripe calls them.
    pub async fn top_up_traces(&self, wallet_id: WalletId) -> Result<Vec<TopUpTrace>, Error> {
        Ok(sqlx::query_as!(
            TopUpTrace,
            r#"select top_up_id as "top_up_id: TopUpId", source, state, amount as "amount: Money",
                      bonus as "bonus: Money", stripe_payment_id as payment_id, receipt_number, decline_code,
                      alarm, started_at
               from top_up where wallet_id = $1 order by started_at desc limit $2"#,
            wallet_id as WalletId,
            MOST
        )
        .fetch_all(self.web())
        .await?)
    }

    /// Events about this wallet, newest first; those of the last 90 days are kept.
    pub async fn event_traces(&self, wallet_id: WalletId) -> Result<Vec<EventTrace>, Error> {
        Ok(sqlx::query_as!(
            EventTrace,
            "select event_id, event_type, state, note, received_at from stripe_event
             where wallet_id = $1 order by received_at desc limit $2",
            wallet_id as WalletId,
            MOST
        )
        .fetch_all(self.web())
        .await?)
    }
}
