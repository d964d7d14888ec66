-- Messages, credit given and taken by people, and what became of credit past its date.

create table message (
    wallet_id uuid not null references wallet (wallet_id),
    -- The provider's own name of the message: a repeat carries the same one.
    message_id text not null,
    switch_id text not null,
    state text not null,
    request_hash bytea not null,
    -- Personal; erased when the account is closed, the text also when it lapses.
    sender text,
    recipient text,
    body text,
    segments integer not null,
    price numeric(18, 4) not null,
    charge numeric(18, 4) not null default 0,
    received_at timestamptz not null,
    -- The first answer: parked until then, none if it was delivered at once.
    parked_until timestamptz,
    delivered_at timestamptz,
    primary key (wallet_id, message_id),
    constraint message_id_is_short check (length(message_id) between 1 and 128),
    constraint message_state_is_known check (state in ('delivered', 'parked', 'lapsed')),
    constraint message_has_segments check (segments between 1 and 1000),
    constraint message_price_never_negative check (price >= 0 and price <= 1000),
    constraint message_charge_never_negative check (charge >= 0 and charge <= 1000000),
    constraint message_delivered_has_a_time check ((state = 'delivered') = (delivered_at is not null)),
    constraint message_lapsed_has_no_text check (state <> 'lapsed' or body is null)
);
create index message_history on message (wallet_id, received_at, message_id);
create index message_parked on message (wallet_id, received_at) where state = 'parked';

-- Corrections by support. The customer reads the reason; the names are for the audit.
create table adjustment (
    wallet_id uuid not null references wallet (wallet_id),
    adjustment_id uuid not null,
    state text not null,
    -- Positive gives, negative takes.
    amount numeric(18, 4) not null,
    reason text not null,
    author text not null,
    approver text,
    -- Given credit ends; none gives credit that stays.
    credit_expires_at timestamptz,
    asked_at timestamptz not null,
    decided_at timestamptz,
    primary key (wallet_id, adjustment_id),
    constraint adjustment_state_is_known check (state in ('waiting', 'posted', 'refused')),
    constraint adjustment_moves_something check (amount <> 0 and amount between -1000000 and 1000000),
    constraint adjustment_has_a_reason check (length(trim(reason)) between 3 and 500),
    constraint adjustment_has_an_author check (length(trim(author)) between 1 and 200),
    constraint adjustment_approver_is_somebody_else check (approver is null or lower(approver) <> lower(author)),
    constraint adjustment_above_fifty_needs_two check (
        state <> 'posted' or abs(amount) <= 50 or approver is not null
    ),
    constraint adjustment_decided_has_a_time check ((state = 'waiting') = (decided_at is null))
);
create index adjustment_history on adjustment (wallet_id, asked_at, adjustment_id);

-- Credit given by campaigns.
create table credit_grant (
    wallet_id uuid not null references wallet (wallet_id),
    -- The campaign's own name of the grant.
    grant_id text not null,
    kind text not null,
    amount numeric(18, 4) not null,
    reason text not null,
    expires_at timestamptz,
    granted_at timestamptz not null,
    primary key (wallet_id, grant_id),
    constraint credit_grant_id_is_short check (length(grant_id) between 1 and 128),
    constraint credit_grant_kind_is_known check (kind in ('promo', 'referral')),
    constraint credit_grant_gives_something check (amount > 0 and amount <= 1000000)
);
create index credit_grant_history on credit_grant (wallet_id, granted_at, grant_id);

-- Which given credit was looked at after its date: each lot once, whatever was left of it.
create table expired_credit (
    wallet_id uuid not null,
    seq bigint not null,
    amount numeric(18, 4) not null,
    primary key (wallet_id, seq),
    constraint expired_credit_was_given foreign key (wallet_id, seq) references transfer (wallet_id, seq),
    constraint expired_credit_never_negative check (amount >= 0 and amount <= 1000000)
);
create index transfer_expiring on transfer (expires_at) where expires_at is not null;

grant select on message, adjustment, credit_grant to wallet_web, wallet_switch, wallet_worker;
grant insert on message to wallet_switch;
grant update (state, body, charge, delivered_at) on message to wallet_switch, wallet_worker;
grant insert on adjustment, credit_grant to wallet_web, wallet_worker;
grant update (state, approver, decided_at) on adjustment to wallet_web, wallet_worker;
grant select on expired_credit to wallet_worker, wallet_read;
grant insert on expired_credit to wallet_worker;
-- Whoever only reads the books sees no sender and no text.
grant select (
    wallet_id, message_id, state, segments, price, charge, received_at, parked_until, delivered_at
) on message to wallet_read;
grant select on adjustment, credit_grant to wallet_read;
