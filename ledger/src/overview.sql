-- What every look at a wallet needs, in one statement. $1 wallet, $2 customer, $3 and $4 since when top-ups
-- were started and settled, $5 since when a call that was asked for may still come, $6 how many notices.
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
       (select max(price_list_id) from price_list) as price_list
from wallet where wallet_id = $1
