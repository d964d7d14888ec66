-- The quick form of the check asks each table what changed since a moment. Rows lie on disk in about the
-- order of time, so a summary of each block range finds them and costs a write next to nothing. What calls
-- changed is known from their transfers.
create index top_up_by_time on top_up using brin (started_at, settled_at);
create index message_by_time on message using brin (received_at, delivered_at);
create index credit_grant_by_time on credit_grant using brin (granted_at);
