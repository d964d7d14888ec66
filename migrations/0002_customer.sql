-- People and their ways in. Rows without a wallet: none of these tables is part of the books.

create table customer (
    customer_id uuid primary key,
    wallet_id uuid not null,
    email text not null,
    time_zone text,
    stripe_customer_id text,
    created_at timestamptz not null default now(),
    constraint customer_email_is_taken unique (email),
    constraint customer_has_one_wallet unique (wallet_id),
    constraint customer_is_one_at_stripe unique (stripe_customer_id),
    constraint customer_email_is_lower_case check (email = lower(email) and length(email) <= 254)
);

-- One-time codes: hashed, bound to the browser that asked, used once.
create table sign_in_code (
    sign_in_code_id uuid primary key,
    email text not null,
    code_hash bytea not null,
    browser_hash bytea not null,
    tries_left smallint not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    constraint sign_in_code_tries_are_counted check (tries_left between 0 and 5)
);
create index sign_in_code_by_email on sign_in_code (email, created_at desc);
create index sign_in_code_by_expiry on sign_in_code (expires_at);

-- Browser sessions, by the hash of their id: a stolen backup signs nobody in.
create table session (
    session_hash bytea primary key,
    session_id uuid not null,
    customer_id uuid references customer (customer_id) on delete cascade,
    device text,
    data jsonb not null,
    created_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at timestamptz not null,
    constraint session_id_is_taken unique (session_id)
);
create index session_by_customer on session (customer_id, last_seen_at desc);
create index session_by_expiry on session (expires_at);

-- Attempts counted in windows: limits that survive a restart and hold for every server together.
create table attempt (
    scope text not null,
    subject_hash bytea not null,
    window_start timestamptz not null,
    count integer not null,
    primary key (scope, subject_hash, window_start),
    constraint attempt_is_counted check (count > 0)
);
create index attempt_by_window on attempt (window_start);

-- Letters on their way out. The text is erased once sent: it may hold a code.
create table email (
    email_id uuid primary key,
    recipient text not null,
    subject text not null,
    body_text text,
    body_html text,
    state text not null default 'due',
    attempts integer not null default 0,
    created_at timestamptz not null default now(),
    next_at timestamptz not null default now(),
    give_up_at timestamptz not null,
    lease_until timestamptz,
    fence bigint not null default 0,
    sent_at timestamptz,
    constraint email_state_is_known check (state in ('due', 'sent', 'dead'))
);
create index email_due on email (next_at) where state = 'due';

grant select, insert on customer, sign_in_code, session, attempt, email to wallet_web;
grant update (time_zone, stripe_customer_id) on customer to wallet_web;
grant update (tries_left) on sign_in_code to wallet_web;
grant update (customer_id, device, data, last_seen_at, expires_at) on session to wallet_web;
grant update (count) on attempt to wallet_web;
grant delete on sign_in_code, session to wallet_web;

grant select, delete on sign_in_code, session, attempt to wallet_worker;
grant select, insert, delete on email to wallet_worker;
grant update (state, body_text, body_html, attempts, next_at, lease_until, fence, sent_at) on email to wallet_worker;
grant select on customer to wallet_worker;
