-- The desk finds a customer by whatever they quote: each name of a thing is an index.
create index top_up_by_payment on top_up (stripe_payment_id) where stripe_payment_id is not null;
create index top_up_by_charge on top_up (stripe_charge_id) where stripe_charge_id is not null;
create index top_up_by_session on top_up (stripe_session_id) where stripe_session_id is not null;
create index top_up_by_receipt on top_up (receipt_number) where receipt_number is not null;
create index call_by_id on call (call_id);
create index message_by_id on message (message_id);
create index adjustment_by_id on adjustment (adjustment_id);
create index credit_grant_by_id on credit_grant (grant_id);
create index customer_by_email_start on customer (email text_pattern_ops);
create index stripe_event_by_wallet on stripe_event (wallet_id, received_at) where wallet_id is not null;
