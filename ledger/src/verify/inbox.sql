-- V12: every event is done, was none of ours, or is young.
with violation as (
    select format('event %s is %s since %s', event_id, state, received_at) as example
    from stripe_event
    where ($1::timestamptz is null or received_at >= $1)
      and (state = 'dead' or (state = 'due' and received_at < now() - interval '5 minutes'))
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
