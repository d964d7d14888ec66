-- The books. A wallet row holds the balances; every change of them is one or more transfers, rows
-- that are only ever inserted. House accounts have no row: a shared row would make every customer
-- wait for every other, so they are summed.
--
-- wallet_id is the first column of every key: one wallet is one shard, whatever the database grows into.

create table wallet (
    wallet_id uuid primary key,
    currency char(3) not null default 'USD',
    paid numeric(18, 4) not null default 0,
    promotional numeric(18, 4) not null default 0,
    held numeric(18, 4) not null default 0,
    debt numeric(18, 4) not null default 0,
    version bigint not null default 0,
    created_at timestamptz not null default now(),
    constraint wallet_currency_is_known check (currency = 'USD'),
    constraint wallet_version_counts_up check (version >= 0),
    -- The upper bounds also keep NaN out, which passes `>= 0`.
    constraint wallet_paid_never_negative check (paid >= 0 and paid <= 1000000000),
    constraint wallet_promotional_never_negative check (promotional >= 0 and promotional <= 1000000000),
    constraint wallet_held_never_negative check (held >= 0 and held <= 1000000000),
    constraint wallet_debt_never_negative check (debt >= 0 and debt <= 1000000000),
    constraint wallet_never_overdrawn check (paid + promotional - held >= 0)
);

create table transfer (
    wallet_id uuid not null references wallet (wallet_id),
    seq bigint not null,
    kind text not null,
    from_account text not null,
    to_account text not null,
    currency char(3) not null default 'USD',
    amount numeric(18, 4) not null,
    promotional numeric(18, 4) not null,
    available_after numeric(18, 4) not null,
    held_after numeric(18, 4) not null,
    promotional_after numeric(18, 4) not null,
    debt_after numeric(18, 4) not null,
    -- What the transfer belongs to, and which step of that thing it is (the n-th extension, say).
    subject text not null,
    subject_id text not null,
    step integer not null default 0,
    -- When the credit given by this transfer ends.
    expires_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    primary key (wallet_id, seq),
    constraint transfer_happens_once unique (wallet_id, subject, subject_id, kind, step),
    constraint transfer_currency_is_known check (currency = 'USD'),
    constraint transfer_seq_counts_from_one check (seq >= 1),
    constraint transfer_step_counts_from_zero check (step >= 0),
    constraint transfer_amount_is_positive check (amount > 0 and amount <= 1000000),
    constraint transfer_promotional_is_part_of_amount check (promotional >= 0 and promotional <= amount),
    constraint transfer_available_never_negative check (available_after >= 0 and available_after <= 1000000000),
    constraint transfer_held_never_negative check (held_after >= 0 and held_after <= 1000000000),
    constraint transfer_promotional_never_negative check (promotional_after >= 0 and promotional_after <= 1000000000),
    constraint transfer_debt_never_negative check (debt_after >= 0 and debt_after <= 1000000000),
    constraint transfer_subject_is_known check (
        subject in ('top_up', 'call', 'message', 'refund', 'dispute', 'campaign', 'adjustment')
        and length(subject_id) between 1 and 255
    ),
    constraint transfer_route_is_known check (
        (kind, from_account, to_account) in (
            ('top_up', 'stripe_clearing', 'available'),
            ('bonus', 'promotion_expense', 'available'),
            ('promo', 'promotion_expense', 'available'),
            ('referral', 'referral_expense', 'available'),
            ('adjustment', 'adjustments', 'available'),
            ('adjustment', 'available', 'adjustments'),
            ('hold', 'available', 'held'),
            ('extend', 'available', 'held'),
            ('refund_hold', 'available', 'held'),
            ('capture', 'held', 'call_revenue'),
            ('release', 'held', 'available'),
            ('expire', 'held', 'available'),
            ('message', 'available', 'message_revenue'),
            ('refund', 'held', 'stripe_clearing'),
            ('clawback', 'available', 'promotion_expense'),
            ('clawback', 'available', 'referral_expense'),
            ('expiry', 'available', 'breakage'),
            ('dispute', 'available', 'stripe_clearing'),
            ('dispute', 'debt', 'stripe_clearing'),
            ('dispute_won', 'stripe_clearing', 'debt'),
            ('dispute_won', 'stripe_clearing', 'available'),
            ('debt_payment', 'available', 'debt')
        )
    ),
    constraint transfer_expiry_is_for_given_credit check (
        expires_at is null or kind in ('bonus', 'promo', 'referral', 'adjustment')
    )
);

-- Nobody but the owner may change or remove a transfer, and nobody may choose its time.
grant select, insert on wallet to wallet_web, wallet_worker;
grant select on wallet to wallet_switch;
grant update (paid, promotional, held, debt, version) on wallet to wallet_web, wallet_switch, wallet_worker;
grant select, insert (
    wallet_id, seq, kind, from_account, to_account, amount, promotional, available_after, held_after,
    promotional_after, debt_after, subject, subject_id, step, expires_at
) on transfer to wallet_web, wallet_switch, wallet_worker;
grant select on wallet, transfer to wallet_read;
