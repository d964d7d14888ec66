-- V4: the last transfer shows what the wallet shows.
with scope as (
    select distinct wallet_id from transfer where $1::timestamptz is not null and created_at >= $1
    union all
    select wallet_id from wallet where $1::timestamptz is null
), violation as (
    select format('wallet %s', wallet.wallet_id) as example
    from scope
    join wallet on wallet.wallet_id = scope.wallet_id
    left join transfer as last on last.wallet_id = wallet.wallet_id and last.seq = wallet.version
    where coalesce(last.seq, 0) <> wallet.version
       or coalesce(last.available_after, 0) <> wallet.paid + wallet.promotional - wallet.held
       or coalesce(last.held_after, 0) <> wallet.held
       or coalesce(last.promotional_after, 0) <> wallet.promotional
       or coalesce(last.debt_after, 0) <> wallet.debt
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
