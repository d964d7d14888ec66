-- A free call moves nothing, and a row changed behind the ledger's back moves nothing either: the quick form
-- of the check finds calls by their own times too. A summary of each block range costs a write next to nothing.
create index call_by_time on call using brin (authorized_at, ended_at);
