-- V5: at no moment was a balance below zero. Paid credit is what is left of the total.
with violation as (
    select format('wallet %s seq %s', wallet_id, seq) as example
    from transfer
    where ($1::timestamptz is null or created_at >= $1)
      and not (
          available_after >= 0 and held_after >= 0 and promotional_after >= 0 and debt_after >= 0
          and available_after + held_after - promotional_after >= 0
      )
    union all
    select format('wallet %s', wallet_id)
    from wallet
    where ($1 is null or wallet_id in (select wallet_id from transfer where created_at >= $1))
      and not (paid >= 0 and promotional >= 0 and held >= 0 and debt >= 0 and paid + promotional - held >= 0)
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
