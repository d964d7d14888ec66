-- The page of the house counts what waits and what was given up among 90 days of events and letters: the few
-- rows are found without reading the others.
create index stripe_event_waiting on stripe_event (next_at) where state in ('due', 'dead');
create index email_waiting on email (next_at) where state in ('due', 'dead');
