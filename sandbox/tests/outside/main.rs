//! The sandbox from outside: over HTTP and SMTP, as the wallet and its customers meet it.
//! Every body that passes through [`harness`] is decoded with async-stripe's types on the way.

#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test may fail where it stands"
)]

mod calls;
mod checkout;
mod client;
mod control;
mod faults;
mod harness;
mod idempotency;
mod invoices;
mod lists;
mod mail;
mod messages;
mod misbehavior;
mod money_back;
mod objects;
mod payment_methods;
mod restarts;
mod saved_cards;
mod switchboard;
mod three_d_secure;
mod time;
mod wallet;
mod webhooks;
mod witness;
