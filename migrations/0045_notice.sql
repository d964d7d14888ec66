-- What customers are told on the page and by e-mail. An event has a name, so that it is told once,
-- whoever finds it and however often.
create table notice (
    wallet_id uuid not null references wallet (wallet_id),
    notice_id uuid not null,
    kind text not null,
    event_key text not null,
    -- The numbers of it; the sentence is made when it is read.
    facts jsonb not null,
    created_at timestamptz not null,
    read_at timestamptz,
    primary key (wallet_id, notice_id),
    constraint notice_is_given_once unique (wallet_id, kind, event_key),
    constraint notice_kind_is_short check (length(kind) between 1 and 32),
    constraint notice_event_is_short check (length(event_key) between 1 and 255)
);
create index notice_unread on notice (wallet_id, created_at) where read_at is null;

-- What a customer chose for a kind; no row is the default.
create table notice_setting (
    wallet_id uuid not null references wallet (wallet_id),
    kind text not null,
    by_email boolean not null default true,
    -- Below which balance it is told; only a low balance has one.
    level numeric(18, 4),
    primary key (wallet_id, kind),
    constraint notice_setting_level_is_of_a_balance check (level is null or kind = 'low_balance'),
    constraint notice_setting_level_is_possible check (level is null or (level >= 0 and level <= 1000))
);

-- How far the worker that finds events in the books has looked: one row for each thing it looks for.
create table notice_watch (
    name text primary key,
    seen_until timestamptz not null
);

grant select, insert on notice, notice_setting to wallet_web, wallet_worker;
grant update (read_at) on notice to wallet_web, wallet_worker;
grant update (by_email, level) on notice_setting to wallet_web, wallet_worker;
grant select, insert on notice_watch to wallet_worker;
grant update (seen_until) on notice_watch to wallet_worker;

-- Where a letter that nobody must get can be refused (RFC 8058).
alter table email add column unsubscribe_url text;
