//! `kill -9` of a real server in the middle of its work.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected should stop there"
)]

mod calls;
mod credit;
mod process;
mod refill;
mod seed;
