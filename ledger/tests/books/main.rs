//! The books on a real database: what they promise, tried from outside.

#[path = "../support/mod.rs"]
mod support;

mod call;
mod call_late;
mod credit;
mod history;
mod verify;
