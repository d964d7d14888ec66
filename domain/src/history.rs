//! What happened in a wallet: one item per thing, each with the transfers it consists of.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::top_up::{TopUpSource, TopUpState};
use crate::transfer::words;
use crate::{Account, Money, Subject, TopUpId, TransferKind};

/// One written transfer with the balances after it: the running balance of the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// 1, 2, 3 … without gaps in each wallet.
    pub seq: i64,
    pub kind: TransferKind,
    pub from: Account,
    pub to: Account,
    pub amount: Money,
    pub promotional: Money,
    pub available_after: Money,
    pub held_after: Money,
    pub promotional_after: Money,
    pub debt_after: Money,
    pub subject: Subject,
    pub subject_id: String,
    /// When credit given by this transfer ends, if it does.
    pub expires_at: Option<OffsetDateTime>,
    pub at: OffsetDateTime,
}

impl Entry {
    /// What this entry did to what may be spent: positive in, negative out, zero for moves
    /// between `held` and the house.
    pub fn effect_on_available(&self) -> Money {
        match (self.from, self.to) {
            (Account::Available, _) => -self.amount,
            (_, Account::Available) => self.amount,
            _ => Money::ZERO,
        }
    }
}

/// One thing that happened, newest state, with its entries in order of `seq`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryItem {
    pub thing: Thing,
    pub at: OffsetDateTime,
    pub entries: Vec<Entry>,
}

impl HistoryItem {
    /// What the thing did to what may be spent, all its entries together.
    pub fn amount(&self) -> Money {
        self.entries.iter().map(Entry::effect_on_available).sum()
    }

    /// What could be spent after its last entry; none while nothing has moved.
    pub fn balance_after(&self) -> Option<Money> {
        self.entries.last().map(|entry| entry.available_after)
    }
}

/// What an item is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    TopUp(TopUpItem),
}

impl Thing {
    /// The reference a customer can quote; unique in the wallet.
    pub fn reference(&self) -> String {
        match self {
            Self::TopUp(item) => item.top_up_id.to_string(),
        }
    }
}

/// A top-up as history shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUpItem {
    pub top_up_id: TopUpId,
    pub source: TopUpSource,
    pub state: TopUpState,
    pub amount: Money,
    /// As promised when checkout started.
    pub bonus: Money,
    pub card_brand: Option<String>,
    pub card_last4: Option<String>,
    /// Stripe's word for the last decline (`insufficient_funds`), for the page to put in a sentence.
    pub decline_code: Option<String>,
    /// Whether Stripe has a receipt to open.
    pub has_receipt: bool,
}

words!(
    /// Which things to show.
    HistoryKind {
        TopUps = "top-ups",
    }
);

words!(
    /// Which states to show.
    HistoryState {
        Pending = "pending",
        Settled = "settled",
        Failed = "failed",
    }
);

words!(
    HistoryOrder {
        Newest = "newest",
        Oldest = "oldest",
    }
);

/// What the customer asked to see. Dates are moments already: the day's edges in the customer's zone.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct HistoryFilter {
    pub kind: Option<HistoryKind>,
    pub state: Option<HistoryState>,
    pub from: Option<OffsetDateTime>,
    /// Exclusive.
    pub until: Option<OffsetDateTime>,
    /// Smallest and largest absolute amount.
    pub at_least: Option<Money>,
    pub at_most: Option<Money>,
    /// Matched against reference, card digits and other words of the row, without regard to case.
    pub text: Option<String>,
    pub oldest_first: bool,
}

/// Where the next page starts: after this item, in the order asked for.
///
/// Written as `<microseconds since 1970>-<id>`; opaque to people, stable under insertions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    pub at_micros: i64,
    pub id: String,
}

/// The text is not a cursor we wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read cursor: not one of ours")]
pub struct NotACursor;

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        format!("{}-{}", cursor.at_micros, cursor.id)
    }
}

impl TryFrom<String> for Cursor {
    type Error = NotACursor;

    fn try_from(text: String) -> Result<Self, NotACursor> {
        let (micros, id) = text.split_once('-').ok_or(NotACursor)?;
        let at_micros = micros.parse().map_err(|_| NotACursor)?;
        let known = id.len() <= 64
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        // Years 1970 to 9999: what a timestamp can hold.
        if id.is_empty() || !known || !(0..=253_402_300_799_999_999).contains(&at_micros) {
            return Err(NotACursor);
        }
        Ok(Self {
            at_micros,
            id: id.to_owned(),
        })
    }
}

/// One page of history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPage {
    pub items: Vec<HistoryItem>,
    /// None on the last page.
    pub next: Option<Cursor>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_a_made_up_one_is_refused() {
        let cursor = Cursor {
            at_micros: 1_790_000_000_000_000,
            id: "0190-ab".into(),
        };
        assert_eq!(Cursor::try_from(String::from(cursor.clone())), Ok(cursor));
        for text in [
            "",
            "-",
            "1-",
            "x-1",
            "1-a b",
            "1-';drop",
            "-5-a",
            "999999999999999999999-a",
        ] {
            assert_eq!(
                Cursor::try_from(text.to_owned()),
                Err(NotACursor),
                "{text:?}"
            );
        }
    }
}
