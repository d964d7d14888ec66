-- What a person may set up beside the wallet: passkeys to sign in with, a destination to measure the
-- balance by, devices that may be told. None of it is part of the books.

alter table customer
    -- E.164 digits of the destination the wallet page speaks of.
    add column talk_prefix text,
    -- From then on the row only holds the wallet: the address is gone and nobody signs in to it.
    add column closed_at timestamptz,
    add constraint customer_talk_prefix_is_digits check (talk_prefix ~ '^[1-9][0-9]{0,14}$'),
    add constraint customer_time_zone_is_short check (length(time_zone) between 1 and 64);

grant update (email, talk_prefix, closed_at) on customer to wallet_web;

-- Public keys only: what is stored here signs nobody in.
create table passkey (
    passkey_id uuid primary key,
    customer_id uuid not null references customer (customer_id) on delete cascade,
    credential_id bytea not null,
    credential jsonb not null,
    -- The device it was made on, as the list names it.
    name text not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    constraint passkey_is_one_credential unique (credential_id),
    constraint passkey_name_is_short check (length(name) between 1 and 100)
);
create index passkey_by_customer on passkey (customer_id, created_at);

grant select, insert, delete on passkey to wallet_web;
grant update (credential, last_used_at) on passkey to wallet_web;

-- The first halves of ceremonies that browsers are at: each is taken once. Not in the session, which
-- somebody who asks for a code at the same time writes too.
create table passkey_ceremony (
    ceremony_id uuid primary key,
    -- Whose passkey is made; none while somebody signs in.
    customer_id uuid references customer (customer_id) on delete cascade,
    state jsonb not null,
    expires_at timestamptz not null
);
create index passkey_ceremony_by_expiry on passkey_ceremony (expires_at);

grant select, insert, delete on passkey_ceremony to wallet_web;
grant select, delete on passkey_ceremony to wallet_worker;

-- Where a browser wants to be told, until it says that it no longer does.
create table push_subscription (
    endpoint text primary key,
    customer_id uuid not null references customer (customer_id) on delete cascade,
    -- The browser's public key and shared secret: messages are sealed for it alone.
    p256dh text not null,
    auth text not null,
    device text not null,
    created_at timestamptz not null default now(),
    constraint push_subscription_is_short check (
        length(endpoint) <= 1000 and length(p256dh) <= 200 and length(auth) <= 100 and length(device) <= 100
    )
);
create index push_subscription_by_customer on push_subscription (customer_id);

grant select, insert, delete on push_subscription to wallet_web;
grant update (customer_id, p256dh, auth, device) on push_subscription to wallet_web;
grant select, delete on push_subscription to wallet_worker;

-- Messages to browsers on their way out, like letters. Gone once they are sent.
create table push_message (
    push_message_id uuid primary key,
    endpoint text not null references push_subscription (endpoint) on delete cascade,
    -- Headline, text and address, as the browser reads them.
    body jsonb not null,
    attempts integer not null default 0,
    next_at timestamptz not null,
    give_up_at timestamptz not null
);
create index push_message_due on push_message (next_at);

grant select, insert on push_message to wallet_web, wallet_worker;
grant update (attempts, next_at) on push_message to wallet_worker;
grant delete on push_message to wallet_worker;

-- What a closed account erases.
grant update (caller, callee) on call to wallet_web;
grant update (sender, recipient, body) on message to wallet_web;
