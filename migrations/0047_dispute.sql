-- Payments that a bank asks about or takes back, as Stripe has them.
create table dispute (
    wallet_id uuid not null references wallet (wallet_id),
    -- Stripe's.
    dispute_id text not null,
    top_up_id uuid not null,
    state text not null,
    amount numeric(18, 4) not null,
    -- What the bank took, and has not given back.
    withdrawn numeric(18, 4) not null default 0,
    -- The bank's word for it.
    reason text not null,
    -- Until when it may be answered.
    due_by timestamptz,
    opened_at timestamptz not null,
    ended_at timestamptz,
    -- When the reconciler asks Stripe next.
    next_check_at timestamptz not null,
    primary key (wallet_id, dispute_id),
    constraint dispute_is_of_a_top_up foreign key (wallet_id, top_up_id) references top_up (wallet_id, top_up_id),
    constraint dispute_id_is_short check (length(dispute_id) between 1 and 128),
    constraint dispute_state_is_known check (state in ('inquiry', 'open', 'won', 'lost')),
    constraint dispute_amount_is_positive check (amount > 0 and amount <= 1000000),
    constraint dispute_withdrawn_never_negative check (withdrawn >= 0 and withdrawn <= 1000000)
);
create index dispute_history on dispute (wallet_id, opened_at);
create index dispute_to_check on dispute (next_check_at) where state in ('inquiry', 'open');

grant select on dispute to wallet_web, wallet_worker, wallet_read;
grant insert on dispute to wallet_worker;
grant update (state, withdrawn, due_by, ended_at, next_check_at) on dispute to wallet_worker;

-- How far Stripe's lists were read, so that what no event told is found.
create table stripe_watch (
    name text primary key,
    seen_until timestamptz not null
);
grant select, insert on stripe_watch to wallet_worker;
grant update (seen_until) on stripe_watch to wallet_worker;
