//! Everything an account holds, for its owner to take along.

use domain::statement::Statement;
use domain::{CustomerId, WalletId};
use language::Language;
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

/// One checked query about one person or one wallet, whose only column is JSON.
macro_rules! own {
    ($ledger:expr, $whose:expr, $sql:literal) => {
        sqlx::query_scalar!($sql, $whose)
            .fetch_one($ledger.web())
            .await?
    };
}

impl Ledger {
    /// All that is stored of this person, but secrets: keys of passkeys, hashes, Stripe's own ids. Which
    /// table stands under which name is compared with the schema by `ledger/tests/books/personal.rs`.
    pub async fn export(
        &self,
        customer_id: CustomerId,
        wallet_id: WalletId,
    ) -> Result<Export, Error> {
        let now = self.clock().now();
        let first = self.first_entry_at(wallet_id).await?.unwrap_or(now);
        // A little more than now: clocks of servers and database differ.
        let until = now.max(first) + Duration::minutes(5);
        let statement = self
            .statement(wallet_id, first, until, Language::English)
            .await?;
        let lists = self.own_access(customer_id).await?.into_iter();
        let lists = lists
            .chain(self.own_settings(wallet_id).await?)
            .chain(self.own_cards(wallet_id).await?)
            .chain(self.own_credit(wallet_id).await?)
            .chain(self.own_traffic(wallet_id).await?);
        Ok(Export {
            made_at: now,
            statement,
            things: lists.map(|(name, list)| (name.to_owned(), list)).collect(),
        })
    }

    /// Who it is, and by what they come in.
    async fn own_access(
        &self,
        customer_id: CustomerId,
    ) -> Result<[(&'static str, Value); 5], Error> {
        let account = own!(
            self,
            customer_id as CustomerId,
            r#"select jsonb_build_object('email', email, 'since', created_at, 'time_zone', time_zone,
                      'destination', talk_prefix, 'language', language) as "thing!"
               from customer where customer_id = $1"#
        );
        let sessions = own!(
            self,
            customer_id as CustomerId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('device', device, 'signed_in', created_at,
                      'last_seen', last_seen_at) order by created_at), '[]') as "list!"
               from session where customer_id = $1"#
        );
        let known = own!(
            self,
            customer_id as CustomerId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('device', device, 'first_seen', first_seen_at,
                      'last_seen', last_seen_at) order by first_seen_at), '[]') as "list!"
               from known_device where customer_id = $1"#
        );
        let passkeys = own!(
            self,
            customer_id as CustomerId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('name', name, 'made', created_at,
                      'last_used', last_used_at) order by created_at), '[]') as "list!"
               from passkey where customer_id = $1"#
        );
        let devices = own!(
            self,
            customer_id as CustomerId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('device', device, 'since', created_at)
                      order by created_at), '[]') as "list!"
               from push_subscription where customer_id = $1"#
        );
        Ok([
            ("account", account),
            ("sessions", sessions),
            ("known_devices", known),
            ("passkeys", passkeys),
            ("devices_told", devices),
        ])
    }

    /// What they set up.
    async fn own_settings(&self, wallet_id: WalletId) -> Result<[(&'static str, Value); 6], Error> {
        let numbers = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('number', number, 'kind', kind,
                      'since', created_at) order by created_at), '[]') as "list!"
               from phone_number where wallet_id = $1"#
        );
        let favorites = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('number', number, 'name', name)
                      order by created_at), '[]') as "list!"
               from favorite_number where wallet_id = $1"#
        );
        let blocked = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('sender', sender, 'since', blocked_at)
                      order by blocked_at), '[]') as "list!"
               from blocked_sender where wallet_id = $1"#
        );
        let settings = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'by_email', by_email,
                      'level', level::text) order by kind), '[]') as "list!"
               from notice_setting where wallet_id = $1"#
        );
        let notices = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'told', created_at,
                      'facts', facts) order by created_at), '[]') as "list!"
               from notice where wallet_id = $1"#
        );
        let invitations = own!(
            self,
            wallet_id as WalletId,
            r#"select jsonb_build_object(
                   'code', (select code from referral_code where wallet_id = $1),
                   'friends', (select coalesce(jsonb_agg(jsonb_build_object('state', state, 'entered', entered_at,
                       'reward', reward::text, 'rewarded', rewarded_at) order by entered_at), '[]')
                       from referral where inviter_wallet_id = $1),
                   'accepted', (select coalesce(jsonb_agg(jsonb_build_object('state', state, 'entered', entered_at,
                       'reward', reward::text, 'rewarded', rewarded_at) order by entered_at), '[]')
                       from referral where friend_wallet_id = $1)) as "thing!""#
        );
        Ok([
            ("numbers", numbers),
            ("favorites", favorites),
            ("blocked_senders", blocked),
            ("notice_settings", settings),
            ("notices", notices),
            ("invitations", invitations),
        ])
    }

    /// What they pay with, and what may be charged by itself.
    async fn own_cards(&self, wallet_id: WalletId) -> Result<[(&'static str, Value); 4], Error> {
        let cards = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('brand', brand, 'last4', last4,
                      'expires', exp_year || '-' || lpad(exp_month::text, 2, '0'), 'for_refill', is_default,
                      'consent', consent, 'consented', consented_at, 'saved', saved_at, 'removed', removed_at)
                      order by saved_at), '[]') as "list!"
               from payment_method where wallet_id = $1"#
        );
        let wishes = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('state', state, 'consent', consent,
                      'started', started_at) order by started_at), '[]') as "list!"
               from card_setup where wallet_id = $1"#
        );
        let rule = own!(
            self,
            wallet_id as WalletId,
            r#"select jsonb_build_object(
                   'rule', (select jsonb_build_object('state', state, 'below', threshold::text,
                       'amount', amount::text, 'monthly_cap', monthly_cap::text, 'armed', armed_at)
                       from refill_rule where wallet_id = $1),
                   'consents', (select coalesce(jsonb_agg(jsonb_build_object('consented', consented_at,
                       'consent', consent) order by consented_at), '[]')
                       from refill_consent where wallet_id = $1)) as "thing!""#
        );
        let refills = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('reference', top_up_id, 'state', state,
                      'amount', amount::text, 'fell', fell_at, 'declined', decline_code, 'ended', ended_at)
                      order by fell_at), '[]') as "list!"
               from refill_attempt where wallet_id = $1"#
        );
        Ok([
            ("cards", cards),
            ("cards_to_save", wishes),
            ("auto_refill", rule),
            ("refills", refills),
        ])
    }

    /// What came in and went back.
    async fn own_credit(&self, wallet_id: WalletId) -> Result<[(&'static str, Value); 6], Error> {
        let top_ups = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('reference', top_up_id, 'source', source,
                      'state', state, 'amount', amount::text, 'bonus', bonus::text, 'card', card_brand,
                      'last4', card_last4, 'receipt', receipt_number, 'invoice', wants_invoice,
                      'started', started_at, 'settled', settled_at)
                      order by started_at), '[]') as "list!"
               from top_up where wallet_id = $1"#
        );
        let refunds = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('reference', refund_id, 'top_up', top_up_id,
                      'source', source, 'state', state, 'credit', credit::text, 'bonus_taken', clawback::text,
                      'amount', amount::text, 'asked', asked_at, 'ended', ended_at)
                      order by asked_at), '[]') as "list!"
               from refund where wallet_id = $1"#
        );
        let disputes = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('top_up', top_up_id, 'state', state,
                      'amount', amount::text, 'reason', reason, 'opened', opened_at, 'ended', ended_at)
                      order by opened_at), '[]') as "list!"
               from dispute where wallet_id = $1"#
        );
        let given = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('reference', grant_id, 'kind', kind,
                      'amount', amount::text, 'reason', reason, 'given', granted_at, 'until', expires_at)
                      order by granted_at), '[]') as "list!"
               from credit_grant where wallet_id = $1"#
        );
        let claims = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('code', code, 'state', state, 'amount',
                      promo_claim.amount::text, 'claimed', claimed_at, 'given', granted_at)
                      order by claimed_at), '[]') as "list!"
               from promo_claim join campaign using (campaign_id) where wallet_id = $1"#
        );
        let corrections = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('reference', adjustment_id,
                      'amount', amount::text, 'reason', reason, 'posted', decided_at)
                      order by decided_at), '[]') as "list!"
               from adjustment where wallet_id = $1 and state = 'posted'"#
        );
        Ok([
            ("top_ups", top_ups),
            ("refunds", refunds),
            ("disputes", disputes),
            ("given_credit", given),
            ("promo_codes", claims),
            ("corrections", corrections),
        ])
    }

    /// Whom they called, and who wrote to them.
    async fn own_traffic(&self, wallet_id: WalletId) -> Result<[(&'static str, Value); 4], Error> {
        let calls = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('reference', call_id, 'state', state,
                      'caller', caller, 'callee', callee, 'destination', destination, 'kind', kind,
                      'per_minute', per_minute::text, 'connection_fee', connection_fee::text,
                      'initial_seconds', initial_seconds, 'increment_seconds', increment_seconds,
                      'authorized', authorized_at, 'answered', answered_at, 'ended', ended_at,
                      'talked_seconds', talked_seconds, 'billed_seconds', billed_seconds,
                      'charge', charge::text, 'estimated', estimated)
                      order by authorized_at), '[]') as "list!"
               from call where wallet_id = $1"#
        );
        let dialed = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('reference', call_id, 'callee', callee,
                      'asked', asked_at) order by asked_at), '[]') as "list!"
               from dialed_call where wallet_id = $1"#
        );
        let refused = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('reference', call_id, 'why', refusal,
                      'refused', refused_at) order by refused_at), '[]') as "list!"
               from call_refusal where wallet_id = $1"#
        );
        let messages = own!(
            self,
            wallet_id as WalletId,
            r#"select coalesce(jsonb_agg(jsonb_build_object('reference', message_id, 'state', state,
                      'sender', sender, 'recipient', recipient,
                      'text', case when state = 'delivered' then body end, 'segments', segments,
                      'charge', charge::text, 'received', received_at, 'delivered', delivered_at)
                      order by received_at), '[]') as "list!"
               from message where wallet_id = $1"#
        );
        Ok([
            ("calls", calls),
            ("dialed_calls", dialed),
            ("refused_calls", refused),
            ("messages", messages),
        ])
    }
}
