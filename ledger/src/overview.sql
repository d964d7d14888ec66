-- What every look at a wallet needs, in one statement. $1 wallet, $2 customer, $3 and $4 since when top-ups
-- were started and settled, $5 since when a call that was asked for may still come, $6 how many notices,
-- $7 whether to tell how the first page of history stands: its things in the order of `newest.sql`, each with
-- the version of its row.
select paid as "paid: Money", promotional as "promotional: Money", held as "held: Money",
       debt as "debt: Money", version,
       array(select top_up_id from top_up where wallet_id = $1 and state = 'pending'
             order by started_at desc limit 10) as "pending!",
       running_calls > 0
         or exists(select from dialed_call where wallet_id = $1 and asked_at > $5) as "has_calls!",
       array(select notice_id from notice where wallet_id = $1 and read_at is null
             order by created_at desc, notice_id desc limit $6) as "notice_ids!",
       array(select facts from notice where wallet_id = $1 and read_at is null
             order by created_at desc, notice_id desc limit $6) as "notice_facts!",
       array(select settled_at from top_up
             where wallet_id = $1 and started_at >= $3 and state = 'settled' and settled_at >= $4
             order by settled_at, top_up_id) as "bought_at!",
       array(select amount from top_up
             where wallet_id = $1 and started_at >= $3 and state = 'settled' and settled_at >= $4
             order by settled_at, top_up_id) as "bought!: Vec<Money>",
       coalesce((select level from notice_setting where wallet_id = $1 and kind = 'low_balance'),
                (select threshold from refill_rule where wallet_id = $1 and state <> 'off')) as "level: Money",
       (select talk_prefix from customer where customer_id = $2) as talk_prefix,
       (select max(price_list_id) from price_list) as price_list,
       case when $7 then array(select concat(id, ' ', row_version) from (
           (select 't' || top_up_id::text as id, started_at as at, concat(xmin, ctid) as row_version
            from top_up where wallet_id = $1
            order by started_at desc, top_up_id desc limit 51)
           union all
           (select 'c' || call_id, authorized_at, concat(xmin, ctid)
            from call where wallet_id = $1
            order by authorized_at desc, call_id desc limit 51)
           union all
           (select 'm' || message_id, received_at, concat(xmin, ctid)
            from message where wallet_id = $1 and state <> 'blocked'
            order by received_at desc, message_id desc limit 51)
           union all
           (select 'g' || grant_id, granted_at, concat(xmin, ctid)
            from credit_grant where wallet_id = $1
            order by granted_at desc, grant_id desc limit 51)
           union all
           (select 'a' || adjustment_id::text, asked_at, concat(xmin, ctid)
            from adjustment where wallet_id = $1 and state = 'posted'
            order by asked_at desc, adjustment_id desc limit 51)
           union all
           (select 'r' || top_up_id::text || '/' || refund_id, asked_at, concat(xmin, ctid)
            from refund where wallet_id = $1
            order by asked_at desc, top_up_id desc, refund_id desc limit 51)
           union all
           (select 'd' || top_up_id::text || '/' || dispute_id, opened_at, concat(xmin, ctid)
            from dispute where wallet_id = $1
            order by opened_at desc, top_up_id desc, dispute_id desc limit 51)
       ) as place order by at desc, id desc limit 51) end as first_page
from wallet where wallet_id = $1
