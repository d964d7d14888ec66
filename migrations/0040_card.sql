-- Cards kept at Stripe for later. Here stands what their owner knows of them and the consent they
-- were saved under; never a number.

create table payment_method (
    wallet_id uuid not null references wallet (wallet_id),
    -- Stripe's name of the card.
    payment_method_id text not null,
    brand text not null,
    last4 text not null,
    exp_month smallint not null,
    exp_year smallint not null,
    -- The same for the same card, whoever has it.
    fingerprint text,
    -- The one that auto-refill charges.
    is_default boolean not null default false,
    -- What the customer agreed to when it was saved, and when.
    consent text not null,
    consented_at timestamptz not null,
    saved_at timestamptz not null,
    removed_at timestamptz,
    -- When Stripe let go of it too.
    detached_at timestamptz,
    primary key (wallet_id, payment_method_id),
    constraint payment_method_id_is_short check (length(payment_method_id) between 1 and 255),
    constraint payment_method_expires_in_a_month check (exp_month between 1 and 12 and exp_year between 2000 and 2200),
    constraint payment_method_removed_is_no_default check (not is_default or removed_at is null)
);
create unique index payment_method_one_is_default on payment_method (wallet_id) where is_default;
create index payment_method_by_id on payment_method (payment_method_id);
create index payment_method_by_fingerprint on payment_method (fingerprint);
create index payment_method_to_detach on payment_method (removed_at) where removed_at is not null and detached_at is null;

-- Wishes to save a card without paying, each with Stripe's page for it.
create table card_setup (
    wallet_id uuid not null references wallet (wallet_id),
    card_setup_id uuid not null,
    state text not null default 'pending',
    consent text not null,
    -- All that feeds the request to Stripe is frozen here, so that a repeat is the same request.
    idempotency_key text not null,
    page_expires_at timestamptz not null,
    return_to text not null,
    started_at timestamptz not null,
    stripe_session_id text,
    primary key (wallet_id, card_setup_id),
    constraint card_setup_state_is_known check (state in ('pending', 'saved', 'expired')),
    constraint card_setup_session_is_used_once unique (wallet_id, stripe_session_id)
);
create index card_setup_by_id on card_setup (card_setup_id);

-- A top-up whose card is saved by consent says so: it is part of the request.
alter table top_up add column card_consent text;
grant insert (card_consent) on top_up to wallet_web, wallet_worker;

grant select on payment_method, card_setup to wallet_web, wallet_worker, wallet_read;
grant select on payment_method to wallet_switch;
grant insert on payment_method to wallet_web, wallet_worker;
grant update (
    brand, last4, exp_month, exp_year, fingerprint, is_default, consent, consented_at, saved_at, removed_at, detached_at
) on payment_method to wallet_web, wallet_worker;
grant insert on card_setup to wallet_web;
grant update (state, stripe_session_id) on card_setup to wallet_web, wallet_worker;
