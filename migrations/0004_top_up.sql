-- Money coming in, and what Stripe tells us about it.

create table top_up (
    wallet_id uuid not null references wallet (wallet_id),
    top_up_id uuid not null,
    source text not null,
    state text not null default 'pending',
    currency char(3) not null default 'USD',
    amount numeric(18, 4) not null,
    -- As shown before paying: what the ladder says later does not matter.
    bonus numeric(18, 4) not null,
    -- All that feeds the request to Stripe is frozen here, so that a repeat is the same request.
    idempotency_key text not null,
    checkout_expires_at timestamptz not null,
    return_origin text not null,
    first_sent_at timestamptz,
    -- Ids at Stripe, never addresses: Stripe's links expire.
    stripe_session_id text,
    stripe_payment_id text,
    stripe_charge_id text,
    card_brand text,
    card_last4 text,
    decline_code text,
    started_at timestamptz not null default now(),
    settled_at timestamptz,
    -- When the reconciler looks at Stripe next, and how often it has.
    next_check_at timestamptz not null,
    checks integer not null default 0,
    -- Set when what Stripe says differs from this row: nothing is credited until a person has looked.
    alarm text,
    primary key (wallet_id, top_up_id),
    constraint top_up_session_is_used_once unique (wallet_id, stripe_session_id),
    constraint top_up_payment_is_credited_once unique (wallet_id, stripe_payment_id),
    constraint top_up_source_is_known check (source in ('manual', 'refill')),
    constraint top_up_state_is_known check (state in ('pending', 'settled', 'failed', 'expired')),
    constraint top_up_currency_is_known check (currency = 'USD'),
    constraint top_up_amount_is_positive check (amount > 0 and amount <= 1000000),
    constraint top_up_bonus_never_negative check (bonus >= 0 and bonus <= amount),
    constraint top_up_settled_has_payment check (
        state <> 'settled' or (stripe_payment_id is not null and settled_at is not null)
    )
);
create index top_up_history on top_up (wallet_id, started_at, top_up_id);
create index top_up_by_id on top_up (top_up_id);
create index top_up_to_check on top_up (next_check_at) where state = 'pending';

-- Events as they came: stored before they are understood, processed by id in any order.
create table stripe_event (
    event_id text primary key,
    event_type text not null,
    object_id text not null,
    wallet_id uuid,
    top_up_id uuid,
    body bytea not null,
    state text not null default 'due',
    note text,
    attempts integer not null default 0,
    received_at timestamptz not null default now(),
    next_at timestamptz not null default now(),
    lease_until timestamptz,
    fence bigint not null default 0,
    done_at timestamptz,
    constraint stripe_event_state_is_known check (state in ('due', 'done', 'ignored', 'dead'))
);
create index stripe_event_due on stripe_event (next_at) where state = 'due';
create index stripe_event_by_age on stripe_event (received_at);

grant select on top_up to wallet_web, wallet_worker, wallet_read;
grant insert (
    wallet_id, top_up_id, source, amount, bonus, idempotency_key, checkout_expires_at, return_origin, next_check_at
) on top_up to wallet_web, wallet_worker;
grant update (
    state, first_sent_at, stripe_session_id, stripe_payment_id, stripe_charge_id, card_brand, card_last4,
    decline_code, settled_at, next_check_at, checks, alarm
) on top_up to wallet_web, wallet_worker;

grant select, insert on stripe_event to wallet_web, wallet_worker;
grant update (state, note, attempts, next_at, lease_until, fence, done_at) on stripe_event to wallet_worker;
grant delete on stripe_event to wallet_worker;
grant select on stripe_event to wallet_read;
