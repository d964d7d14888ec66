//! Numbers a customer calls: those called lately, and those kept under a name.

use domain::{Declined, WalletId};
use time::OffsetDateTime;

use crate::Ledger;
use crate::error::Error;

/// Lately called numbers on the page, out of so many calls.
const RECENT: usize = 8;
const CALLS: i64 = 100;
/// Favorites of one wallet.
const MOST: i64 = 50;
const LONGEST_NAME: usize = 60;

/// A number called lately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentNumber {
    /// E.164 digits.
    pub number: String,
    pub destination: String,
    pub called_at: OffsetDateTime,
}

/// A number kept under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FavoriteNumber {
    pub number: String,
    pub name: String,
}

impl Ledger {
    /// Each number once, the last called first.
    pub async fn recent_numbers(&self, wallet_id: WalletId) -> Result<Vec<RecentNumber>, Error> {
        let calls = sqlx::query_as!(
            RecentNumber,
            r#"select callee as "number!", destination, authorized_at as called_at from call
               where wallet_id = $1 and callee is not null
               order by authorized_at desc, call_id desc limit $2"#,
            wallet_id as WalletId,
            CALLS
        )
        .fetch_all(self.web())
        .await?;
        let mut recent: Vec<RecentNumber> = Vec::new();
        for call in calls {
            let is_new = recent.iter().all(|known| known.number != call.number);
            if is_new && recent.len() < RECENT {
                recent.push(call);
            }
        }
        Ok(recent)
    }

    /// By name.
    pub async fn favorite_numbers(
        &self,
        wallet_id: WalletId,
    ) -> Result<Vec<FavoriteNumber>, Error> {
        Ok(sqlx::query_as!(
            FavoriteNumber,
            "select number, name from favorite_number where wallet_id = $1 order by lower(name), number",
            wallet_id as WalletId
        )
        .fetch_all(self.web())
        .await?)
    }

    /// Keeps a number (E.164 digits) under a name; again renames it.
    pub async fn keep_favorite(
        &self,
        wallet_id: WalletId,
        digits: &str,
        name: &str,
    ) -> Result<(), Error> {
        let name = name.trim();
        if !(1..=LONGEST_NAME).contains(&name.chars().count()) || name.chars().any(char::is_control)
        {
            return Err(Error::Declined(Declined::FavoriteName));
        }
        let done = sqlx::query!(
            "insert into favorite_number (wallet_id, number, name)
             select $1, $2, $3 where exists (select from favorite_number where wallet_id = $1 and number = $2)
                 or (select count(*) from favorite_number where wallet_id = $1) < $4
             on conflict (wallet_id, number) do update set name = excluded.name",
            wallet_id as WalletId,
            digits,
            name,
            MOST
        )
        .execute(self.web())
        .await?;
        if done.rows_affected() == 0 {
            return Err(Error::Declined(Declined::FavoritesFull {
                most: u32::try_from(MOST).unwrap_or_default(),
            }));
        }
        Ok(())
    }

    /// Again changes nothing.
    pub async fn drop_favorite(&self, wallet_id: WalletId, digits: &str) -> Result<(), Error> {
        sqlx::query!(
            "delete from favorite_number where wallet_id = $1 and number = $2",
            wallet_id as WalletId,
            digits
        )
        .execute(self.web())
        .await?;
        Ok(())
    }
}
