//! A million people and what they did, made by SQL.

use std::time::Instant;

use sqlx::PgPool;

/// A name that says whose thing it is.
const ID: &str = "create function pg_temp.id(n bigint) returns uuid immutable language sql
    as $$ select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid $$";

/// Of everybody a number, a purchase, two calls and a look of the desk; of every tenth what fewer have;
/// of every hundredth what few have. `$1` counts the wallets.
const ROWS: &[&str] = &[
    "insert into wallet (wallet_id) select pg_temp.id(n) from generate_series(1, $1) n",
    "insert into customer (customer_id, wallet_id, email, stripe_customer_id)
     select pg_temp.id(n), pg_temp.id(n), 'person' || n || '@example.com', 'cus_' || n
     from generate_series(1, $1) n",
    "insert into phone_number (number, wallet_id, kind)
     select (520000000000 + n)::text, pg_temp.id(n), 'registered' from generate_series(1, $1) n",
    "insert into top_up (wallet_id, top_up_id, source, state, amount, bonus, idempotency_key,
         checkout_expires_at, return_origin, next_check_at, settled_at, stripe_payment_id, stripe_charge_id,
         stripe_session_id, receipt_number)
     select pg_temp.id(n), pg_temp.id(n), 'manual', 'settled', 10, 0, 'k' || n, now(), '', now(), now(),
         'pi_' || n, 'ch_' || n, 'cs_' || n, '1000-' || n
     from generate_series(1, $1) n",
    "insert into call (wallet_id, call_id, switch_id, callee, request_hash, prefix, destination, kind, per_minute,
         connection_fee, initial_seconds, increment_seconds, max_seconds, first_held, first_seconds, first_final,
         first_expires_at, held, granted_seconds, is_final, expires_at, authorized_at, state, ended_at,
         talked_seconds, billed_seconds, charge, released)
     select pg_temp.id(n), 'call-' || n || '-' || k, 's', '525512345678', '', '52', 'Mexico', 'landline', 0.1, 0,
         1, 1, 14400, 0.5, 300, false, now(), 0.5, 300, false, now(), now(), 'ended', now(), 60, 60, 0.1, 0.4
     from generate_series(1, $1) n, generate_series(1, 2) k",
    "insert into audit (audit_id, actor, act, subject, subject_id, wallet_id, detail)
     select pg_temp.id(n), 'person' || n % 50, 'view_customer', 'wallet', '', pg_temp.id(n), '{}'
     from generate_series(1, $1) n",
    "insert into message (wallet_id, message_id, switch_id, state, request_hash, segments, price, received_at,
         delivered_at)
     select pg_temp.id(n), 'message-' || n, 's', 'delivered', '', 1, 0.01, now(), now()
     from generate_series(1, $1 / 10) n",
    "insert into credit_grant (wallet_id, grant_id, kind, amount, reason, granted_at)
     select pg_temp.id(n), 'grant-' || n, 'promo', 1, 'a gift', now() from generate_series(1, $1 / 10) n",
    "insert into referral_code (wallet_id, code, created_at)
     select pg_temp.id(n), 'R' || lpad(n::text, 7, '0'), now() from generate_series(1, $1 / 10) n",
    "insert into stripe_event (event_id, event_type, object_id, wallet_id, body, state, done_at)
     select 'evt_' || n, 'payment_intent.succeeded', 'pi_' || n, pg_temp.id(n), '', 'done', now()
     from generate_series(1, $1 / 10) n",
    "insert into session (session_hash, session_id, customer_id, device, data, expires_at)
     select uuid_send(pg_temp.id(n)), pg_temp.id(n), pg_temp.id(n), 'Chromium', '{}', now() + interval '1 day'
     from generate_series(1, $1 / 10) n",
    "insert into notice (wallet_id, notice_id, kind, event_key, facts, created_at)
     select pg_temp.id(n), pg_temp.id(n), 'top_up_settled', n::text, '{}', now()
     from generate_series(1, $1 / 10) n",
    "insert into email (email_id, recipient, subject, state, sent_at, give_up_at, notice_id)
     select pg_temp.id(n), 'person' || n || '@example.com', 'Credit was added', 'sent', now(), now(), pg_temp.id(n)
     from generate_series(1, $1 / 10) n",
    "insert into adjustment (wallet_id, adjustment_id, state, amount, reason, author, asked_at)
     select pg_temp.id(n), pg_temp.id(n), 'waiting', 60, 'an outage', 'ines', now()
     from generate_series(1, $1 / 100) n",
    "insert into dispute (wallet_id, dispute_id, top_up_id, state, amount, withdrawn, reason, due_by, opened_at,
         ended_at, next_check_at)
     select pg_temp.id(n), 'dp_' || n, pg_temp.id(n), case when n % 10 = 0 then 'open' else 'lost' end, 10, 10,
         'fraudulent', now() + n * interval '1 second', now(), case when n % 10 > 0 then now() end, now()
     from generate_series(1, $1 / 100) n",
    "insert into campaign (campaign_id, code, code_key, reason, amount, starts_at, ends_at, budget_count, budget_sum,
         first_top_up_only, credit_days, created_by, created_at)
     select pg_temp.id(n), 'C' || n, lpad(n::text, 8, '0'), 'a gift', 1, now(), now() + interval '1 day', 1, 1, false, 1,
         'olga', now()
     from generate_series(1, $1 / 1000) n",
];

/// Makes them all, and tells the planner.
pub(crate) async fn grow(owner: &PgPool, wallets: i64) {
    sqlx::query(ID).execute(owner).await.unwrap();
    for rows in ROWS {
        let started = Instant::now();
        sqlx::query(*rows)
            .bind(wallets)
            .execute(owner)
            .await
            .unwrap();
        let table = rows.split_whitespace().nth(2).unwrap_or_default();
        println!("{table}: {:.0?}", started.elapsed());
    }
    sqlx::raw_sql("vacuum analyze")
        .execute(owner)
        .await
        .unwrap();
}
