-- Who runs the service, what each of them did, and wallets that somebody looks into.

create table staff (
    customer_id uuid not null references customer (customer_id),
    role text not null,
    granted_by text not null,
    granted_at timestamptz not null,
    revoked_at timestamptz,
    primary key (customer_id, role),
    constraint staff_role_is_known check (role in ('support', 'operator', 'auditor'))
);

-- What people at the desk and operators at the console looked at and did: a row before the act, and a
-- row with what became of it. What was typed to find somebody is personal: only its hash is kept.
create table audit (
    audit_id uuid primary key,
    at timestamptz not null default clock_timestamp(),
    actor text not null,
    act text not null,
    -- What it was about.
    subject text not null,
    subject_id text not null,
    wallet_id uuid,
    detail jsonb not null,
    -- The session it was asked from; none at the console.
    session_id uuid,
    -- The row whose act ended this way.
    outcome_of uuid,
    outcome text,
    constraint audit_has_an_actor check (length(actor) between 1 and 254),
    constraint audit_outcome_is_of_an_act check ((outcome_of is null) = (outcome is null)),
    constraint audit_act_ends_once unique (outcome_of)
);
create index audit_by_wallet on audit (wallet_id, audit_id) where wallet_id is not null;
create index audit_by_actor on audit (actor, audit_id);

grant select on staff to wallet_web, wallet_worker, wallet_read;
grant insert on staff to wallet_worker;
grant update (granted_by, granted_at, revoked_at) on staff to wallet_worker;
-- Nobody but the owner may change or remove a row, and nobody may choose its time.
grant select, insert (
    audit_id, actor, act, subject, subject_id, wallet_id, detail, session_id, outcome_of, outcome
) on audit to wallet_web, wallet_worker;
grant select on audit to wallet_read;

-- A wallet that is frozen pays for no call and no message. The customer reads the reason.
alter table wallet add column frozen_at timestamptz,
    add column frozen_reason text,
    add constraint wallet_frozen_has_a_reason check (
        (frozen_at is null) = (frozen_reason is null) and length(frozen_reason) between 3 and 500
    );
grant update (frozen_at, frozen_reason) on wallet to wallet_web, wallet_worker;

create index adjustment_waiting on adjustment (asked_at) where state = 'waiting';
