-- V24: while there is debt nothing new is set aside, and a top-up pays the debt first, as far as it goes.
-- Only wallets that ever owed are looked at; in the quick form, those that changed since then.
with scope as (
    -- With the row before the first one looked at.
    select wallet_id, min(seq) - 1 as from_seq from transfer
    where $1::timestamptz is not null and created_at >= $1
    group by wallet_id
    union all
    select distinct wallet_id, 0::bigint from transfer where $1::timestamptz is null and debt_after > 0
), follow as (
    select wallet_id, seq, kind, amount, created_at, debt_after,
        lag(debt_after, 1, 0) over later as debt_before,
        lead(kind) over later as next_kind, lead(amount) over later as next_amount
    from scope join transfer using (wallet_id)
    where seq >= from_seq
    window later as (partition by wallet_id order by seq)
), violation as (
    select format('wallet %s seq %s', wallet_id, seq) as example
    from follow
    where ($1::timestamptz is null or created_at >= $1) and debt_before > 0 and (
        kind in ('hold', 'extend', 'refund_hold')
        or (kind = 'top_up' and (next_kind is distinct from 'debt_payment'
                                 or next_amount is distinct from least(debt_before, amount)))
    )
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
