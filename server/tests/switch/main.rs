//! The charging API as a telephone switch uses it: real HTTP, a real database.

#![allow(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected should stop there"
)]

mod bugs;
mod contract;
mod described;
mod guards;
mod overload;
mod prices;
mod refused;
mod storm;
mod support;
