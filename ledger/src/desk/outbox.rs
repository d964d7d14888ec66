//! What was written down to be sent for a wallet: requests to Stripe, letters, messages to devices.

use domain::WalletId;
use time::OffsetDateTime;

use crate::Ledger;
use crate::error::Error;

/// Rows of the list.
const MOST: i64 = 50;

/// Something to send. Of letters nothing is told but that they are there: some hold a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    /// `checkout`, `refill`, `refund`, `notice`, `other letter`, `device`.
    pub what: String,
    /// The key it is sent to Stripe under, or the id of the letter.
    pub name: String,
    pub state: String,
    pub tries: i32,
    pub written_at: OffsetDateTime,
    /// When it is tried or looked at next; none once it is over.
    pub next_at: Option<OffsetDateTime>,
    pub done_at: Option<OffsetDateTime>,
}

impl Ledger {
    /// What is to be sent and what was, newest first.
    pub async fn outbox(&self, wallet_id: WalletId) -> Result<Vec<OutboxRow>, Error> {
        Ok(sqlx::query_as!(
            OutboxRow,
            r#"with entry as (
                   (select 'checkout' as what, idempotency_key as name, state, checks as tries,
                           started_at as written_at, case state when 'pending' then next_check_at end as next_at,
                           settled_at as done_at
                    from top_up where wallet_id = $1 and source = 'manual' order by started_at desc limit $2)
                   union all
                   (select 'refill', idempotency_key, state, sends, decided_at,
                           case when ended_at is null then next_at end, ended_at
                    from refill_attempt where wallet_id = $1 order by decided_at desc limit $2)
                   union all
                   (select 'refund', idempotency_key, state, attempts, asked_at,
                           case when ended_at is null then next_at end, ended_at
                    from refund where wallet_id = $1 and source <> 'stripe' order by asked_at desc limit $2)
                   union all
                   (select case when notice_id is null then 'other letter' else 'notice' end, email_id::text,
                           email.state, attempts, email.created_at, case email.state when 'due' then next_at end,
                           sent_at
                    from email join customer on recipient = customer.email
                    where customer.wallet_id = $1 order by email.created_at desc limit $2)
                   union all
                   (select 'device', push_message_id::text, 'due', attempts, next_at, next_at, null
                    from push_message join push_subscription using (endpoint) join customer using (customer_id)
                    where customer.wallet_id = $1 order by next_at desc limit $2)
               )
               select what as "what!", name as "name!", state as "state!", tries as "tries!",
                      written_at as "written_at!", next_at, done_at
               from entry order by written_at desc limit $2"#,
            wallet_id as WalletId,
            MOST
        )
        .fetch_all(self.web())
        .await?)
    }
}
