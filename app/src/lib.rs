//! What people see and ask: pages, components, and the server functions beside them.
//!
//! Compiled twice. With `ssr` it is the server's half, whose one door to request, session and
//! ledger is the `context` module; with `hydrate` the browser's, whose one door to the platform is
//! `browser`. Everything between the two is the same code on both sides, but for `written`: pages
//! that need no program in the browser are written by the server, and shown there as they come.

// The component macro writes `pub` items into our private modules.
#![allow(unreachable_pub)]
// What only server functions call is compiled for the browser too, and dropped by its linker.
#![cfg_attr(not(feature = "ssr"), allow(dead_code))]

#[macro_use]
mod speech;

mod address;
mod ask;
mod browser;
mod components;
#[cfg(feature = "ssr")]
mod context;
mod error;
mod head;
mod live;
mod pages;
mod sheet;
mod shell;
mod site;
mod start;
mod wire;
#[cfg(feature = "ssr")]
mod words;
#[cfg(feature = "ssr")]
mod written;

#[cfg(feature = "ssr")]
pub use context::{KeptHistory, language_of, provide_request};
pub use error::AppError;
pub use head::Head;
pub use shell::{App, shell};
pub use site::{ClientAddress, PushKey, SandboxLinks, Site};
pub use wire::in_letters;
#[cfg(feature = "ssr")]
pub use words::transfer_name;
#[cfg(feature = "ssr")]
pub use written::desk::price_lists::upload::ADDRESS as PRICE_LIST_UPLOAD;
