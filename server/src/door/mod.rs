//! One file for each door and each guard.

pub(crate) mod assets;
pub(crate) mod body;
pub(crate) mod client;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod headers;
pub(crate) mod health;
pub(crate) mod limit;
mod manifest;
pub(crate) mod origin;
pub(crate) mod pages;
pub(crate) mod paper;
mod plain;
pub(crate) mod proof;
pub(crate) mod statement;
pub(crate) mod switch;
pub(crate) mod unsubscribe;
pub(crate) mod visitor;
pub(crate) mod webhook;
