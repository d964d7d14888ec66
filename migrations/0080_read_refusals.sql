-- The check of the books looks whether a call was both granted and refused.
grant select (wallet_id, call_id, refused_at) on call_refusal to wallet_read;
