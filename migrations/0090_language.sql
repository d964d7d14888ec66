-- The language of a person's letters and notices, and of pages in a browser that is new to us: what
-- was chosen, or what the first sign-in was in. None for those who have not signed in since.
alter table customer
    add column language text,
    add constraint customer_language_is_ours check (language in ('en', 'es', 'fr', 'hi', 'ar'));

grant update (language) on customer to wallet_web;
