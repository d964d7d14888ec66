//! Disputes as cases: until when each may be answered, and what we hold to answer it with.

use domain::dispute::DisputeState;
use domain::{Email, Money, TopUpId, WalletId};
use time::OffsetDateTime;

use crate::Ledger;
use crate::error::Error;

/// Cases of one page. Those that may still be answered are few.
const MOST: i64 = 50;

/// A payment that a bank asks about or took back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeCase {
    pub wallet_id: WalletId,
    pub email: Email,
    pub dispute_id: String,
    pub top_up_id: TopUpId,
    pub state: DisputeState,
    pub amount: Money,
    /// What the bank took and has not given back.
    pub withdrawn: Money,
    /// The bank's word for it.
    pub reason: String,
    pub due_by: Option<OffsetDateTime>,
    pub opened_at: OffsetDateTime,
    /// What was used since the payment: answered calls, their seconds, the last of them.
    pub calls: i64,
    pub talked_seconds: i64,
    pub last_call_at: Option<OffsetDateTime>,
    /// Browsers that are signed in.
    pub sessions: i64,
    pub receipt_number: Option<String>,
}

impl Ledger {
    /// Open cases, the one that must be answered first on top; with a wallet, all of that wallet's.
    pub async fn disputes(&self, wallet_id: Option<WalletId>) -> Result<Vec<DisputeCase>, Error> {
        Ok(sqlx::query_as!(
            DisputeCase,
            r#"select dispute.wallet_id as "wallet_id: WalletId", email as "email: Email", dispute_id,
                      dispute.top_up_id as "top_up_id: TopUpId", dispute.state as "state: DisputeState",
                      dispute.amount as "amount: Money", withdrawn as "withdrawn: Money", reason, due_by,
                      opened_at, used.calls as "calls!", used.talked_seconds as "talked_seconds!",
                      used.last_call_at,
                      (select count(*) from session where session.customer_id = customer.customer_id) as "sessions!",
                      top_up.receipt_number
               from dispute
               join customer using (wallet_id)
               join top_up on top_up.wallet_id = dispute.wallet_id and top_up.top_up_id = dispute.top_up_id
               cross join lateral (
                   select count(*) as calls, coalesce(sum(talked_seconds), 0)::bigint as talked_seconds,
                          max(authorized_at) as last_call_at
                   from call where call.wallet_id = dispute.wallet_id and talked_seconds > 0
                     and authorized_at >= top_up.started_at
               ) as used
               where ($1::uuid is null and dispute.state in ('inquiry', 'open') or dispute.wallet_id = $1)
               order by due_by nulls last, dispute_id limit $2"#,
            wallet_id as Option<WalletId>,
            MOST
        )
        .fetch_all(self.web())
        .await?)
    }
}
