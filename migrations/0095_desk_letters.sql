-- The desk says what became of the letter about a notice, and sends it once more: a letter knows its
-- notice. Letters without one hold codes; of them the desk learns that they were sent, never a word.
alter table email add column notice_id uuid;
create index email_by_notice on email (notice_id, created_at) where notice_id is not null;
create index email_by_recipient on email (recipient, created_at);
