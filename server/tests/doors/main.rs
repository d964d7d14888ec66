//! The doors of a whole server: real HTTP, a real database, the sandbox as the world outside.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected should stop there"
)]

mod account;
mod authorization;
mod bench;
mod card;
mod careless;
mod desk;
mod dial;
mod dispute;
mod events;
mod fault;
mod gone;
mod headers;
mod invoice;
mod kept;
mod languages;
mod lies;
mod money;
mod notices;
mod proof;
mod receipt;
mod reconcile;
mod referral;
mod refill;
mod refill_answer;
mod refill_fault;
mod refill_stop;
mod refund;
mod round_trips;
mod settle;
mod sign_in;
mod statement;
mod switchboard;
mod top_up;
mod webhook;
mod world;
