-- What each account comes to up to a checkpoint, so that the state of the house is not added up over all
-- transfers whenever somebody looks: what came after the checkpoint is added to it. It is made of what it
-- sums up, and the check adds all of that up anew.
create table house_sum (
    checkpoint_id bigint not null,
    account text not null,
    balance numeric(18, 4) not null,
    -- When the snapshot was taken, by the clock that writes the times of transfers.
    summed_at timestamptz not null default now(),
    primary key (checkpoint_id, account),
    constraint house_sum_is_possible check (balance > -1000000000000 and balance < 1000000000000)
);

grant select on house_sum to wallet_worker, wallet_read;
grant insert (checkpoint_id, account, balance) on house_sum to wallet_worker;
