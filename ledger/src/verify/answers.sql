-- V18: one answer for each question: a call was granted or refused, never both; its last numbered update
-- is the last one answered, and nothing was promised in it that the call does not hold.
with violation as (
    select format('wallet %s call %s', call.wallet_id, call.call_id) as example
    from call_refusal join call using (wallet_id, call_id)
    where $1::timestamptz is null or refused_at >= $1
    union all
    select format('wallet %s call %s update %s', call.wallet_id, call.call_id, call_update.seq)
    from call_update join call using (wallet_id, call_id)
    where ($1::timestamptz is null or call.authorized_at >= $1)
      and (call_update.seq > call.update_seq or call_update.held > call.held
           or call_update.granted_seconds > call.granted_seconds)
    union all
    select format('wallet %s call %s', call.wallet_id, call.call_id)
    from call
    where update_seq > 0 and ($1::timestamptz is null or authorized_at >= $1)
      and not exists (
          select from call_update
          where call_update.wallet_id = call.wallet_id and call_update.call_id = call.call_id
            and call_update.seq = call.update_seq
      )
)
select count(*) as "violations!", coalesce((array_agg(example))[1:5], '{}') as "examples!: Vec<String>" from violation
