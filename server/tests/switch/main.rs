//! The charging API as a telephone switch uses it: real HTTP, a real database.

mod bugs;
mod contract;
mod guards;
mod prices;
mod storm;
mod support;
