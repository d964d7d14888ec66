-- What the dialer and the page of messages remember: calls asked for on a page, numbers kept, senders
-- kept away. Nothing of the books depends on any of it.

-- A call that somebody asked for on a page. The switch comes back through the charging API under the
-- same name; until then this row is all there is of it.
create table dialed_call (
    wallet_id uuid not null references wallet (wallet_id),
    call_id text not null,
    -- Personal; erased when the account is closed.
    callee text,
    asked_at timestamptz not null,
    primary key (wallet_id, call_id),
    constraint dialed_call_id_is_short check (length(call_id) between 1 and 128),
    constraint dialed_call_callee_is_digits check (callee ~ '^[1-9][0-9]{6,14}$')
);
create index dialed_call_by_age on dialed_call (asked_at);

-- Numbers a customer keeps, under a name of her own.
create table favorite_number (
    wallet_id uuid not null references wallet (wallet_id),
    number text not null,
    name text not null,
    created_at timestamptz not null default now(),
    primary key (wallet_id, number),
    constraint favorite_number_is_digits check (number ~ '^[1-9][0-9]{6,14}$'),
    constraint favorite_number_name_is_short check (length(name) between 1 and 60)
);

-- Whose messages a wallet does not take: nothing is charged and nothing is kept of them but that they came.
create table blocked_sender (
    wallet_id uuid not null references wallet (wallet_id),
    -- As the message names it: E.164 digits, or the name a company sends under.
    sender text not null,
    blocked_at timestamptz not null default now(),
    primary key (wallet_id, sender),
    constraint blocked_sender_is_short check (length(sender) between 1 and 64)
);

alter table message drop constraint message_state_is_known;
alter table message add constraint message_state_is_known check (
    state in ('delivered', 'parked', 'lapsed', 'blocked')
);
alter table message add constraint message_blocked_costs_nothing check (
    state <> 'blocked' or (body is null and charge = 0)
);

grant select, insert on dialed_call to wallet_web;
grant select, delete on dialed_call to wallet_worker;
grant select, insert, update (name), delete on favorite_number to wallet_web;
grant select on favorite_number to wallet_worker;
grant select, insert, delete on blocked_sender to wallet_web;
grant select on blocked_sender to wallet_switch, wallet_worker;
-- The page says why a call that it asked for was refused.
grant select on call_refusal to wallet_web;
