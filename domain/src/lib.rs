//! The rules of the wallet: what is right, with no I/O, no clock and no randomness.
//!
//! Everything here is a value or a pure function, the same in the browser and on the server;
//! what depends on the time takes `now` as an argument.
//!
//! # Glossary
//!
//! | Word | Means |
//! |---|---|
//! | wallet | a customer's balances and their history |
//! | transfer | an unchanging move of a positive amount from one account to another |
//! | available | may be spent: `paid + promotional − held` |
//! | held | set aside for a running call or a refund on its way |
//! | paid | credit that was bought; never expires |
//! | promotional | credit that was given; has an expiry, is spent first |
//! | debt | owed after a dispute; the next top-up pays it first |
//! | quote, authorize, hold, extend, capture, release, expire | the life of a call, see [`call`] |
//! | top-up | money coming in: pending, settled, failed or expired |
//! | rate, charge | a destination's price; what a call costs |
//! | refund, adjustment, clawback, expiry | back to the card; support's correction; bonus taken back; promotional credit past its date |
//! | auto-refill, refill | a saved card charged when the balance drops below a threshold, see [`refill`]; one such top-up |
//! | campaign, redeem, code | credit that is given for a promo code; to take it; the code's normal form, see [`campaign`] |
//! | invitation, reward | a friend's code entered before the first purchase; what both get for it, see [`referral`] |
//! | declined | a *no* with a reason a person understands, see [`Declined`] |

/// Tests that another crate reads too say whose names they mean.
#[cfg(test)]
extern crate self as domain;

pub mod adjustment;
pub mod call;
pub mod campaign;
pub mod card;
pub mod declined;
pub mod dispute;
pub mod email;
pub mod history;
pub mod id;
pub mod lots;
pub mod message;
pub mod meter;
pub mod money;
pub mod notice;
pub mod offer;
pub mod price_list;
pub mod rate;
pub mod referral;
pub mod refill;
pub mod refund;
pub mod spend;
pub mod staff;
pub mod statement;
pub mod top_up;
pub mod transfer;
pub mod wallet;

pub use declined::Declined;
pub use email::Email;
pub use id::{CustomerId, TopUpId, WalletId};
pub use money::Money;
pub use transfer::{Account, Subject, TransferKind};
pub use wallet::Wallet;
