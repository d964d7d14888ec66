-- V1: every transfer is a possible one. The closed list comes from the rules, not from the constraint.
with violation as (
    select format('wallet %s seq %s: %s %s from %s to %s', wallet_id, seq, kind, amount, from_account, to_account) as example
    from transfer
    where ($1::timestamptz is null or created_at >= $1)
      and not (
          amount > 0 and amount <= $2::numeric and promotional >= 0 and promotional <= amount
          and (kind || ' ' || from_account || ' ' || to_account) = any($3::text[])
      )
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
