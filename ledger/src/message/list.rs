//! Messages as their customer reads them.

use domain::message::MessageState;
use domain::{Money, WalletId};
use time::OffsetDateTime;

use super::charged_today;
use crate::Ledger;
use crate::error::Error;

/// Messages on one page.
const PAGE: i64 = 50;

/// One message. Its text is there only once it is paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageLine {
    pub message_id: String,
    pub state: MessageState,
    /// E.164 digits, or the name a company sends under; gone once the account is closed.
    pub sender: Option<String>,
    /// E.164 digits of the number it came to.
    pub recipient: Option<String>,
    pub body: Option<String>,
    pub segments: i32,
    /// What it cost, or would cost while it waits.
    pub charge: Money,
    pub received_at: OffsetDateTime,
    pub parked_until: Option<OffsetDateTime>,
}

impl Ledger {
    /// One page of messages, newest first, 50 a page; `before` names the last one of the page before.
    /// What blocked senders wrote is not among them.
    pub async fn messages(
        &self,
        wallet_id: WalletId,
        before: Option<&str>,
    ) -> Result<Vec<MessageLine>, Error> {
        Ok(sqlx::query_as!(
            MessageLine,
            r#"select message_id, state as "state: MessageState", sender, recipient,
                      case state when 'delivered' then body end as body, segments,
                      case state when 'delivered' then charge else price * segments end as "charge!: Money",
                      received_at, parked_until
               from message
               where wallet_id = $1 and state <> 'blocked'
                 and ($2::text is null or (received_at, message_id)
                      < (select received_at, message_id from message where wallet_id = $1 and message_id = $2))
               order by received_at desc, message_id desc limit $3"#,
            wallet_id as WalletId,
            before,
            PAGE
        )
        .fetch_all(self.web())
        .await?)
    }

    /// What messages cost this wallet today (UTC), and the most they may.
    pub async fn messages_today(&self, wallet_id: WalletId) -> Result<(Money, Money), Error> {
        let mut connection = self.web().acquire().await?;
        let now = self.now_in(&mut connection).await?;
        let rules = &self.rules().message;
        let charged = charged_today(&mut connection, wallet_id, rules, now).await?;
        Ok((charged, rules.daily_cap))
    }
}
