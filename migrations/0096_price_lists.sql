-- The desk lists the versions of the price book, takes in new ones and goes back to a former one. Each
-- version says whose it is; each end of a price says which version ended it, so that what newer
-- versions did can be told from what was so before them.
alter table price_list
    add column source text not null default 'file',
    add column author text,
    -- From when its lines without a date are valid.
    add column effective_at timestamptz,
    -- Prices that it changed.
    add column changes integer,
    -- The version whose prices it took up again.
    add column rolls_back_to bigint,
    add constraint price_list_source_is_known check (source in ('file', 'rollback', 'guard')),
    add constraint price_list_rollback_names_a_list check ((source = 'rollback') = (rolls_back_to is not null)),
    add constraint price_list_author_is_short check (length(author) between 1 and 254);
alter table rate add column ended_by bigint;
create index rate_by_list on rate (price_list_id, valid_to, valid_from);

grant update (changes) on price_list to wallet_worker;
grant update (ended_by) on rate to wallet_worker;
-- A price that was announced and is taken back before it was ever valid is no history.
grant delete on rate to wallet_worker;

-- A list as it was uploaded, between the look at what it would change and taking it in; for a day.
create table price_draft (
    draft_id uuid primary key,
    name text not null,
    author text not null,
    body text not null,
    created_at timestamptz not null default now(),
    constraint price_draft_name_is_short check (length(name) between 1 and 200),
    constraint price_draft_body_is_bounded check (length(body) <= 16777216)
);
create index price_draft_by_age on price_draft (created_at);
grant select, insert on price_draft to wallet_web;
grant select, delete on price_draft to wallet_worker;
