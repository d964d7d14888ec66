-- The quick form of the check looks at what was written since a moment. Transfers lie on disk in
-- the order of time, so a summary of each block range finds them; it costs an insert next to nothing.
create index transfer_by_time on transfer using brin (created_at);
