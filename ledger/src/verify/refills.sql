-- V17 and V19: one charge of a saved card is under way at most, none is of unknown outcome for long, each
-- that succeeded is a settled top-up and the other way round, and no note waits to be looked at.
with violation as (
    select format('wallet %s has %s refills under way', wallet_id, count(*)) as example
    from refill_attempt
    where state in ('created', 'sent', 'unknown', 'processing') and ($1::timestamptz is null or decided_at >= $1)
    group by wallet_id having count(*) > 1
    union all
    select format('refill %s of wallet %s is unknown since %s', top_up_id, wallet_id, first_sent_at)
    from refill_attempt
    where state in ('sent', 'unknown') and first_sent_at < now() - interval '1 hour'
      and ($1 is null or decided_at >= $1)
    union all
    select format('refill %s of wallet %s is %s, its top-up %s', top_up.top_up_id, top_up.wallet_id,
        coalesce(attempt.state, 'not there'), top_up.state)
    from top_up left join refill_attempt as attempt
        on attempt.wallet_id = top_up.wallet_id and attempt.top_up_id = top_up.top_up_id
    where top_up.source = 'refill' and ($1 is null or top_up.started_at >= $1)
      and ((attempt.state is not distinct from 'succeeded') <> (top_up.state = 'settled')
          or attempt.amount is distinct from top_up.amount)
    union all
    select format('wallet %s waits since %s for a decision', wallet_id, next_at)
    from refill_due where next_at < now() - interval '5 minutes' and ($1 is null or next_at >= $1)
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
