-- A payment whose card network warned of fraud keeps the warning beside it (`top_up.alarm`): money did not
-- move, and somebody decides whether to send it back before it is disputed. The desk counts these.
create index top_up_warned_of on top_up (settled_at) where state = 'settled' and alarm is not null;
