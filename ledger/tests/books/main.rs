//! The books on a real database: what they promise, tried from outside.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected should stop there"
)]

#[path = "../support/mod.rs"]
mod support;

mod account;
mod call;
mod call_at_once;
mod call_late;
mod campaign;
mod corruptions;
mod crash;
mod credit;
mod desk;
mod device;
mod dialer;
mod extend;
mod first_page;
mod guard;
mod guards;
mod history;
mod house;
mod interleave;
mod model;
mod notice;
mod orders;
mod overview;
mod passkey;
mod personal;
mod pool;
mod portable;
mod price_list;
mod referral;
mod refill;
mod replay;
mod seal;
mod seeded;
mod sound;
mod statement;
mod verify;
