//! Which credit pays for what: a fold over a wallet's entries, in order of `seq`.
//!
//! Every inflow is a lot of paid credit, of given credit, or one of each. Given credit is spent
//! earliest expiry first, paid credit oldest first; a refund, a dispute, a clawback and an expiry
//! take from the lot they are about. The state after any entry can be kept as a snapshot, so that
//! the cost of an answer does not grow with the wallet's age.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::history::Entry;
use crate::{Account, Money, Subject, TransferKind};

/// Credit that came in at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// The entry that brought it.
    pub seq: i64,
    pub kind: TransferKind,
    pub subject: Subject,
    pub subject_id: String,
    /// Given, not bought.
    pub is_promotional: bool,
    pub amount: Money,
    pub left: Money,
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
}

/// A part of an outflow and the lot it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub lot_seq: i64,
    pub is_promotional: bool,
    pub amount: Money,
}

/// What is left of every credit after entry `seq`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lots {
    pub seq: i64,
    lots: Vec<Lot>,
}

/// The entries do not follow from each other: the books would not pass their check either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTheBooks {
    #[error("fold entries: number {found} after {before}")]
    Gap { before: i64, found: i64 },
    #[error("fold entries: entry {seq} spends {missing} that no credit covers")]
    Uncovered { seq: i64, missing: Money },
}

/// What an outflow that is about one purchase refers to: a refund's and a dispute's id begin with
/// the purchase's, so that the books alone tell which credit they take.
pub fn about(purchase: &str, id: &str) -> String {
    format!("{purchase}/{id}")
}

/// The purchase that a thing is about; of anything else, its own id.
fn purchase(subject_id: &str) -> &str {
    subject_id.split('/').next().unwrap_or_default()
}

impl Lot {
    /// Credit that came back from a refund or a dispute is its purchase's again.
    fn purchase(&self) -> &str {
        purchase(&self.subject_id)
    }
}

impl Lots {
    /// Takes the next entry along; returns which credit it spent.
    pub fn apply(&mut self, entry: &Entry) -> Result<Vec<Share>, NotTheBooks> {
        if entry.seq != self.seq + 1 {
            return Err(NotTheBooks::Gap {
                before: self.seq,
                found: entry.seq,
            });
        }
        let shares = if entry.brings_credit() {
            self.bring(entry);
            Vec::new()
        } else if entry.spends_credit() {
            self.spend(entry)?
        } else {
            Vec::new()
        };
        self.seq = entry.seq;
        Ok(shares)
    }

    /// Credit with something left, in the order it is spent within its kind.
    pub fn left(&self) -> impl Iterator<Item = &Lot> {
        self.lots.iter().filter(|lot| lot.left.is_positive())
    }

    /// What is left of the paid credit of one purchase.
    pub fn paid_left(&self, purchase: &str) -> Money {
        self.left_of(purchase, false)
    }

    /// What is left of the bonus of one purchase.
    pub fn given_left(&self, purchase: &str) -> Money {
        self.left_of(purchase, true)
    }

    fn left_of(&self, purchase: &str, is_promotional: bool) -> Money {
        self.left()
            .filter(|lot| lot.is_promotional == is_promotional && lot.purchase() == purchase)
            .map(|lot| lot.left)
            .sum()
    }

    /// Given credit that is past its date now.
    pub fn expired(&self, now: OffsetDateTime) -> impl Iterator<Item = &Lot> {
        self.left()
            .filter(move |lot| lot.is_promotional && lot.expires_at.is_some_and(|at| at <= now))
    }

    pub fn total(&self, is_promotional: bool) -> Money {
        self.left()
            .filter(|lot| lot.is_promotional == is_promotional)
            .map(|lot| lot.left)
            .sum()
    }

    /// Forgets credit that is used up: a snapshot needs only what can still be spent.
    pub fn compact(&mut self) {
        self.lots.retain(|lot| lot.left.is_positive());
    }

    fn bring(&mut self, entry: &Entry) {
        let parts = [
            (false, entry.amount - entry.promotional, None),
            (true, entry.promotional, entry.expires_at),
        ];
        for (is_promotional, amount, expires_at) in parts {
            if amount.is_positive() {
                self.lots.push(Lot {
                    seq: entry.seq,
                    kind: entry.kind,
                    subject: entry.subject,
                    subject_id: entry.subject_id.clone(),
                    is_promotional,
                    amount,
                    left: amount,
                    expires_at,
                });
            }
        }
    }

    fn spend(&mut self, entry: &Entry) -> Result<Vec<Share>, NotTheBooks> {
        let mut shares = Vec::new();
        for (is_promotional, amount) in [
            (true, entry.promotional),
            (false, entry.amount - entry.promotional),
        ] {
            let missing = self.take(entry, is_promotional, amount, &mut shares);
            if missing.is_positive() {
                return Err(NotTheBooks::Uncovered {
                    seq: entry.seq,
                    missing,
                });
            }
        }
        Ok(shares)
    }

    /// Takes an amount from lots of one sort; returns what they did not cover.
    fn take(
        &mut self,
        entry: &Entry,
        is_promotional: bool,
        amount: Money,
        shares: &mut Vec<Share>,
    ) -> Money {
        let purchase = purchase(&entry.subject_id);
        let mut order: Vec<usize> = (0..self.lots.len())
            .filter(|&at| {
                self.lots[at].is_promotional == is_promotional && self.lots[at].left.is_positive()
            })
            .collect();
        // Credit without a date is spent after all credit that has one.
        order.sort_by_key(|&at| {
            let lot = &self.lots[at];
            let is_meant = entry.is_about_a_lot() && lot.purchase() == purchase;
            (!is_meant, lot.expires_at.is_none(), lot.expires_at, lot.seq)
        });
        let mut missing = amount;
        for at in order {
            let part = self.lots[at].left.min(missing);
            if !part.is_positive() {
                break;
            }
            self.lots[at].left -= part;
            missing -= part;
            shares.push(Share {
                lot_seq: self.lots[at].seq,
                is_promotional,
                amount: part,
            });
        }
        missing
    }
}

impl Entry {
    /// Whether it adds to what the customer has, held or not.
    fn brings_credit(&self) -> bool {
        self.from.is_house() && self.to != Account::Debt
    }

    /// Whether it takes from what the customer has. Paying a debt does, making one does not.
    fn spends_credit(&self) -> bool {
        (self.to.is_house() || self.to == Account::Debt)
            && self.from != Account::Debt
            && !self.from.is_house()
    }

    fn is_about_a_lot(&self) -> bool {
        matches!(
            self.kind,
            TransferKind::Refund
                | TransferKind::Clawback
                | TransferKind::Dispute
                | TransferKind::Expiry
                | TransferKind::DebtPayment
        )
    }
}

#[cfg(test)]
#[path = "lots_tests.rs"]
mod tests;
