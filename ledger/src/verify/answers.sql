-- V18: one answer for each question: a call was granted or refused, never both; its last numbered update
-- is the last one answered, and nothing was promised in it that the call does not hold.
with touched as (
    select wallet_id, call_id from call where $1::timestamptz is null
    union all (
        select wallet_id, subject_id from transfer where created_at >= $1 and subject = 'call'
        union
        select wallet_id, call_id from call where authorized_at >= $1 or ended_at >= $1
    )
), changed as (
    select call.wallet_id, call.call_id, call.update_seq, call.held, call.granted_seconds
    from touched join call using (wallet_id, call_id)
), violation as (
    select format('wallet %s call %s', call.wallet_id, call.call_id) as example
    from call_refusal join call using (wallet_id, call_id)
    where $1::timestamptz is null or refused_at >= $1
    union all
    select format('wallet %s call %s update %s', wallet_id, call_id, call_update.seq)
    from call_update join changed using (wallet_id, call_id)
    where call_update.seq > changed.update_seq or call_update.held > changed.held
       or call_update.granted_seconds > changed.granted_seconds
    union all
    select format('wallet %s call %s', wallet_id, call_id)
    from changed
    where update_seq > 0 and not exists (
        select from call_update
        where call_update.wallet_id = changed.wallet_id and call_update.call_id = changed.call_id
          and call_update.seq = changed.update_seq
    )
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
