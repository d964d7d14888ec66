-- Browsers that somebody signed in with, so that a sign-in from another one is told. A browser is known by
-- a random name in a cookie of its own, of which only the hash is kept; the name that is shown is the one
-- of the session.
create table known_device (
    customer_id uuid not null references customer (customer_id) on delete cascade,
    device_hash bytea not null,
    device text not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    primary key (customer_id, device_hash),
    constraint known_device_is_a_hash check (length(device_hash) = 32),
    constraint known_device_name_is_short check (length(device) between 1 and 100)
);
create index known_device_by_last_seen on known_device (last_seen_at);

grant select, insert, delete on known_device to wallet_web;
grant update (device, last_seen_at) on known_device to wallet_web;
grant select, delete on known_device to wallet_worker;
