-- V6: what is held is what running calls and open refunds hold, no more and no less.
with scope as (
    select distinct wallet_id from transfer where $1::timestamptz is not null and created_at >= $1
    union all
    select wallet_id from wallet where $1::timestamptz is null
), running as (
    select wallet_id, count(*) as calls, sum(held) as held from call
    where state in ('authorized', 'answered')
    group by wallet_id
), refunding as (
    select scope.wallet_id, sum(case 'held' when to_account then amount else -amount end) as held
    from scope join transfer on transfer.wallet_id = scope.wallet_id
    where subject = 'refund' and 'held' in (from_account, to_account)
    group by scope.wallet_id
), violation as (
    select format('wallet %s', wallet.wallet_id) as example
    from scope
    join wallet on wallet.wallet_id = scope.wallet_id
    left join running on running.wallet_id = wallet.wallet_id
    left join refunding on refunding.wallet_id = wallet.wallet_id
    where wallet.held <> coalesce(running.held, 0) + coalesce(refunding.held, 0)
       or wallet.running_calls <> coalesce(running.calls, 0)
    union all
    select format('wallet %s seq %s', wallet_id, seq)
    from transfer
    where ($1::timestamptz is null or created_at >= $1)
      and 'held' in (from_account, to_account) and subject not in ('call', 'refund')
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
