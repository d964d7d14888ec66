-- Friends who were invited. A relation between two wallets belongs to neither: what each of the two
-- gets is a transaction of its own wallet, by the name of the relation.

create table referral_code (
    code text not null,
    wallet_id uuid primary key,
    created_at timestamptz not null,
    constraint referral_code_is_taken unique (code)
);

create table referral (
    referral_id uuid primary key,
    friend_wallet_id uuid not null,
    inviter_wallet_id uuid not null,
    -- rewarding and taking_back: decided, and on its way to both wallets.
    state text not null,
    entered_at timestamptz not null,
    -- Fixed when the reward was decided.
    reward numeric(18, 4),
    top_up_id uuid,
    rewarded_at timestamptz,
    taken_back_at timestamptz,
    -- When it is looked at next; none until the friend's purchase asks for it.
    next_check_at timestamptz,
    constraint referral_friend_is_invited_once unique (friend_wallet_id),
    constraint referral_is_between_two check (friend_wallet_id <> inviter_wallet_id),
    constraint referral_state_is_known check (
        state in ('open', 'rewarding', 'rewarded', 'taking_back', 'taken_back')
    ),
    constraint referral_reward_is_whole check (
        (state = 'open') = (reward is null) and (state = 'open') = (top_up_id is null)
        and (state = 'open') = (rewarded_at is null) and reward > 0 and reward <= 1000
    ),
    constraint referral_taken_back_has_a_time check ((state in ('taking_back', 'taken_back')) = (taken_back_at is not null))
);
create index referral_by_inviter on referral (inviter_wallet_id, entered_at);
create index referral_to_check on referral (next_check_at) where next_check_at is not null;

-- Numbers of rewarded friends, hashed: none earns twice, whoever has it by then.
create table referral_number (
    number_hash bytea primary key,
    referral_id uuid not null references referral (referral_id)
);

-- Stripe's name of the card itself, the same for every customer who uses it, and the number printed on
-- the receipt, which people quote.
alter table top_up add column card_fingerprint text,
    add column receipt_number text;
create index top_up_by_card on top_up (card_fingerprint) where card_fingerprint is not null;

grant select, insert on referral_code to wallet_web;
grant select, insert on referral to wallet_web;
grant select on referral_code, referral to wallet_worker, wallet_read;
grant select on referral_number to wallet_web, wallet_worker, wallet_read;
grant update (state, reward, top_up_id, rewarded_at, taken_back_at, next_check_at) on referral to wallet_worker;
grant update (next_check_at) on referral to wallet_web;
grant insert on referral_number to wallet_worker;
grant update (card_fingerprint, receipt_number) on top_up to wallet_web, wallet_worker;
