//! The doors: pages, Stripe's webhook, workers and operator commands. No SQL, no prices: what is
//! asked here is decided and written in `ledger`.

pub mod command;
pub mod config;
#[cfg(feature = "embedded-database")]
pub mod database;
mod door;
pub mod limits;
pub mod push;
mod router;
mod serve;
mod session;
mod worker;

pub use router::{Doors, router};
pub use serve::serve;
pub use worker::Workers;
