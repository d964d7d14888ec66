//! Disputes: a bank asks about a payment, or takes it back for its customer.

use serde::{Deserialize, Serialize};

use crate::transfer::words;

words!(
    /// How a dispute stands.
    DisputeState {
        /// The bank asks; no money moved.
        Inquiry = "inquiry",
        /// The bank wants the money back; it may have taken it.
        Open = "open",
        /// Decided for the payment: what was taken came back.
        Won = "won",
        Lost = "lost",
    }
);

impl DisputeState {
    /// Whether nothing may be refunded because of it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Inquiry | Self::Open)
    }
}
