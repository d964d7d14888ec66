//! Everything an account holds, for its owner to take along.

use domain::statement::Statement;
use domain::{CustomerId, WalletId};
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

use crate::Ledger;
use crate::error::Error;

/// What the account holds beside the entries of its books, and these, added up.
#[derive(Clone, Debug)]
pub struct Export {
    pub made_at: OffsetDateTime,
    /// From the first entry to the last: it opens with nothing and closes with the balances now.
    pub statement: Statement,
    /// Lists of things by their name. Amounts are decimal strings, times RFC 3339.
    pub things: Map<String, Value>,
}

impl Ledger {
    /// All that is stored of this person, but secrets: keys of passkeys, hashes, Stripe's own ids.
    pub async fn export(
        &self,
        customer_id: CustomerId,
        wallet_id: WalletId,
    ) -> Result<Export, Error> {
        let now = self.clock().now();
        let first = self.first_entry_at(wallet_id).await?.unwrap_or(now);
        // A little more than now: clocks of servers and database differ.
        let until = now.max(first) + Duration::minutes(5);
        let statement = self.statement(wallet_id, first, until).await?;
        let mut things = Map::new();
        for (name, list) in [
            ("account", self.own_account(customer_id).await?),
            ("sessions", self.own_sessions(customer_id).await?),
            ("known_devices", self.own_devices(customer_id).await?),
            ("passkeys", self.own_passkeys(customer_id).await?),
            ("numbers", self.own_numbers(wallet_id).await?),
            ("favorites", self.own_favorites(wallet_id).await?),
            ("blocked_senders", self.own_blocked(wallet_id).await?),
            ("top_ups", self.own_top_ups(wallet_id).await?),
            ("calls", self.own_calls(wallet_id).await?),
            ("messages", self.own_messages(wallet_id).await?),
            ("given_credit", self.own_grants(wallet_id).await?),
            ("corrections", self.own_adjustments(wallet_id).await?),
            ("notices", self.own_notices(wallet_id).await?),
        ] {
            things.insert(name.to_owned(), list);
        }
        Ok(Export {
            made_at: now,
            statement,
            things,
        })
    }

    async fn own_account(&self, customer_id: CustomerId) -> Result<Value, Error> {
        Ok(sqlx::query_scalar!(
            r#"select jsonb_build_object('email', email, 'since', created_at, 'time_zone', time_zone,
                      'destination', talk_prefix) as "thing!"
               from customer where customer_id = $1"#,
            customer_id as CustomerId
        )
        .fetch_one(self.web())
        .await?)
    }

    async fn own_sessions(&self, customer_id: CustomerId) -> Result<Value, Error> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(jsonb_agg(jsonb_build_object('device', device, 'signed_in', created_at,
                      'last_seen', last_seen_at) order by created_at), '[]') as "list!"
               from session where customer_id = $1"#,
            customer_id as CustomerId
        )
        .fetch_one(self.web())
        .await?)
    }

    async fn own_devices(&self, customer_id: CustomerId) -> Result<Value, Error> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(jsonb_agg(jsonb_build_object('device', device, 'first_seen', first_seen_at,
                      'last_seen', last_seen_at) order by first_seen_at), '[]') as "list!"
               from known_device where customer_id = $1"#,
            customer_id as CustomerId
        )
        .fetch_one(self.web())
        .await?)
    }

    async fn own_passkeys(&self, customer_id: CustomerId) -> Result<Value, Error> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(jsonb_agg(jsonb_build_object('name', name, 'made', created_at,
                      'last_used', last_used_at) order by created_at), '[]') as "list!"
               from passkey where customer_id = $1"#,
            customer_id as CustomerId
        )
        .fetch_one(self.web())
        .await?)
    }

    async fn own_numbers(&self, wallet_id: WalletId) -> Result<Value, Error> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(jsonb_agg(jsonb_build_object('number', number, 'kind', kind,
                      'since', created_at) order by created_at), '[]') as "list!"
               from phone_number where wallet_id = $1"#,
            wallet_id as WalletId
        )
        .fetch_one(self.web())
        .await?)
    }

    async fn own_favorites(&self, wallet_id: WalletId) -> Result<Value, Error> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(jsonb_agg(jsonb_build_object('number', number, 'name', name)
                      order by created_at), '[]') as "list!"
               from favorite_number where wallet_id = $1"#,
            wallet_id as WalletId
        )
        .fetch_one(self.web())
        .await?)
    }

    async fn own_blocked(&self, wallet_id: WalletId) -> Result<Value, Error> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(jsonb_agg(jsonb_build_object('sender', sender, 'since', blocked_at)
                      order by blocked_at), '[]') as "list!"
               from blocked_sender where wallet_id = $1"#,
            wallet_id as WalletId
        )
        .fetch_one(self.web())
        .await?)
    }

    async fn own_top_ups(&self, wallet_id: WalletId) -> Result<Value, Error> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(jsonb_agg(jsonb_build_object('reference', top_up_id, 'source', source,
                      'state', state, 'amount', amount::text, 'bonus', bonus::text, 'card', card_brand,
                      'last4', card_last4, 'started', started_at, 'settled', settled_at)
                      order by started_at), '[]') as "list!"
               from top_up where wallet_id = $1"#,
            wallet_id as WalletId
        )
        .fetch_one(self.web())
        .await?)
    }

    async fn own_calls(&self, wallet_id: WalletId) -> Result<Value, Error> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(jsonb_agg(jsonb_build_object('reference', call_id, 'state', state,
                      'caller', caller, 'callee', callee, 'destination', destination, 'kind', kind,
                      'per_minute', per_minute::text, 'connection_fee', connection_fee::text,
                      'initial_seconds', initial_seconds, 'increment_seconds', increment_seconds,
                      'authorized', authorized_at, 'answered', answered_at, 'ended', ended_at,
                      'talked_seconds', talked_seconds, 'billed_seconds', billed_seconds,
                      'charge', charge::text, 'estimated', estimated)
                      order by authorized_at), '[]') as "list!"
               from call where wallet_id = $1"#,
            wallet_id as WalletId
        )
        .fetch_one(self.web())
        .await?)
    }

    async fn own_messages(&self, wallet_id: WalletId) -> Result<Value, Error> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(jsonb_agg(jsonb_build_object('reference', message_id, 'state', state,
                      'sender', sender, 'recipient', recipient,
                      'text', case when state = 'delivered' then body end, 'segments', segments,
                      'charge', charge::text, 'received', received_at, 'delivered', delivered_at)
                      order by received_at), '[]') as "list!"
               from message where wallet_id = $1"#,
            wallet_id as WalletId
        )
        .fetch_one(self.web())
        .await?)
    }

    async fn own_grants(&self, wallet_id: WalletId) -> Result<Value, Error> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(jsonb_agg(jsonb_build_object('reference', grant_id, 'kind', kind,
                      'amount', amount::text, 'reason', reason, 'given', granted_at, 'until', expires_at)
                      order by granted_at), '[]') as "list!"
               from credit_grant where wallet_id = $1"#,
            wallet_id as WalletId
        )
        .fetch_one(self.web())
        .await?)
    }

    async fn own_adjustments(&self, wallet_id: WalletId) -> Result<Value, Error> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(jsonb_agg(jsonb_build_object('reference', adjustment_id,
                      'amount', amount::text, 'reason', reason, 'posted', decided_at)
                      order by decided_at), '[]') as "list!"
               from adjustment where wallet_id = $1 and state = 'posted'"#,
            wallet_id as WalletId
        )
        .fetch_one(self.web())
        .await?)
    }

    async fn own_notices(&self, wallet_id: WalletId) -> Result<Value, Error> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'told', created_at,
                      'facts', facts) order by created_at), '[]') as "list!"
               from notice where wallet_id = $1"#,
            wallet_id as WalletId
        )
        .fetch_one(self.web())
        .await?)
    }
}
