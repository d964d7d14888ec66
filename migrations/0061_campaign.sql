-- Promo codes. A campaign's budget is in its own row, taken by one guarded statement; what a wallet
-- took is a row of that wallet. Credit is given in a transaction of its own, by the name of the claim.

create table campaign (
    campaign_id uuid primary key,
    code text not null,
    -- The code in its normal form.
    code_key text not null,
    reason text not null,
    amount numeric(18, 4) not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    budget_count integer not null,
    budget_sum numeric(18, 4) not null,
    taken_count integer not null default 0,
    taken_sum numeric(18, 4) not null default 0,
    first_top_up_only boolean not null,
    smallest_top_up numeric(18, 4),
    credit_days integer not null,
    created_by text not null,
    created_at timestamptz not null,
    stopped_at timestamptz,
    constraint campaign_code_is_taken unique (code_key),
    constraint campaign_code_is_short check (length(code_key) between 4 and 32),
    constraint campaign_has_a_reason check (length(trim(reason)) between 3 and 200),
    constraint campaign_gives_something check (amount > 0 and amount <= 1000),
    constraint campaign_lasts_for_a_time check (ends_at > starts_at),
    constraint campaign_budget_pays_for_one check (budget_count >= 1 and budget_sum >= amount and budget_sum <= 1000000000),
    constraint campaign_budget_is_never_passed check (
        taken_count between 0 and budget_count and taken_sum between 0 and budget_sum
    ),
    constraint campaign_smallest_top_up_is_positive check (smallest_top_up > 0 and smallest_top_up <= 1000000),
    constraint campaign_credit_lasts_for_days check (credit_days between 1 and 1095)
);

create table promo_claim (
    wallet_id uuid not null references wallet (wallet_id),
    campaign_id uuid not null,
    -- waiting: for its top-up to be paid; late: paid after the claim was returned; due: to be given;
    -- returned: the top-up was not paid, the budget has it back.
    state text not null,
    amount numeric(18, 4) not null,
    top_up_id uuid,
    claimed_at timestamptz not null,
    granted_at timestamptz,
    primary key (wallet_id, campaign_id),
    constraint promo_claim_state_is_known check (state in ('waiting', 'late', 'due', 'granted', 'returned')),
    constraint promo_claim_waits_for_a_top_up check (state not in ('waiting', 'late') or top_up_id is not null),
    constraint promo_claim_granted_has_a_time check ((state = 'granted') = (granted_at is not null)),
    constraint promo_claim_gives_something check (amount > 0 and amount <= 1000)
);
create index promo_claim_open on promo_claim (claimed_at) where state in ('waiting', 'late', 'due');
create index promo_claim_by_campaign on promo_claim (campaign_id);

grant select on campaign to wallet_web, wallet_worker, wallet_read;
grant insert on campaign to wallet_web, wallet_worker;
grant update (taken_count, taken_sum, stopped_at) on campaign to wallet_web, wallet_worker;
grant select on promo_claim to wallet_web, wallet_worker, wallet_read;
grant insert on promo_claim to wallet_web, wallet_worker;
grant update (state, top_up_id, claimed_at, granted_at) on promo_claim to wallet_web, wallet_worker;
