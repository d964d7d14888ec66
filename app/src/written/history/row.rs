//! What a page of history is made of, as the server writes it for this customer.

use domain::Money;
use domain::top_up::TopUpState;

use super::query::FieldProblem;
use crate::components::icon::Sign;
use crate::pages::wallet::charge::Charge;

/// One page of history, by the customer's days.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HistoryView {
    pub(crate) days: Vec<Day>,
    /// The cursor of the next page, in the address that shows it.
    pub(crate) next: Option<String>,
    /// Said when times are not the customer's own.
    pub(crate) zone_note: Option<String>,
    /// Filters that could not be read and were left out.
    pub(crate) problems: Vec<FieldProblem>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Day {
    /// `2026-11-22`
    pub(crate) date: String,
    pub(crate) title: String,
    /// What the day did to the balance; none when only part of the day is on this page.
    pub(crate) total: Option<Money>,
    pub(crate) rows: Vec<Row>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// What a customer can quote.
    pub(crate) reference: String,
    pub(crate) title: String,
    /// Said beside the title: the card, the number.
    pub(crate) with: Option<String>,
    pub(crate) state: TopUpState,
    /// Where it stands, in words.
    pub(crate) said: String,
    pub(crate) sign: Sign,
    /// The class that colors the sign.
    pub(crate) tone: Tone,
    pub(crate) amount: Money,
    /// Other amounts of the same thing, each on a line of its own: a bonus, a debt paid.
    pub(crate) parts: Vec<Part>,
    pub(crate) at: When,
    /// Why it did not work, and the next step.
    pub(crate) explanation: Option<String>,
    /// How the amount came about, a line each.
    pub(crate) lines: Vec<String>,
    /// What a charge follows from, for who wants it worked out anew.
    pub(crate) charge: Option<Charge>,
    /// Shown only to who asks for it: a telephone number.
    pub(crate) hidden: Option<String>,
    pub(crate) steps: Vec<EntryLine>,
    pub(crate) balance_after: Option<Money>,
    /// Where it can be followed or finished.
    pub(crate) link: Option<String>,
    /// What Stripe wrote about it: a name, and where it opens.
    pub(crate) papers: Vec<(String, String)>,
}

/// What color a sign has; the word beside it says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Credit,
    Hold,
    Alert,
    Quiet,
    /// Money that was spent: nothing to worry about.
    Plain,
}

impl Tone {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Credit => "sign credit",
            Self::Hold => "sign hold",
            Self::Alert => "sign alert",
            Self::Quiet => "sign quiet",
            Self::Plain => "sign",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) label: String,
    pub(crate) amount: Money,
}

/// A moment, written on the server.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct When {
    /// `2:41 PM`
    pub(crate) short: String,
    /// With day, seconds and zone, for hovering.
    pub(crate) full: String,
    /// For machines.
    pub(crate) machine: String,
}

/// One transfer with the balances after it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EntryLine {
    pub(crate) seq: i64,
    pub(crate) label: String,
    /// Until when credit given by it may be spent.
    pub(crate) until: Option<String>,
    pub(crate) amount: Money,
    /// What it did to what may be spent: signed, zero for moves of what was set aside.
    pub(crate) effect: Money,
    pub(crate) available_after: Money,
    pub(crate) held_after: Money,
    pub(crate) at: When,
    pub(crate) day: String,
}

/// The raw transfers, newest first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EntriesView {
    pub(crate) lines: Vec<EntryLine>,
    /// The next page starts below this sequence number.
    pub(crate) next: Option<i64>,
    pub(crate) zone_note: Option<String>,
}
