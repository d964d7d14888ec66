-- What calls cost, and the calls themselves: all a call needs from its first second to the last,
-- with the price as it was when it was authorized.

-- A reference table: the same on every shard. Versions count imports; a server that keeps the
-- rates in memory compares its version inside the statement that authorizes.
create table price_list (
    price_list_id bigint primary key,
    name text not null,
    imported_at timestamptz not null default now(),
    constraint price_list_counts_from_one check (price_list_id >= 1)
);

create table rate (
    prefix text not null,
    valid_from timestamptz not null,
    valid_to timestamptz,
    destination text not null,
    kind text not null,
    per_minute numeric(12, 6) not null,
    connection_fee numeric(18, 4) not null default 0,
    initial_seconds integer not null default 1,
    increment_seconds integer not null default 1,
    max_seconds integer not null default 14400,
    blocked boolean not null default false,
    price_list_id bigint not null references price_list (price_list_id),
    primary key (prefix, valid_from),
    constraint rate_prefix_is_digits check (prefix ~ '^[1-9][0-9]{0,14}$'),
    constraint rate_is_valid_for_a_time check (valid_to is null or valid_to > valid_from),
    constraint rate_kind_is_known check (kind in ('landline', 'mobile', 'special')),
    constraint rate_price_is_possible check (per_minute >= 0 and per_minute <= 1000),
    constraint rate_fee_is_possible check (connection_fee >= 0 and connection_fee <= 1000),
    constraint rate_steps_are_possible check (
        initial_seconds between 1 and 3600 and increment_seconds between 1 and 3600
    ),
    constraint rate_longest_call_is_possible check (max_seconds between 1 and 86400)
);

-- The number of running calls stands in the wallet's row, so that the guard of a hold counts calls
-- in the same row version whose balance it checks: two calls at the same moment cannot both be the last.
alter table wallet add column running_calls integer not null default 0,
    add constraint wallet_running_calls_never_negative check (running_calls >= 0);

create table call (
    wallet_id uuid not null references wallet (wallet_id),
    -- The switch's own name of the call.
    call_id text not null,
    switch_id text not null,
    -- Erased when the account is closed; nothing of the books depends on them.
    caller text,
    callee text,
    state text not null default 'authorized',
    request_hash bytea not null,
    -- The rate, copied: a price that changes later does not change this call.
    prefix text not null,
    destination text not null,
    kind text not null,
    per_minute numeric(12, 6) not null,
    connection_fee numeric(18, 4) not null,
    initial_seconds integer not null,
    increment_seconds integer not null,
    max_seconds integer not null,
    -- The first answer, kept as it was given.
    first_held numeric(18, 4) not null,
    first_seconds integer not null,
    first_final boolean not null,
    first_expires_at timestamptz not null,
    -- As it stands.
    held numeric(18, 4) not null,
    granted_seconds integer not null,
    is_final boolean not null,
    expires_at timestamptz not null,
    confirmed_seconds integer not null default 0,
    update_seq bigint not null default 0,
    extensions integer not null default 0,
    authorized_at timestamptz not null,
    answered_at timestamptz,
    ended_at timestamptz,
    -- The end.
    talked_seconds bigint,
    billed_seconds bigint,
    charge numeric(18, 4),
    released numeric(18, 4),
    shrinkage numeric(18, 4) not null default 0,
    estimated boolean not null default false,
    corrected_at timestamptz,
    cause text,
    -- Reports that contradict the one that was acted on; nothing was changed by them.
    conflicts integer not null default 0,
    conflict text,
    primary key (wallet_id, call_id),
    constraint call_id_is_short check (length(call_id) between 1 and 128),
    constraint call_state_is_known check (state in ('authorized', 'answered', 'ended', 'expired')),
    constraint call_kind_is_known check (kind in ('landline', 'mobile', 'special')),
    constraint call_held_never_negative check (held >= 0 and held <= 1000000),
    constraint call_seconds_never_negative check (
        granted_seconds >= first_seconds and first_seconds >= 0 and confirmed_seconds >= 0
    ),
    constraint call_end_is_whole check (
        (state in ('ended', 'expired'))
        = (ended_at is not null and talked_seconds is not null and billed_seconds is not null
           and charge is not null and released is not null)
    ),
    constraint call_charge_never_negative check (charge >= 0 and charge <= 1000000 and released >= 0),
    constraint call_shrinkage_never_negative check (shrinkage >= 0 and shrinkage <= 1000000000),
    constraint call_unanswered_costs_nothing check (talked_seconds > 0 or charge = 0)
);
create index call_history on call (wallet_id, authorized_at, call_id);
create index call_running on call (expires_at) where state in ('authorized', 'answered');

-- Answers to updates, kept as they were given: a repeat gets the same one.
create table call_update (
    wallet_id uuid not null,
    call_id text not null,
    seq bigint not null,
    talked_seconds integer not null,
    granted_seconds integer not null,
    held numeric(18, 4) not null,
    is_final boolean not null,
    primary key (wallet_id, call_id, seq),
    constraint call_update_is_of_a_call foreign key (wallet_id, call_id) references call (wallet_id, call_id),
    constraint call_update_counts_from_one check (seq >= 1)
);

-- A call that was charged by mistake gets the charge back the way it went.
alter table transfer drop constraint transfer_route_is_known;
alter table transfer add constraint transfer_route_is_known check (
    (kind, from_account, to_account) in (
        ('top_up', 'stripe_clearing', 'available'),
        ('bonus', 'promotion_expense', 'available'),
        ('promo', 'promotion_expense', 'available'),
        ('referral', 'referral_expense', 'available'),
        ('adjustment', 'adjustments', 'available'),
        ('adjustment', 'available', 'adjustments'),
        ('hold', 'available', 'held'),
        ('extend', 'available', 'held'),
        ('refund_hold', 'available', 'held'),
        ('capture', 'held', 'call_revenue'),
        ('capture', 'call_revenue', 'held'),
        ('release', 'held', 'available'),
        ('expire', 'held', 'available'),
        ('message', 'available', 'message_revenue'),
        ('refund', 'held', 'stripe_clearing'),
        ('clawback', 'available', 'promotion_expense'),
        ('clawback', 'available', 'referral_expense'),
        ('expiry', 'available', 'breakage'),
        ('dispute', 'available', 'stripe_clearing'),
        ('dispute', 'debt', 'stripe_clearing'),
        ('dispute_won', 'stripe_clearing', 'debt'),
        ('dispute_won', 'stripe_clearing', 'available'),
        ('debt_payment', 'available', 'debt')
    )
);
alter table transfer drop constraint transfer_expiry_is_for_given_credit;
alter table transfer add constraint transfer_expiry_is_for_given_credit check (
    expires_at is null
    or kind in ('bonus', 'promo', 'referral', 'adjustment', 'dispute_won')
    or (kind, from_account) = ('capture', 'call_revenue')
);

grant select on price_list, rate to wallet_web, wallet_switch, wallet_worker, wallet_read;
grant insert on price_list, rate to wallet_worker;
grant update (valid_to) on rate to wallet_worker;
grant update (running_calls) on wallet to wallet_switch, wallet_worker;

grant select on call, call_update to wallet_web, wallet_switch, wallet_worker;
grant insert on call, call_update to wallet_switch;
grant update (
    state, held, granted_seconds, is_final, expires_at, confirmed_seconds, update_seq, extensions,
    answered_at, ended_at, talked_seconds, billed_seconds, charge, released, shrinkage, estimated,
    corrected_at, cause, conflicts, conflict
) on call to wallet_switch, wallet_worker;
-- Whoever only reads the books sees no telephone number.
grant select on call_update to wallet_read;
grant select (
    wallet_id, call_id, switch_id, state, prefix, destination, kind, per_minute, connection_fee,
    initial_seconds, increment_seconds, max_seconds, first_held, first_seconds, first_final, held,
    granted_seconds, is_final, expires_at, confirmed_seconds, update_seq, extensions, authorized_at,
    answered_at, ended_at, talked_seconds, billed_seconds, charge, released, shrinkage, estimated,
    corrected_at, cause, conflicts
) on call to wallet_read;

-- The fold of a wallet's credit up to an entry, kept so that it does not begin anew. Made from
-- transfers only; may be thrown away.
create table lots_snapshot (
    wallet_id uuid not null references wallet (wallet_id),
    seq bigint not null,
    lots jsonb not null,
    primary key (wallet_id, seq)
);
grant select, insert on lots_snapshot to wallet_web, wallet_switch, wallet_worker;
