//! Reading a wallet, now or at any moment before.

use domain::history::Entry;
use domain::{Account, Money, Subject, TransferKind, Wallet, WalletId};
use time::OffsetDateTime;

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

    /// The last entry at a moment, which shows the balances as they were then; none before the first.
    ///
    /// Entries of a wallet are numbered in the order of time, so the number is found by halving: about
    /// twenty rows are read in a wallet of a million entries, and no index is kept for it.
    pub async fn balance_at(
        &self,
        wallet_id: WalletId,
        at: OffsetDateTime,
    ) -> Result<Option<Entry>, Error> {
        let entry = sqlx::query_as!(
            Entry,
            r#"with recursive half (low, high) as (
                   select 0::bigint, version from wallet where wallet_id = $1
                   union all
                   select case when created_at <= $2 then seq else low end,
                          case when created_at <= $2 then high else seq - 1 end
                   from half join transfer on transfer.wallet_id = $1 and seq = (low + high + 1) / 2
                   where low < high
               )
               select seq, kind as "kind: TransferKind", from_account as "from: Account",
                      to_account as "to: Account", amount as "amount: Money",
                      promotional as "promotional: Money", available_after as "available_after: Money",
                      held_after as "held_after: Money", promotional_after as "promotional_after: Money",
                      debt_after as "debt_after: Money", subject as "subject: Subject", subject_id,
                      expires_at, created_at as at
               from half join transfer on transfer.wallet_id = $1 and seq = low
               where low = high"#,
            wallet_id as WalletId,
            at
        )
        .fetch_optional(self.web())
        .await?;
        Ok(entry)
    }
}
