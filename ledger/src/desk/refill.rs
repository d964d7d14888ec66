//! What auto-refill tried for a wallet, and what came of it.

use domain::{Money, TopUpId, WalletId};
use time::OffsetDateTime;

use crate::Ledger;
use crate::error::Error;

/// Attempts of the list.
const MOST: i64 = 20;

/// A charge of a saved card, from the decision to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefillTrace {
    pub top_up_id: TopUpId,
    pub state: String,
    pub amount: Money,
    /// Stripe's word for the brand, and the last digits; erased with the account.
    pub brand: Option<String>,
    pub last4: Option<String>,
    /// When the balance fell below the threshold.
    pub fell_at: OffsetDateTime,
    pub decided_at: OffsetDateTime,
    /// How often Stripe was asked for it, always under one key.
    pub sends: i32,
    pub payment_id: Option<String>,
    /// The bank's word on a decline.
    pub decline_code: Option<String>,
    /// What the card's network advises.
    pub advice_code: Option<String>,
    pub ended_at: Option<OffsetDateTime>,
}

impl Ledger {
    /// The last attempts, newest first.
    pub async fn refill_traces(&self, wallet_id: WalletId) -> Result<Vec<RefillTrace>, Error> {
        Ok(sqlx::query_as!(
            RefillTrace,
            r#"select top_up_id as "top_up_id: TopUpId", state, amount as "amount: Money", brand as "brand?",
                      last4 as "last4?", fell_at, decided_at, sends, stripe_payment_id as payment_id,
                      decline_code, advice_code, ended_at
               from refill_attempt left join payment_method using (wallet_id, payment_method_id)
               where wallet_id = $1 order by decided_at desc limit $2"#,
            wallet_id as WalletId,
            MOST
        )
        .fetch_all(self.web())
        .await?)
    }
}
