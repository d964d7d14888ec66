-- A price that was announced and taken back before it was ever valid is kept here, with the version that
-- took it back: going back to a version before that one announces it again.
create table withdrawn_rate (
    prefix text not null,
    valid_from timestamptz not null,
    -- The version that took it back.
    withdrawn_by bigint not null,
    -- As it stood: the version it came with, and its end with the version that ended it.
    price_list_id bigint not null,
    valid_to timestamptz,
    ended_by bigint,
    destination text not null,
    kind text not null,
    per_minute numeric(12, 6) not null,
    connection_fee numeric(18, 4) not null,
    initial_seconds integer not null,
    increment_seconds integer not null,
    max_seconds integer not null,
    blocked boolean not null,
    primary key (prefix, valid_from, withdrawn_by),
    constraint withdrawn_rate_came_before check (price_list_id < withdrawn_by)
);
create index withdrawn_rate_by_list on withdrawn_rate (withdrawn_by, price_list_id);

grant select, insert on withdrawn_rate to wallet_worker;
