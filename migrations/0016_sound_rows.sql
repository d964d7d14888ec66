-- What each act pays for, measured: the database reads the checks of a table again from their text for
-- every statement, and these thirty were a third of the work of a call. The checks of a domain it reads
-- once for each connection. So the same checks, under the same names, are those of three domains now, and
-- one check of each table is that its row is sound.
--
-- A row with a new kind of state is checked by changing the domain (`alter domain sound_transfer drop
-- constraint …, add constraint …`); a new column by a check of the table, as ever.

create type wallet_state as (
    currency char(3),
    version bigint,
    paid numeric(18, 4),
    promotional numeric(18, 4),
    held numeric(18, 4),
    debt numeric(18, 4),
    running_calls integer
);
create domain sound_wallet as wallet_state
    constraint wallet_currency_is_known check ((value).currency = 'USD')
    constraint wallet_version_counts_up check ((value).version >= 0)
    -- The upper bounds also keep NaN out, which passes `>= 0`.
    constraint wallet_paid_never_negative check ((value).paid >= 0 and (value).paid <= 1000000000)
    constraint wallet_promotional_never_negative check ((value).promotional >= 0 and (value).promotional <= 1000000000)
    constraint wallet_held_never_negative check ((value).held >= 0 and (value).held <= 1000000000)
    constraint wallet_debt_never_negative check ((value).debt >= 0 and (value).debt <= 1000000000)
    constraint wallet_never_overdrawn check ((value).paid + (value).promotional - (value).held >= 0)
    constraint wallet_running_calls_never_negative check ((value).running_calls >= 0);
alter table wallet
    add constraint wallet_is_sound check (num_nulls(
        row(currency, version, paid, promotional, held, debt, running_calls)::wallet_state::sound_wallet
    ) = 0),
    drop constraint wallet_currency_is_known,
    drop constraint wallet_version_counts_up,
    drop constraint wallet_paid_never_negative,
    drop constraint wallet_promotional_never_negative,
    drop constraint wallet_held_never_negative,
    drop constraint wallet_debt_never_negative,
    drop constraint wallet_never_overdrawn,
    drop constraint wallet_running_calls_never_negative;

create type transfer_state as (
    seq bigint,
    kind text,
    from_account text,
    to_account text,
    currency char(3),
    amount numeric(18, 4),
    promotional numeric(18, 4),
    available_after numeric(18, 4),
    held_after numeric(18, 4),
    promotional_after numeric(18, 4),
    debt_after numeric(18, 4),
    subject text,
    subject_id text,
    step integer,
    expires_at timestamptz
);
create domain sound_transfer as transfer_state
    constraint transfer_seq_counts_from_one check ((value).seq >= 1)
    constraint transfer_route_is_known check (
        (value).kind || ' ' || (value).from_account || ' ' || (value).to_account = any (array[
            'top_up stripe_clearing available',
            'bonus promotion_expense available',
            'promo promotion_expense available',
            'referral referral_expense available',
            'adjustment adjustments available',
            'adjustment available adjustments',
            'hold available held',
            'extend available held',
            'refund_hold available held',
            'capture held call_revenue',
            'capture call_revenue held',
            'release held available',
            'expire held available',
            'message available message_revenue',
            'refund held stripe_clearing',
            'clawback available promotion_expense',
            'clawback available referral_expense',
            'expiry available breakage',
            'dispute available stripe_clearing',
            'dispute debt stripe_clearing',
            'dispute_won stripe_clearing debt',
            'dispute_won stripe_clearing available',
            'debt_payment available debt'
        ])
    )
    constraint transfer_currency_is_known check ((value).currency = 'USD')
    constraint transfer_amount_is_positive check ((value).amount > 0 and (value).amount <= 1000000)
    constraint transfer_promotional_is_part_of_amount check (
        (value).promotional >= 0 and (value).promotional <= (value).amount
    )
    constraint transfer_available_never_negative check (
        (value).available_after >= 0 and (value).available_after <= 1000000000
    )
    constraint transfer_held_never_negative check ((value).held_after >= 0 and (value).held_after <= 1000000000)
    constraint transfer_promotional_never_negative check (
        (value).promotional_after >= 0 and (value).promotional_after <= 1000000000
    )
    constraint transfer_debt_never_negative check ((value).debt_after >= 0 and (value).debt_after <= 1000000000)
    constraint transfer_subject_is_known check (
        (value).subject in ('top_up', 'call', 'message', 'refund', 'dispute', 'campaign', 'adjustment')
        and length((value).subject_id) between 1 and 255
    )
    constraint transfer_step_counts_from_zero check ((value).step >= 0)
    constraint transfer_expiry_is_for_given_credit check (
        (value).expires_at is null
        or (value).kind in ('bonus', 'promo', 'referral', 'adjustment', 'dispute_won')
        or ((value).kind, (value).from_account) = ('capture', 'call_revenue')
    );
alter table transfer
    add constraint transfer_is_sound check (num_nulls(
        row(seq, kind, from_account, to_account, currency, amount, promotional, available_after, held_after,
            promotional_after, debt_after, subject, subject_id, step, expires_at)::transfer_state::sound_transfer
    ) = 0),
    drop constraint transfer_seq_counts_from_one,
    drop constraint transfer_route_is_known,
    drop constraint transfer_currency_is_known,
    drop constraint transfer_amount_is_positive,
    drop constraint transfer_promotional_is_part_of_amount,
    drop constraint transfer_available_never_negative,
    drop constraint transfer_held_never_negative,
    drop constraint transfer_promotional_never_negative,
    drop constraint transfer_debt_never_negative,
    drop constraint transfer_subject_is_known,
    drop constraint transfer_step_counts_from_zero,
    drop constraint transfer_expiry_is_for_given_credit;

create type call_state as (
    call_id text,
    state text,
    kind text,
    held numeric(18, 4),
    first_seconds integer,
    granted_seconds integer,
    confirmed_seconds integer,
    ended_at timestamptz,
    talked_seconds bigint,
    billed_seconds bigint,
    charge numeric(18, 4),
    released numeric(18, 4),
    shrinkage numeric(18, 4)
);
create domain sound_call as call_state
    constraint call_id_is_short check (length((value).call_id) between 1 and 128)
    constraint call_state_is_known check ((value).state in ('authorized', 'answered', 'ended', 'expired'))
    constraint call_kind_is_known check ((value).kind in ('landline', 'mobile', 'special'))
    constraint call_held_never_negative check ((value).held >= 0 and (value).held <= 1000000)
    constraint call_seconds_never_negative check (
        (value).granted_seconds >= (value).first_seconds and (value).first_seconds >= 0
        and (value).confirmed_seconds >= 0
    )
    constraint call_end_is_whole check (
        ((value).state in ('ended', 'expired'))
        = ((value).ended_at is not null and (value).talked_seconds is not null
           and (value).billed_seconds is not null and (value).charge is not null and (value).released is not null)
    )
    constraint call_charge_never_negative check (
        (value).charge >= 0 and (value).charge <= 1000000 and (value).released >= 0
    )
    constraint call_shrinkage_never_negative check ((value).shrinkage >= 0 and (value).shrinkage <= 1000000000)
    constraint call_unanswered_costs_nothing check ((value).talked_seconds > 0 or (value).charge = 0);
alter table call
    add constraint call_is_sound check (num_nulls(
        row(call_id, state, kind, held, first_seconds, granted_seconds, confirmed_seconds, ended_at,
            talked_seconds, billed_seconds, charge, released, shrinkage)::call_state::sound_call
    ) = 0),
    drop constraint call_id_is_short,
    drop constraint call_state_is_known,
    drop constraint call_kind_is_known,
    drop constraint call_held_never_negative,
    drop constraint call_seconds_never_negative,
    drop constraint call_end_is_whole,
    drop constraint call_charge_never_negative,
    drop constraint call_shrinkage_never_negative,
    drop constraint call_unanswered_costs_nothing;
