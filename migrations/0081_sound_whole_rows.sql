-- What each act pays for, measured: the text of a table's check is read anew for every statement, and a
-- row built column by column is a long text; the whole row is a short one. So the domains of 0016 are
-- domains of the rows of their tables now: the same checks under the same names. The two checks that
-- wallet had beside its domain move into it.

alter table wallet drop constraint wallet_is_sound;
drop domain sound_wallet;
drop type wallet_state;
alter table wallet
    drop constraint wallet_call_spend_never_negative,
    drop constraint wallet_frozen_has_a_reason;
create domain sound_wallet as wallet
    constraint wallet_currency_is_known check ((value).currency = 'USD')
    constraint wallet_version_counts_up check ((value).version >= 0)
    -- The upper bounds also keep NaN out, which passes `>= 0`.
    constraint wallet_paid_never_negative check ((value).paid >= 0 and (value).paid <= 1000000000)
    constraint wallet_promotional_never_negative check ((value).promotional >= 0 and (value).promotional <= 1000000000)
    constraint wallet_held_never_negative check ((value).held >= 0 and (value).held <= 1000000000)
    constraint wallet_debt_never_negative check ((value).debt >= 0 and (value).debt <= 1000000000)
    constraint wallet_never_overdrawn check ((value).paid + (value).promotional - (value).held >= 0)
    constraint wallet_running_calls_never_negative check ((value).running_calls >= 0)
    constraint wallet_call_spend_never_negative check ((value).call_spend >= 0 and (value).call_spend <= 1000000000)
    constraint wallet_frozen_has_a_reason check (
        ((value).frozen_at is null) = ((value).frozen_reason is null)
        and length((value).frozen_reason) between 3 and 500
    );
alter table wallet add constraint wallet_is_sound check (num_nulls(wallet.*::sound_wallet) = 0);

alter table transfer drop constraint transfer_is_sound;
drop domain sound_transfer;
drop type transfer_state;
create domain sound_transfer as transfer
    constraint transfer_seq_counts_from_one check ((value).seq >= 1)
    constraint transfer_route_is_known check (
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
        or (value).kind || ' ' || (value).from_account in ('capture call_revenue', 'clawback promotion_expense')
    );
alter table transfer add constraint transfer_is_sound check (num_nulls(transfer.*::sound_transfer) = 0);

alter table call drop constraint call_is_sound;
drop domain sound_call;
drop type call_state;
create domain sound_call as call
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
alter table call add constraint call_is_sound check (num_nulls(call.*::sound_call) = 0);
