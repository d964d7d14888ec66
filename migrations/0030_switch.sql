-- Who may ask for charges: keys of telephone switches. Stored as a hash, shown once; several keys may
-- name the same switch, so that one can replace another without a pause.
create table switch_key (
    switch_key_id uuid primary key,
    name text not null,
    -- Whose calls the key sees.
    switch_id text not null,
    key_hash bytea not null,
    created_at timestamptz not null default now(),
    revoked_at timestamptz,
    constraint switch_key_opens_one_switch unique (key_hash),
    constraint switch_key_name_is_short check (length(name) between 1 and 64),
    constraint switch_key_switch_is_short check (length(switch_id) between 1 and 64)
);
create unique index switch_key_name_is_taken on switch_key (name) where revoked_at is null;

grant select on switch_key to wallet_switch, wallet_worker;
grant insert on switch_key to wallet_worker;
grant update (revoked_at) on switch_key to wallet_worker;

-- Numbers by which a switch finds a wallet: those people call from, and those rented to them.
create table phone_number (
    number text primary key,
    wallet_id uuid not null,
    kind text not null,
    -- Price of one segment of a message to it; none takes the operator's.
    message_price numeric(18, 4),
    created_at timestamptz not null default now(),
    constraint phone_number_is_digits check (number ~ '^[1-9][0-9]{6,14}$'),
    constraint phone_number_kind_is_known check (kind in ('registered', 'rented')),
    constraint phone_number_price_is_possible check (message_price >= 0 and message_price <= 1000)
);
create index phone_number_by_wallet on phone_number (wallet_id);

grant select on phone_number to wallet_web, wallet_switch, wallet_worker;
grant insert, delete on phone_number to wallet_web, wallet_worker;

-- Refusals of calls, kept as they were given: a repeat gets the same one, although there may be
-- credit by now, for nobody waits for that call any more.
create table call_refusal (
    wallet_id uuid not null references wallet (wallet_id),
    call_id text not null,
    switch_id text not null,
    request_hash bytea not null,
    refusal jsonb not null,
    refused_at timestamptz not null default now(),
    primary key (wallet_id, call_id),
    constraint call_refusal_id_is_short check (length(call_id) between 1 and 128)
);
create index call_refusal_by_age on call_refusal (refused_at);

grant select, insert on call_refusal to wallet_switch;
grant select, delete on call_refusal to wallet_worker;

-- What calls took from a wallet on one day (UTC): holds count until they are released. In the
-- wallet's row, so that the guard of a hold compares it with the day's limit in the same row version.
alter table wallet add column call_day date,
    add column call_spend numeric(18, 4) not null default 0,
    add constraint wallet_call_spend_never_negative check (call_spend >= 0 and call_spend <= 1000000000);
grant update (call_day, call_spend) on wallet to wallet_switch, wallet_worker;
