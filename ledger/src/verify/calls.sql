-- V7: the transfers of a call add up to what the call says: what it holds while it runs, nothing once
-- it is closed; one capture, of its charge, at most corrected once; none if nobody answered.
with scope as (
    select wallet_id, call_id from call where $1::timestamptz is null
    union
    select wallet_id, subject_id from transfer
    where $1::timestamptz is not null and created_at >= $1 and subject = 'call'
    union
    select wallet_id, call_id from call where authorized_at >= $1 or ended_at >= $1
), moved as (
    select scope.wallet_id, scope.call_id,
        coalesce(sum(case 'held' when to_account then amount when from_account then -amount end), 0) as held,
        coalesce(sum(case 'call_revenue' when to_account then amount when from_account then -amount end), 0) as charged,
        coalesce(sum(amount) filter (where to_account = 'held' and from_account = 'available'), 0) as set_aside,
        count(*) filter (where kind = 'capture' and step = 0) as captures,
        count(*) filter (where kind = 'capture' and step > 0) as corrections
    from scope
    left join transfer on transfer.wallet_id = scope.wallet_id and subject = 'call' and subject_id = scope.call_id
    group by scope.wallet_id, scope.call_id
), violation as (
    select format('wallet %s call %s', moved.wallet_id, moved.call_id) as example
    from moved left join call on call.wallet_id = moved.wallet_id and call.call_id = moved.call_id
    where call.call_id is null
       or moved.charged > moved.set_aside
       or moved.captures > 1 or moved.corrections > 1
       or (call.state in ('authorized', 'answered')
           and (moved.held <> call.held or moved.captures + moved.corrections > 0))
       or (call.state in ('ended', 'expired')
           and (moved.held <> 0 or moved.charged <> call.charge or (call.talked_seconds = 0 and moved.charged <> 0)))
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
