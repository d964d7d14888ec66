-- Money on its way back to cards. The row and its key are committed before Stripe is asked, so that a
-- refund whose outcome is not known is never asked for under another key.
create table refund (
    wallet_id uuid not null references wallet (wallet_id),
    -- Ours; Stripe's for one that was made at Stripe.
    refund_id text not null,
    top_up_id uuid not null,
    source text not null,
    state text not null default 'due',
    -- Paid credit that is returned, the bonus that is taken back, and what arrives at the card.
    credit numeric(18, 4) not null,
    clawback numeric(18, 4) not null,
    amount numeric(18, 4) not null,
    idempotency_key text not null,
    stripe_payment_id text not null,
    stripe_refund_id text,
    -- Stripe's word for why it did not arrive.
    failure_code text,
    asked_at timestamptz not null,
    ended_at timestamptz,
    first_sent_at timestamptz,
    attempts integer not null default 0,
    next_at timestamptz not null,
    lease_until timestamptz,
    fence bigint not null default 0,
    alarm text,
    primary key (wallet_id, refund_id),
    constraint refund_is_of_a_top_up foreign key (wallet_id, top_up_id) references top_up (wallet_id, top_up_id),
    constraint refund_happens_once_at_stripe unique (wallet_id, stripe_refund_id),
    constraint refund_id_is_short check (length(refund_id) between 1 and 128),
    constraint refund_source_is_known check (source in ('customer', 'support', 'stripe')),
    constraint refund_state_is_known check (state in ('due', 'pending', 'succeeded', 'refused', 'failed')),
    constraint refund_amount_is_positive check (amount > 0 and amount <= 1000000),
    constraint refund_credit_covers_it check (credit >= amount and credit <= 1000000),
    constraint refund_clawback_never_negative check (clawback >= 0 and clawback <= 1000000)
);
create unique index refund_is_one_at_a_time on refund (wallet_id, top_up_id) where state in ('due', 'pending') and source <> 'stripe';
create index refund_history on refund (wallet_id, asked_at);
create index refund_to_do on refund (next_at) where state in ('due', 'pending');

grant select on refund to wallet_web, wallet_worker, wallet_read;
grant insert (
    wallet_id, refund_id, top_up_id, source, state, credit, clawback, amount, idempotency_key, stripe_payment_id,
    stripe_refund_id, asked_at, next_at
) on refund to wallet_web, wallet_worker;
grant update (
    state, stripe_refund_id, failure_code, ended_at, first_sent_at, attempts, next_at, lease_until, fence, alarm,
    idempotency_key
) on refund to wallet_worker;

-- A refund made at Stripe takes what is there, and the rest is owed; one that comes back from the card's
-- bank gives back what it took. These are routes the books did not have.
alter domain sound_transfer drop constraint transfer_route_is_known;
alter domain sound_transfer add constraint transfer_route_is_known check (
    (value).kind || ' ' || (value).from_account || ' ' || (value).to_account = any (array[
        'hold available held',
        'capture held call_revenue',
        'release held available',
        'extend available held',
        'expire held available',
        'capture call_revenue held',
        'message available message_revenue',
        'top_up stripe_clearing available',
        'bonus promotion_expense available',
        'promo promotion_expense available',
        'referral referral_expense available',
        'adjustment adjustments available',
        'adjustment available adjustments',
        'refund_hold available held',
        'refund held stripe_clearing',
        'refund available stripe_clearing',
        'refund debt stripe_clearing',
        'refund stripe_clearing debt',
        'refund stripe_clearing available',
        'clawback available promotion_expense',
        'clawback available referral_expense',
        'clawback promotion_expense available',
        'expiry available breakage',
        'dispute available stripe_clearing',
        'dispute debt stripe_clearing',
        'dispute_won stripe_clearing debt',
        'dispute_won stripe_clearing available',
        'debt_payment available debt'
    ])
);
alter domain sound_transfer drop constraint transfer_expiry_is_for_given_credit;
alter domain sound_transfer add constraint transfer_expiry_is_for_given_credit check (
    (value).expires_at is null
    or (value).kind in ('bonus', 'promo', 'referral', 'adjustment', 'dispute_won')
    or (value).kind || ' ' || (value).from_account in ('capture call_revenue', 'clawback promotion_expense')
);
