-- V13: a charge given back mirrors one capture of the same call that came before it, at most once, and
-- never more of it than was captured, given credit and paid apart.
with undone as (
    select wallet_id, seq, subject_id, amount, promotional from transfer
    where kind = 'capture' and from_account = 'call_revenue' and ($1::timestamptz is null or created_at >= $1)
), violation as (
    select format('wallet %s seq %s', undone.wallet_id, undone.seq) as example
    from undone
    left join transfer as captured on captured.wallet_id = undone.wallet_id and captured.subject = 'call'
        and captured.subject_id = undone.subject_id and captured.kind = 'capture' and captured.step = 0
        and captured.from_account = 'held' and captured.seq < undone.seq
    where captured.seq is null
       or undone.amount > captured.amount
       or undone.promotional > captured.promotional
       or undone.amount - undone.promotional > captured.amount - captured.promotional
    union all
    select format('wallet %s call %s', wallet_id, subject_id) from undone
    group by wallet_id, subject_id having count(*) > 1
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
