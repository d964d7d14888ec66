-- V10: each settled top-up has its transfer and its bonus, of the promised amounts, and none is without one.
with violation as (
    select format('wallet %s top-up %s has no such %s', top_up.wallet_id, top_up_id, promised.kind) as example
    from top_up
    cross join lateral (values ('top_up', amount), ('bonus', bonus)) as promised (kind, amount)
    left join transfer on transfer.wallet_id = top_up.wallet_id and transfer.subject = 'top_up'
        and transfer.subject_id = top_up_id::text and transfer.kind = promised.kind and transfer.step = 0
    where top_up.state = 'settled' and ($1::timestamptz is null or settled_at >= $1)
      and coalesce(transfer.amount, 0) <> promised.amount
    union all
    select format('wallet %s seq %s has no such top-up', transfer.wallet_id, seq)
    from transfer
    left join top_up on top_up.wallet_id = transfer.wallet_id and top_up_id::text = transfer.subject_id
        and top_up.state = 'settled'
    where kind in ('top_up', 'bonus') and ($1::timestamptz is null or created_at >= $1)
      and transfer.amount is distinct from case kind when 'top_up' then top_up.amount else top_up.bonus end
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
