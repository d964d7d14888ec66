-- What the checks of the books found, kept so that people see when they ran last and what they said.
-- The moment a run is for is part of its name, so that of several servers one runs it.
create table check_run (
    kind text not null,
    slot timestamptz not null,
    asked_by text not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    -- Statements, or objects at Stripe.
    checked integer,
    -- Violations, or differences.
    found bigint,
    findings jsonb,
    -- Why it came to no end.
    trouble text,
    primary key (kind, slot),
    constraint check_run_kind_is_known check (kind in ('verify', 'verify_changes', 'guards', 'reconcile')),
    constraint check_run_is_asked_by_somebody check (length(asked_by) between 1 and 254),
    constraint check_run_ends_with_a_count check (
        (ended_at is null) = (found is null and trouble is null) and (found is null) = (checked is null)
    )
);
create index check_run_by_start on check_run (started_at);
grant select on check_run to wallet_web, wallet_worker, wallet_read;
grant insert (kind, slot, asked_by, started_at) on check_run to wallet_worker;
grant update (ended_at, checked, found, findings, trouble) on check_run to wallet_worker;
grant delete on check_run to wallet_worker;

-- How often auto-refill succeeded, by day.
create index refill_attempt_by_end on refill_attempt (ended_at) where ended_at is not null;
