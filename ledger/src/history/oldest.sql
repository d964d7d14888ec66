-- One page of places in history, oldest first: each kind of thing gives as many as a page holds, by its
-- own index, and the page is the first of all. $1 wallet, $2 state, $3 and $4 time, $5 and $6 amount,
-- $7 text, $8 and $9 the last place of the page before, $10 how many, $11 kind.
select id as "id!", at as "at!" from (
    (select 't' || top_up_id::text as id, started_at as at from top_up
     where wallet_id = $1 and ($11::text is null or $11 = 'top-ups')
       and ($2::text is null or state = $2 or ($2 = 'failed' and state = 'expired'))
       and ($3::timestamptz is null or started_at >= $3) and ($4::timestamptz is null or started_at < $4)
       and ($5::numeric is null or amount + bonus >= $5) and ($6::numeric is null or amount + bonus <= $6)
       and ($7::text is null or concat_ws(' ', 'top-up', top_up_id, card_brand, card_last4) ilike $7)
       and ($8::timestamptz is null or (started_at >= $8 and (started_at, 't' || top_up_id::text) > ($8, $9::text)))
     order by started_at, top_up_id limit $10)
    union all
    (select 'c' || call_id as id, authorized_at as at from call
     where wallet_id = $1 and ($11::text is null or $11 = 'calls')
       and ($2::text is null or $2 = case when state in ('authorized', 'answered') then 'pending' else 'settled' end)
       and ($3::timestamptz is null or authorized_at >= $3) and ($4::timestamptz is null or authorized_at < $4)
       and ($5::numeric is null or coalesce(charge, held) >= $5) and ($6::numeric is null or coalesce(charge, held) <= $6)
       and ($7::text is null or concat_ws(' ', 'call', call_id, destination, callee) ilike $7)
       and ($8::timestamptz is null or (authorized_at >= $8 and (authorized_at, 'c' || call_id) > ($8, $9::text)))
     order by authorized_at, call_id limit $10)
    union all
    (select 'm' || message_id as id, received_at as at from message
     where wallet_id = $1 and state <> 'blocked' and ($11::text is null or $11 = 'messages')
       and ($2::text is null or $2 = case state when 'parked' then 'pending' when 'delivered' then 'settled' else 'failed' end)
       and ($3::timestamptz is null or received_at >= $3) and ($4::timestamptz is null or received_at < $4)
       and ($5::numeric is null or charge >= $5) and ($6::numeric is null or charge <= $6)
       and ($7::text is null or concat_ws(' ', 'message', message_id, sender) ilike $7)
       and ($8::timestamptz is null or (received_at >= $8 and (received_at, 'm' || message_id) > ($8, $9::text)))
     order by received_at, message_id limit $10)
    union all
    (select 'g' || grant_id as id, granted_at as at from credit_grant
     where wallet_id = $1 and ($11::text is null or $11 = 'credit')
       and ($2::text is null or $2 = 'settled')
       and ($3::timestamptz is null or granted_at >= $3) and ($4::timestamptz is null or granted_at < $4)
       and ($5::numeric is null or amount >= $5) and ($6::numeric is null or amount <= $6)
       and ($7::text is null or concat_ws(' ', kind, grant_id, reason) ilike $7)
       and ($8::timestamptz is null or (granted_at >= $8 and (granted_at, 'g' || grant_id) > ($8, $9::text)))
     order by granted_at, grant_id limit $10)
    union all
    (select 'a' || adjustment_id::text as id, asked_at as at from adjustment
     where wallet_id = $1 and state = 'posted' and ($11::text is null or $11 = 'credit')
       and ($2::text is null or $2 = 'settled')
       and ($3::timestamptz is null or asked_at >= $3) and ($4::timestamptz is null or asked_at < $4)
       and ($5::numeric is null or abs(amount) >= $5) and ($6::numeric is null or abs(amount) <= $6)
       and ($7::text is null or concat_ws(' ', 'correction', adjustment_id, reason) ilike $7)
       and ($8::timestamptz is null or (asked_at >= $8 and (asked_at, 'a' || adjustment_id::text) > ($8, $9::text)))
     order by asked_at, adjustment_id limit $10)
    union all
    (select 'r' || top_up_id::text || '/' || refund_id as id, asked_at as at from refund
     where wallet_id = $1 and ($11::text is null or $11 = 'top-ups')
       and ($2::text is null or $2 = case when state in ('due', 'pending') then 'pending'
                                          when state = 'succeeded' then 'settled' else 'failed' end)
       and ($3::timestamptz is null or asked_at >= $3) and ($4::timestamptz is null or asked_at < $4)
       and ($5::numeric is null or amount >= $5) and ($6::numeric is null or amount <= $6)
       and ($7::text is null or concat_ws(' ', 'refund', refund_id) ilike $7)
       and ($8::timestamptz is null
            or (asked_at >= $8 and (asked_at, 'r' || top_up_id::text || '/' || refund_id) > ($8, $9::text)))
     order by asked_at, top_up_id, refund_id limit $10)
    union all
    (select 'd' || top_up_id::text || '/' || dispute_id as id, opened_at as at from dispute
     where wallet_id = $1 and ($11::text is null or $11 = 'top-ups')
       and ($2::text is null or $2 = case when state in ('inquiry', 'open') then 'pending' else 'settled' end)
       and ($3::timestamptz is null or opened_at >= $3) and ($4::timestamptz is null or opened_at < $4)
       and ($5::numeric is null or amount >= $5) and ($6::numeric is null or amount <= $6)
       and ($7::text is null or concat_ws(' ', 'dispute', dispute_id, reason) ilike $7)
       and ($8::timestamptz is null
            or (opened_at >= $8 and (opened_at, 'd' || top_up_id::text || '/' || dispute_id) > ($8, $9::text)))
     order by opened_at, top_up_id, dispute_id limit $10)
) as place order by at, id limit $10
