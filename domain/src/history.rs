//! What happened in a wallet: one item per thing, each with the transfers it consists of.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use uuid::Uuid;

use crate::call::CallState;
use crate::dispute::DisputeState;
use crate::lots::about;
use crate::message::MessageState;
use crate::rate::{Pricing, RateKind};
use crate::refund::RefundState;
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
    Call(CallItem),
    Message(MessageItem),
    Refund(RefundItem),
    Dispute(DisputeItem),
    Grant(GrantItem),
    Adjustment(AdjustmentItem),
}

impl Thing {
    /// What its transfers belong to: its reference, behind its purchase's if it is about one.
    pub fn subject_id(&self) -> String {
        match self {
            Self::Refund(item) => about(&item.top_up_id.to_string(), &item.refund_id),
            Self::Dispute(item) => about(&item.top_up_id.to_string(), &item.dispute_id),
            other => other.reference(),
        }
    }

    /// The reference a customer can quote; unique in the wallet.
    pub fn reference(&self) -> String {
        match self {
            Self::TopUp(item) => item.top_up_id.to_string(),
            Self::Call(item) => item.call_id.clone(),
            Self::Message(item) => item.message_id.clone(),
            Self::Refund(item) => item.refund_id.clone(),
            Self::Dispute(item) => item.dispute_id.clone(),
            Self::Grant(item) => item.grant_id.clone(),
            Self::Adjustment(item) => item.adjustment_id.to_string(),
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
    /// Whether it came with an invoice.
    pub has_invoice: bool,
}

/// A call as history shows it: all that its arithmetic needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallItem {
    /// The switch's name of the call.
    pub call_id: String,
    pub state: CallState,
    /// E.164 digits; gone once the account is closed. Pages mask it until asked.
    pub callee: Option<String>,
    pub destination: String,
    pub kind: RateKind,
    /// As it was when the call was authorized.
    pub pricing: Pricing,
    /// What is set aside while it runs.
    pub held: Money,
    pub answered_at: Option<OffsetDateTime>,
    pub ended_at: Option<OffsetDateTime>,
    pub talked_seconds: Option<i64>,
    pub billed_seconds: Option<i64>,
    pub charge: Option<Money>,
    /// Charged for the confirmed seconds because nobody reported its end.
    pub estimated: bool,
    /// A late report put the estimate right.
    pub corrected: bool,
}

/// A message as history shows it. Its text belongs to the page of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageItem {
    pub message_id: String,
    pub state: MessageState,
    pub sender: Option<String>,
    pub segments: u32,
    pub charge: Money,
    pub delivered_at: Option<OffsetDateTime>,
}

/// A refund as history and its page show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundItem {
    pub refund_id: String,
    pub top_up_id: TopUpId,
    pub state: RefundState,
    /// Paid credit that was returned.
    pub credit: Money,
    /// Bonus taken back.
    pub clawback: Money,
    /// What arrives at the card.
    pub amount: Money,
    pub asked_at: OffsetDateTime,
}

/// A dispute as history shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeItem {
    pub dispute_id: String,
    pub top_up_id: TopUpId,
    pub state: DisputeState,
    pub amount: Money,
    /// What the bank has taken of it.
    pub withdrawn: Money,
}

/// Credit given by a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantItem {
    pub grant_id: String,
    pub reason: String,
    pub amount: Money,
    pub expires_at: Option<OffsetDateTime>,
}

/// A correction by support, with the reason the customer reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdjustmentItem {
    pub adjustment_id: Uuid,
    pub reason: String,
    /// Positive gave, negative took.
    pub amount: Money,
}

words!(
    /// Which things to show.
    HistoryKind {
        TopUps = "top-ups",
        Calls = "calls",
        Messages = "messages",
        /// Credit given, and corrections.
        Credit = "credit",
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

/// A letter for the kind and the longest name a thing may have.
const LONGEST_ID: usize = 1 + 128;

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
        // Others choose the names of calls and messages: anything printable, of their longest length.
        let known = id.len() <= LONGEST_ID && id.bytes().all(|b| b.is_ascii_graphic());
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
