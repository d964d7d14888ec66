-- V6: what is held belongs to calls and refunds, and none of them gave back more than it took.
with scope as (
    select distinct wallet_id, subject, subject_id from transfer
    where ($1::timestamptz is null or created_at >= $1) and 'held' in (from_account, to_account)
), thing as (
    select wallet_id, subject, subject_id,
        sum(case 'held' when to_account then amount else -amount end) as held,
        count(*) filter (where kind = 'capture') as captures
    from scope join transfer using (wallet_id, subject, subject_id)
    where 'held' in (from_account, to_account)
    group by wallet_id, subject, subject_id
), violation as (
    select format('wallet %s %s %s', wallet_id, subject, subject_id) as example
    from thing
    where held < 0 or subject not in ('call', 'refund') or captures > 1
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
