-- Seals: signed checkpoints over what was written, so that a change made later by anybody, the owner
-- of the database included, shows. Made by a worker, off the path of every act.

create table checkpoint (
    checkpoint_id bigint primary key,
    -- The digest of the checkpoint before, which makes them a chain.
    previous bytea not null,
    root bytea not null,
    ranges bigint not null,
    transfers bigint not null,
    sealed_at timestamptz not null,
    public_key bytea not null,
    signature bytea not null,
    constraint checkpoint_counts_from_one check (checkpoint_id >= 1),
    constraint checkpoint_seals_something check (ranges > 0 and transfers > 0)
);

-- Which transfers of a wallet a checkpoint covers. Numbers have no gaps, so a range says it all.
create table sealed_range (
    wallet_id uuid not null,
    first_seq bigint not null,
    last_seq bigint not null,
    checkpoint_id bigint not null,
    position bigint not null,
    root bytea not null,
    primary key (wallet_id, first_seq),
    constraint sealed_range_has_one_end unique (wallet_id, last_seq),
    constraint sealed_range_is_not_empty check (first_seq >= 1 and last_seq >= first_seq)
);
create index sealed_range_by_checkpoint on sealed_range (checkpoint_id, position);

grant select on checkpoint, sealed_range to wallet_web, wallet_worker, wallet_read;
grant insert on checkpoint, sealed_range to wallet_worker;
