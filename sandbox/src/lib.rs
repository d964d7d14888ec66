//! The world outside, simulated: a payment server that speaks Stripe's API, a mailbox that speaks
//! SMTP, and a telephone switch that speaks the wallet's charging API. Everything is kept in memory, and in a file on request (`state_file`); no real
//! money moves and no message leaves.
//!
//! - `gate` is the door of the API: who asks, faults, repeated requests, then `stripe` answers.
//! - `payment` decides what a test card does; `event`, `webhook` and `delivery` tell the
//!   merchant about it.
//! - `pages` are what a customer sees on the payment provider's side.
//! - `switch` places calls and sends messages, well or badly on request.
//! - `control` is for developers and tests: faults, clock, disputes, the record of what happened.
//!
//! Bodies come from the JSON in `templates/`, never from the types of a client library: such a
//! library is the witness that the bodies are right and cannot testify for itself.

mod admission;
mod amount;
mod card;
mod clock;
mod config;
mod connection;
mod control;
mod decline;
mod delivery;
mod error;
mod event;
mod expand;
mod fault;
mod form;
mod gate;
mod id;
mod idempotency;
mod link;
mod list;
mod mail;
mod pages;
mod params;
mod payment;
mod pdf;
mod record;
mod server;
mod setup;
mod state;
mod state_file;
mod stripe;
mod switch;
mod template;
mod timer;
mod webhook;
mod world;

pub use card::test_cards;
pub use config::Config;
pub use server::{Running, start};
