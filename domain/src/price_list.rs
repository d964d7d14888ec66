//! What can be wrong with a price list before its lines are looked at, and with going back to one.

use serde::{Deserialize, Serialize};

/// The longest list that is taken in, in bytes: some 150,000 lines.
pub const LONGEST_LIST: usize = 8 * 1024 * 1024;

/// Why nothing became of a price list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceRefusal {
    /// No file was chosen, or an empty one.
    NoFile,
    /// Longer than [`LONGEST_LIST`].
    TooLong,
    /// Not text in UTF-8.
    NotText,
    /// Lines that are wrong, and the first of them.
    BadLines { count: usize, first: u64 },
    /// Not a moment that is still to come.
    Moment,
    /// There is nothing newer to go back from.
    Newest,
    /// Not the digits of a prefix.
    Prefix,
    /// A reason has 3 to 500 characters.
    Reason,
    /// A limit that is no amount, or beyond what makes sense.
    Limit,
}
