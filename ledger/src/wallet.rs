//! Reading a wallet.

use domain::{Money, Wallet, WalletId};

use crate::Ledger;
use crate::error::Error;

impl Ledger {
    /// The balances now.
    pub async fn wallet(&self, wallet_id: WalletId) -> Result<Wallet, Error> {
        sqlx::query_as!(
            Wallet,
            r#"select paid as "paid: Money", promotional as "promotional: Money", held as "held: Money",
                      debt as "debt: Money", version
               from wallet where wallet_id = $1"#,
            wallet_id as WalletId
        )
        .fetch_optional(self.web())
        .await?
        .ok_or(Error::NotFound)
    }
}
