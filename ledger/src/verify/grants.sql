-- V20, first half: the time granted to a call never shrank.
with answer as (
    select wallet_id, call_id, seq, granted_seconds, held,
        lag(granted_seconds) over later as granted_before, lag(held) over later as held_before
    from call_update
    where $1::timestamptz is null or exists (
        select from call where call.wallet_id = call_update.wallet_id and call.call_id = call_update.call_id
        and authorized_at >= $1)
    window later as (partition by wallet_id, call_id order by seq)
), violation as (
    select format('wallet %s call %s update %s', wallet_id, call_id, seq) as example
    from answer
    where granted_seconds < granted_before or held < held_before
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
