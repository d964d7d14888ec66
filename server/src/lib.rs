//! The doors: pages, Stripe's webhook, workers and operator commands. No SQL, no prices: what is
//! asked here is decided and written in `ledger`.

pub mod command;
pub mod config;
#[cfg(feature = "embedded-database")]
pub mod database;
mod door;
pub mod limits;
mod price_folder;
mod price_report;
pub mod push;
mod router;
mod serve;
mod session;
mod worker;

/// Pages are built of many small pieces; this one hands them out at half the cost of the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub use price_folder::take_in as take_in_price_lists;
pub use router::{Doors, router};
pub use serve::serve;
pub use worker::Workers;
