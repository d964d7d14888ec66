//! One file per page: its server functions, then the page, then its own parts.

pub(crate) mod account;
pub(crate) mod add_credit;
pub(crate) mod auto_refill;
pub(crate) mod call;
pub(crate) mod card;
pub(crate) mod language;
pub(crate) mod messages;
pub(crate) mod refund;
pub(crate) mod sign_in;
pub(crate) mod wallet;
pub(crate) mod written;
