//! The state of the house: what it holds, what it owes, and what waits.

use domain::{Account, Money};
use time::{Date, Duration, OffsetDateTime};

use crate::Ledger;
use crate::error::Error;

/// No transaction is open for so long: the database ends it before.
const LONGEST_TRANSACTION: Duration = Duration::minutes(10);

/// A sum over all wallets. House accounts have no row; they are summed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseAccount {
    pub account: Account,
    /// What came in less what went out.
    pub balance: Money,
}

/// Work that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    pub name: String,
    pub waiting: i64,
    /// Since when the oldest could have been done.
    pub oldest: Option<OffsetDateTime>,
    /// Given up: a person must look.
    pub dead: i64,
}

impl Queue {
    /// Whether what waits is served within minutes: other queues wait for people or for credit.
    pub fn has_to_be_quick(&self) -> bool {
        matches!(
            self.name.as_str(),
            "Events from Stripe"
                | "Letters"
                | "Top-ups to look up"
                | "Refills to decide"
                | "Refills to send"
                | "Refunds to send"
                | "Calls past their time"
        )
    }
}

/// What auto-refill did on one day of UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefillDay {
    pub day: Date,
    pub succeeded: i64,
    pub declined: i64,
    /// Never charged, or nobody knows of it at Stripe.
    pub closed: i64,
}

impl Ledger {
    /// What auto-refill did on each of the last days on which it did something, the oldest first.
    pub async fn refill_days(&self, days: i64) -> Result<Vec<RefillDay>, Error> {
        Ok(sqlx::query_as!(
            RefillDay,
            r#"select (ended_at at time zone 'UTC')::date as "day!",
                      count(*) filter (where state = 'succeeded') as "succeeded!",
                      count(*) filter (where state = 'declined') as "declined!",
                      count(*) filter (where state = 'closed') as "closed!"
               from refill_attempt where ended_at > $1 group by 1 order by 1"#,
            self.clock().now() - Duration::days(days)
        )
        .fetch_all(self.worker())
        .await?)
    }

    /// Balances by account: the sums kept with the last checkpoint, and what wallets wrote after it. A wallet
    /// wrote something after it only if one of its transfers is younger than the snapshot; one that was being
    /// written then is so by no more than the longest transaction.
    pub async fn house_accounts(&self) -> Result<Vec<HouseAccount>, Error> {
        Ok(sqlx::query_as!(
            HouseAccount,
            r#"with last as (
                   select checkpoint_id, min(summed_at) as summed_at from house_sum
                   group by checkpoint_id order by checkpoint_id desc limit 1
               ), written as (
                   select distinct wallet_id from transfer
                   where created_at > coalesce((select summed_at from last), '-infinity')
                                      - $1::bigint * interval '1 second'
               ), later as (
                   select from_account, to_account, amount
                   from written
                   left join lateral (
                       select last_seq from sealed_range
                       where sealed_range.wallet_id = written.wallet_id
                         and checkpoint_id <= (select checkpoint_id from last)
                       order by last_seq desc limit 1
                   ) as sealed on true
                   join transfer on transfer.wallet_id = written.wallet_id
                       and transfer.seq > coalesce(sealed.last_seq, 0)
               )
               select account as "account!: Account", sum(amount) as "balance!: Money"
               from (select account, balance as amount from house_sum
                     where checkpoint_id = (select checkpoint_id from last)
                     union all
                     select to_account, amount from later
                     union all
                     select from_account, -amount from later) as side
               group by account order by account"#,
            LONGEST_TRANSACTION.whole_seconds()
        )
        .fetch_all(self.read())
        .await?)
    }

    /// How long work waits.
    pub async fn queues(&self) -> Result<Vec<Queue>, Error> {
        Ok(sqlx::query_as!(
            Queue,
            r#"select 'Events from Stripe' as "name!",
                      count(*) filter (where state = 'due') as "waiting!",
                      min(next_at) filter (where state = 'due') as oldest,
                      count(*) filter (where state = 'dead') as "dead!"
               from stripe_event where state in ('due', 'dead')
               union all
               select 'Letters', count(*) filter (where state = 'due'),
                      min(next_at) filter (where state = 'due'), count(*) filter (where state = 'dead')
               from email where state in ('due', 'dead')
               union all
               select 'Top-ups to look up', count(*), min(next_check_at), count(*) filter (where alarm is not null)
               from top_up where state = 'pending'
               union all
               select 'Refills to decide', count(*), min(next_at), 0 from refill_due
               union all
               select 'Refills to send', count(*), min(next_at), 0
               from refill_attempt where state in ('created', 'sent', 'unknown', 'processing')
               union all
               select 'Refunds to send', count(*), min(next_at), count(*) filter (where alarm is not null)
               from refund where state in ('due', 'pending')
               union all
               select 'Messages to devices', count(*), min(next_at), 0 from push_message
               union all
               select 'Payments warned of', count(*), min(settled_at), 0
               from top_up where state = 'settled' and alarm is not null
                 and not exists (select from refund where refund.wallet_id = top_up.wallet_id
                     and refund.top_up_id = top_up.top_up_id)
                 and not exists (select from dispute where dispute.wallet_id = top_up.wallet_id
                     and dispute.top_up_id = top_up.top_up_id)
               union all
               select 'Calls past their time', count(*), min(expires_at), 0
               from call where state in ('authorized', 'answered') and expires_at < now()
               union all
               select 'Messages waiting for credit', count(*), min(received_at), 0
               from message where state = 'parked'
               union all
               select 'Promo codes to settle', count(*), min(claimed_at), 0
               from promo_claim where state in ('late', 'due')
               union all
               select 'Invitations to look at', count(*), min(next_check_at), 0
               from referral where next_check_at is not null and next_check_at < now()
               union all
               select 'Corrections to approve', count(*), min(asked_at), 0
               from adjustment where state = 'waiting'"#
        )
        .fetch_all(self.worker())
        .await?)
    }
}
