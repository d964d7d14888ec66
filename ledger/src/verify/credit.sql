-- V14: each posted correction, each grant and each charged message has its transfer of that amount,
-- and none of these transfers is without one.
with thing as (
    select wallet_id, 'adjustment' as subject, adjustment_id::text as subject_id, amount from adjustment
    where state = 'posted' and ($1::timestamptz is null or decided_at >= $1)
    union all
    select wallet_id, 'campaign', grant_id, amount from credit_grant
    where $1::timestamptz is null or granted_at >= $1
    union all
    select wallet_id, 'message', message_id, -charge from message
    where charge > 0 and ($1::timestamptz is null or delivered_at >= $1)
), written as (
    select wallet_id, seq, subject, subject_id,
        case when to_account = 'available' then amount else -amount end as amount
    from transfer
    where kind in ('adjustment', 'promo', 'referral', 'message') and ($1::timestamptz is null or created_at >= $1)
), violation as (
    select format('wallet %s %s %s', thing.wallet_id, thing.subject, thing.subject_id) as example
    from thing
    left join transfer on transfer.wallet_id = thing.wallet_id and transfer.subject = thing.subject
        and transfer.subject_id = thing.subject_id and transfer.kind not in ('expiry', 'clawback') and transfer.step = 0
    where transfer.amount is distinct from abs(thing.amount)
    union all
    select format('wallet %s seq %s', written.wallet_id, written.seq)
    from written
    where not exists (
        select from adjustment
        where adjustment.wallet_id = written.wallet_id and written.subject = 'adjustment'
          and adjustment_id::text = written.subject_id and state = 'posted' and adjustment.amount = written.amount
        union all
        select from credit_grant
        where credit_grant.wallet_id = written.wallet_id and written.subject = 'campaign'
          and grant_id = written.subject_id and credit_grant.amount = written.amount
        union all
        select from message
        where message.wallet_id = written.wallet_id and written.subject = 'message'
          and message_id = written.subject_id and -charge = written.amount
    )
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
