-- V20, first half: the time granted to a call never shrank.
with changed as (
    select wallet_id, call_id from call where $1::timestamptz is null
    union all (
        select wallet_id, subject_id from transfer where created_at >= $1 and subject = 'call'
        union
        select wallet_id, call_id from call where authorized_at >= $1 or ended_at >= $1
    )
), answer as (
    select wallet_id, call_id, seq, granted_seconds, held,
        lag(granted_seconds) over later as granted_before, lag(held) over later as held_before
    from call_update join changed using (wallet_id, call_id)
    window later as (partition by wallet_id, call_id order by seq)
), violation as (
    select format('wallet %s call %s update %s', wallet_id, call_id, seq) as example
    from answer
    where granted_seconds < granted_before or held < held_before
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
