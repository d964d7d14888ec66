-- V16: each refund and each dispute has moved what its row says, no more and no less, and the refunds of
-- a payment never exceed what it paid.
with said as (
    select wallet_id, 'refund' as subject, top_up_id, top_up_id::text || '/' || refund_id as subject_id,
        case state when 'succeeded' then amount else 0 end as sent,
        case when state in ('due', 'pending') and source <> 'stripe' then amount + clawback else 0 end as held,
        state = 'pending' and source = 'stripe' as is_under_way
    from refund where $1::timestamptz is null or asked_at >= $1 or ended_at >= $1
    union all
    select wallet_id, 'dispute', top_up_id, top_up_id::text || '/' || dispute_id, withdrawn, 0, false
    from dispute where $1::timestamptz is null or opened_at >= $1 or ended_at >= $1
), moved as (
    select said.wallet_id, said.subject_id,
        coalesce(sum(case 'stripe_clearing' when to_account then amount when from_account then -amount end), 0) as sent,
        coalesce(sum(case 'held' when to_account then amount when from_account then -amount end), 0) as held
    from said
    left join transfer on transfer.wallet_id = said.wallet_id and transfer.subject = said.subject
        and transfer.subject_id = said.subject_id
    group by said.wallet_id, said.subject_id
), violation as (
    select format('wallet %s %s %s', said.wallet_id, said.subject, said.subject_id) as example
    from said join moved using (wallet_id, subject_id)
    where (moved.sent <> said.sent and not is_under_way) or moved.held <> said.held
    union all
    select format('wallet %s top-up %s', refund.wallet_id, refund.top_up_id)
    from refund
    join top_up on top_up.wallet_id = refund.wallet_id and top_up.top_up_id = refund.top_up_id
    where refund.state = 'succeeded'
    group by refund.wallet_id, refund.top_up_id, top_up.amount
    having sum(refund.amount) > top_up.amount
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
