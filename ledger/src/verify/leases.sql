-- V8: no call holds credit past its time. The worker that gives such calls up has a few minutes.
with violation as (
    select format('wallet %s call %s since %s', wallet_id, call_id, expires_at) as example
    from call
    where state in ('authorized', 'answered') and expires_at < now() - interval '5 minutes'
      and ($1::timestamptz is null or expires_at >= $1)
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
