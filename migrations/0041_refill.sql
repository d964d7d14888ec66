-- Auto-refill: the rule of a wallet, its charges, and the notes by which a falling balance asks for one.

-- One rule a wallet, made when it is turned on for the first time.
create table refill_rule (
    wallet_id uuid primary key references wallet (wallet_id),
    state text not null,
    -- Why it was suspended.
    reason text,
    -- Until when the state lasts by itself.
    wait_until timestamptz,
    threshold numeric(18, 4) not null,
    amount numeric(18, 4) not null,
    monthly_cap numeric(18, 4) not null,
    -- What the customer agreed to, word by word, and when.
    consent text not null,
    armed_at timestamptz not null,
    -- Soft declines since the last success.
    declines integer not null default 0,
    declined_at timestamptz,
    -- The top-up by which the customer answers the bank's question.
    answer_top_up_id uuid,
    changed_at timestamptz not null,
    constraint refill_rule_state_is_known check (
        state in ('off', 'armed', 'charging', 'cooldown', 'action_required', 'backing_off', 'capped', 'suspended')
    ),
    constraint refill_rule_suspended_has_a_reason check (
        (state = 'suspended') = (reason is not null)
        and (reason is null or reason in (
            'card_declined', 'failures', 'not_confirmed', 'fuse', 'card_removed', 'dispute', 'refused'
        ))
    ),
    constraint refill_rule_threshold_is_possible check (threshold > 0 and threshold <= 1000000),
    constraint refill_rule_amount_is_possible check (amount > 0 and amount <= 1000000),
    constraint refill_rule_cap_holds_one_refill check (monthly_cap >= amount and monthly_cap <= 1000000),
    constraint refill_rule_declines_are_counted check (declines >= 0)
);
create index refill_rule_to_confirm on refill_rule (wait_until) where state = 'action_required';

-- Consents as they were given; a rule shows the last.
create table refill_consent (
    wallet_id uuid not null,
    consented_at timestamptz not null,
    consent text not null,
    primary key (wallet_id, consented_at),
    constraint refill_consent_is_for_a_rule foreign key (wallet_id) references refill_rule (wallet_id)
);

-- A charge of a saved card, from the decision to its end. It is a top-up too, of the same id.
create table refill_attempt (
    wallet_id uuid not null,
    top_up_id uuid not null,
    state text not null default 'created',
    amount numeric(18, 4) not null,
    -- All that feeds the request to Stripe is frozen here, so that a repeat is the same request.
    payment_method_id text not null,
    idempotency_key text not null,
    -- When the balance fell below the threshold, and when the charge was decided.
    fell_at timestamptz not null,
    decided_at timestamptz not null,
    first_sent_at timestamptz,
    last_sent_at timestamptz,
    sends integer not null default 0,
    next_at timestamptz not null,
    lease_until timestamptz,
    fence bigint not null default 0,
    stripe_payment_id text,
    decline_code text,
    advice_code text,
    ended_at timestamptz,
    primary key (wallet_id, top_up_id),
    constraint refill_attempt_is_a_top_up foreign key (wallet_id, top_up_id) references top_up (wallet_id, top_up_id),
    constraint refill_attempt_state_is_known check (
        -- `sent`: it may be at Stripe. `unknown`: it was, and no answer says what became of it.
        -- `closed`: Stripe has nothing of it, or will never charge it.
        state in ('created', 'sent', 'unknown', 'processing', 'succeeded', 'declined', 'closed')
    ),
    constraint refill_attempt_amount_is_possible check (amount > 0 and amount <= 1000000),
    constraint refill_attempt_ended_has_a_time check (
        (state in ('succeeded', 'declined', 'closed')) = (ended_at is not null)
    ),
    constraint refill_attempt_sent_has_a_time check (state = 'created' or first_sent_at is not null or ended_at is not null)
);
create unique index refill_attempt_one_is_open on refill_attempt (wallet_id)
    where state in ('created', 'sent', 'unknown', 'processing');
create index refill_attempt_due on refill_attempt (next_at) where state in ('created', 'sent', 'unknown', 'processing');
create index refill_attempt_history on refill_attempt (wallet_id, ended_at);

-- Wallets to decide about: written by the statement that lowered the balance below the threshold.
create table refill_due (
    wallet_id uuid primary key references wallet (wallet_id),
    fell_at timestamptz not null default clock_timestamp(),
    next_at timestamptz not null default clock_timestamp()
);
create index refill_due_by_time on refill_due (next_at);

-- The threshold below which a note is written; none while nothing is to be charged. In the wallet's
-- row, so that a hold compares it in the same row version whose balance it lowers. Its check is the
-- rule's: one here would be read again from its text by every statement of a call.
alter table wallet add column refill_below numeric(18, 4);
grant update (refill_below) on wallet to wallet_web, wallet_worker;

grant select on refill_rule, refill_attempt to wallet_web, wallet_switch, wallet_worker, wallet_read;
grant insert on refill_rule to wallet_web, wallet_worker;
grant update (
    state, reason, wait_until, threshold, amount, monthly_cap, consent, armed_at, declines, declined_at,
    answer_top_up_id, changed_at
) on refill_rule to wallet_web, wallet_worker, wallet_switch;
grant select, insert on refill_consent to wallet_web;
grant select on refill_consent to wallet_read;
grant insert on refill_attempt to wallet_web, wallet_worker;
grant update (
    state, first_sent_at, last_sent_at, sends, next_at, lease_until, fence, stripe_payment_id, decline_code,
    advice_code, ended_at
) on refill_attempt to wallet_web, wallet_worker;
grant select, insert on refill_due to wallet_web, wallet_switch, wallet_worker;
grant update, delete on refill_due to wallet_web, wallet_worker;
grant select on refill_due to wallet_read;
