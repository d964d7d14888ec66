//! Senders whose messages a wallet does not take.

use domain::{Declined, WalletId};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::error::{Error, Fault};
use crate::{Ledger, e164_digits, pasted_digits};

const LONGEST: usize = 64;
/// Blocked senders of one wallet.
const MOST: i64 = 500;

/// A sender that is kept away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockedSender {
    /// E.164 digits, or the name a company sends under.
    pub sender: String,
    pub blocked_at: OffsetDateTime,
    /// Messages that were not taken.
    pub kept_away: i64,
}

impl Ledger {
    /// Keeps a sender away from now on: a number in any format, or a name as messages show it. Again
    /// changes nothing. Messages that were charged stay; one that waits for credit is let go of.
    pub async fn block_sender(&self, wallet_id: WalletId, typed: &str) -> Result<(), Error> {
        let sender = as_sent(typed).ok_or(Error::Declined(Declined::SenderShape))?;
        let done = sqlx::query!(
            "insert into blocked_sender (wallet_id, sender)
             select $1, $2 where (select count(*) from blocked_sender where wallet_id = $1) < $3
             on conflict (wallet_id, sender) do nothing",
            wallet_id as WalletId,
            sender,
            MOST
        )
        .execute(self.web())
        .await?;
        if done.rows_affected() == 0 && !self.is_blocked(wallet_id, &sender).await? {
            return Err(Error::Declined(Declined::SendersFull {
                most: u32::try_from(MOST).unwrap_or_default(),
            }));
        }
        self.changes().tell(wallet_id);
        Ok(())
    }

    /// Again changes nothing.
    pub async fn unblock_sender(&self, wallet_id: WalletId, sender: &str) -> Result<(), Error> {
        sqlx::query!(
            "delete from blocked_sender where wallet_id = $1 and sender = $2",
            wallet_id as WalletId,
            sender
        )
        .execute(self.web())
        .await?;
        self.changes().tell(wallet_id);
        Ok(())
    }

    /// The last blocked first.
    pub async fn blocked_senders(&self, wallet_id: WalletId) -> Result<Vec<BlockedSender>, Error> {
        Ok(sqlx::query_as!(
            BlockedSender,
            r#"select sender, blocked_at,
                      (select count(*) from message where message.wallet_id = $1
                         and message.sender = blocked_sender.sender and state = 'blocked') as "kept_away!"
               from blocked_sender where wallet_id = $1 order by blocked_at desc, sender"#,
            wallet_id as WalletId
        )
        .fetch_all(self.web())
        .await?)
    }

    async fn is_blocked(&self, wallet_id: WalletId, sender: &str) -> Result<bool, Error> {
        Ok(find(&mut *self.web().acquire().await?, wallet_id, sender).await?)
    }
}

/// Whether a wallet takes no messages of this sender.
pub(crate) async fn find(
    connection: &mut PgConnection,
    wallet_id: WalletId,
    sender: &str,
) -> Result<bool, Fault> {
    Ok(sqlx::query_scalar!(
        r#"select exists(select from blocked_sender where wallet_id = $1 and sender = $2) as "is_blocked!""#,
        wallet_id as WalletId,
        sender
    )
    .fetch_one(connection)
    .await?)
}

/// The sender as messages name it; none for what no sender can be.
fn as_sent(typed: &str) -> Option<String> {
    let typed = typed.trim();
    if let Some(digits) = e164_digits(typed) {
        return Some(digits);
    }
    let is_number = !typed.chars().any(char::is_alphabetic);
    if is_number {
        // Short numbers are nobody's in particular: they are taken as they are.
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let short = (3..=6).contains(&digits.len()).then_some(digits);
        return pasted_digits(typed).or(short);
    }
    let fits = typed.chars().count() <= LONGEST && !typed.chars().any(char::is_control);
    fits.then(|| typed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_named_as_its_messages_name_it() {
        for (typed, sent) in [
            ("+52 55 1234 5678", Some("525512345678")),
            ("525512345678", Some("525512345678")),
            ("ACME Bank", Some("ACME Bank")),
            (" 72345 ", Some("72345")),
            ("", None),
            ("+", None),
            ("12", None),
        ] {
            assert_eq!(as_sent(typed).as_deref(), sent, "{typed:?}");
        }
        assert_eq!(as_sent(&"a".repeat(65)), None);
    }
}
