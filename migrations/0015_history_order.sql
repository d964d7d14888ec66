-- Seen in a plan: an index that ends with the key of its table is taken for a lookup by that key when
-- the table is young, and then reads all of a wallet's past. The order of history needs the time only;
-- what happened in the same microsecond is sorted when it is read.
drop index call_history;
create index call_history on call (wallet_id, authorized_at);
drop index message_history;
create index message_history on message (wallet_id, received_at);
drop index adjustment_history;
create index adjustment_history on adjustment (wallet_id, asked_at);
drop index credit_grant_history;
create index credit_grant_history on credit_grant (wallet_id, granted_at);
drop index top_up_history;
create index top_up_history on top_up (wallet_id, started_at);
