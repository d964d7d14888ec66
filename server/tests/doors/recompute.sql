-- Every charge again, from the records alone and by Postgres' own arithmetic: calls whose price copied
-- at the start, seconds talked and entries in the books do not agree. None, if all is well.
with billed as (
    select wallet_id, call_id, charge, shrinkage, held, released, billed_seconds, per_minute, connection_fee,
        case
            when talked_seconds = 0 then 0
            when talked_seconds <= initial_seconds then initial_seconds
            else initial_seconds + ceil((talked_seconds - initial_seconds)::numeric / increment_seconds) * increment_seconds
        end as seconds
    from call where ended_at is not null
), recomputed as (
    select *, case seconds when 0 then 0 else round(connection_fee + per_minute * seconds / 60, 4) end as cost
    from billed
), moved as (
    select wallet_id, subject_id as call_id,
        coalesce(sum(case when kind = 'capture' and to_account = 'call_revenue' then amount
                          when kind = 'capture' then -amount end), 0) as captured,
        coalesce(sum(case when to_account = 'held' and from_account = 'available' then amount end), 0) as set_aside,
        coalesce(sum(case when from_account = 'held' and to_account = 'available' then amount end), 0) as given_back
    from transfer where subject = 'call' group by wallet_id, subject_id
)
select call_id, format('charge %s, shrinkage %s, cost %s, captured %s, set aside %s, given back %s',
    charge, shrinkage, cost, captured, set_aside, given_back)
from recomputed left join moved using (wallet_id, call_id)
where billed_seconds <> seconds
    or charge + shrinkage <> cost
    or charge <> coalesce(captured, 0)
    or coalesce(set_aside, 0) <> coalesce(captured, 0) + coalesce(given_back, 0)
order by call_id
