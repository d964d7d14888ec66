-- What operators forbid and bound at the desk, beside price lists and configuration. A price list that
-- comes later does not lift a block, and a restart does not forget a limit. Each change is a version of
-- the price book too: no server sells by what it knew before.
create table blocked_destination (
    block_id uuid primary key,
    prefix text not null,
    reason text not null,
    blocked_by text not null,
    blocked_at timestamptz not null,
    lifted_reason text,
    lifted_by text,
    lifted_at timestamptz,
    constraint blocked_destination_prefix_is_digits check (prefix ~ '^[1-9][0-9]{0,14}$'),
    constraint blocked_destination_has_a_reason check (length(trim(reason)) between 3 and 500),
    constraint blocked_destination_lifted_is_whole check (
        (lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lifted_reason is null)
        and length(trim(lifted_reason)) between 3 and 500
    )
);
create unique index blocked_destination_is_blocked_once on blocked_destination (prefix) where lifted_at is null;
create index blocked_destination_by_time on blocked_destination (blocked_at);

-- The last row counts; what it leaves empty is as configured.
create table call_limit (
    call_limit_id bigint primary key,
    calls_at_once integer,
    per_day numeric(18, 4),
    new_per_day numeric(18, 4),
    dear_per_minute numeric(12, 6),
    dear_per_day numeric(18, 4),
    reason text not null,
    set_by text not null,
    set_at timestamptz not null,
    constraint call_limit_has_a_reason check (length(trim(reason)) between 3 and 500),
    constraint call_limit_is_possible check (
        calls_at_once between 0 and 1000 and per_day between 0 and 1000000 and new_per_day between 0 and 1000000
        and dear_per_minute between 0 and 1000 and dear_per_day between 0 and 1000000
    )
);

grant select on blocked_destination, call_limit to wallet_web, wallet_switch, wallet_worker, wallet_read;
grant insert on blocked_destination, call_limit to wallet_worker;
grant update (lifted_reason, lifted_by, lifted_at) on blocked_destination to wallet_worker;
