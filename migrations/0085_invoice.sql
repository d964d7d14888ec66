-- Whether a customer wants an invoice of a top-up: asked before paying, and part of what is sent to Stripe,
-- so it is frozen with the row. The invoice itself is found by the session; Stripe's links to it expire, so
-- none is kept.
alter table top_up add column wants_invoice boolean not null default false;
grant insert (wants_invoice) on top_up to wallet_web, wallet_worker;
