-- V3: a wallet is the sum of its transfers. In the quick form, of those since then on top of the last before.
with scope as (
    select wallet_id, min(seq) as first_seq from transfer
    where $1::timestamptz is null or created_at >= $1
    group by wallet_id
), moved as (
    select scope.wallet_id, scope.first_seq, count(*) as rows, max(seq) as last_seq,
        sum(case 'available' when to_account then amount when from_account then -amount else 0 end) as available,
        sum(case 'held' when to_account then amount when from_account then -amount else 0 end) as held,
        sum(case 'debt' when from_account then amount when to_account then -amount else 0 end) as debt,
        sum(case
            when from_account not in ('available', 'held', 'debt') then promotional
            when to_account not in ('available', 'held', 'debt') then -promotional
            else 0 end) as promotional
    from scope join transfer on transfer.wallet_id = scope.wallet_id and seq >= scope.first_seq
    group by scope.wallet_id, scope.first_seq
), looked_at as (
    -- A transfer of no wallet is one too many.
    select wallet_id from moved
    union
    select wallet_id from wallet where $1::timestamptz is null
), violation as (
    select format('wallet %s', looked_at.wallet_id) as example
    from looked_at
    left join wallet on wallet.wallet_id = looked_at.wallet_id
    left join moved on moved.wallet_id = looked_at.wallet_id
    left join transfer as base on base.wallet_id = moved.wallet_id and base.seq = moved.first_seq - 1
    where wallet.wallet_id is null
       or wallet.version <> coalesce(moved.last_seq, 0)
       or wallet.version <> coalesce(base.seq, 0) + coalesce(moved.rows, 0)
       or wallet.held <> coalesce(base.held_after, 0) + coalesce(moved.held, 0)
       or wallet.debt <> coalesce(base.debt_after, 0) + coalesce(moved.debt, 0)
       or wallet.promotional <> coalesce(base.promotional_after, 0) + coalesce(moved.promotional, 0)
       or wallet.paid + wallet.promotional - wallet.held
           <> coalesce(base.available_after, 0) + coalesce(moved.available, 0)
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
